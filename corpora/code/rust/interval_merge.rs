//! Merge overlapping time intervals, such as the bookings of a meeting room.

use std::fmt;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Interval {
    start: u32,
    end: u32,
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}–{}", self.start, self.end)
    }
}

/// Disjoint intervals in order; those that only touch are joined too.
fn merge(mut intervals: Vec<Interval>) -> Vec<Interval> {
    intervals.sort();
    let mut merged: Vec<Interval> = Vec::with_capacity(intervals.len());
    for next in intervals {
        match merged.last_mut() {
            Some(last) if next.start <= last.end => last.end = last.end.max(next.end),
            _ => merged.push(next),
        }
    }
    merged
}

fn main() {
    let bookings = [(13, 15), (8, 9), (9, 11), (14, 18), (20, 21)];
    let merged = merge(bookings.map(|(start, end)| Interval { start, end }).to_vec());
    let texts: Vec<_> = merged.iter().map(ToString::to_string).collect();
    println!("{}", texts.join(", "));
    println!("hours in use: {}", merged.iter().map(|i| i.end - i.start).sum::<u32>());
}
