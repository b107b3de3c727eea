'use strict';

// Merge overlapping time intervals, such as the bookings of a meeting room.

/** Disjoint intervals in order; those that only touch are joined too. */
function merge(intervals) {
  const merged = [];
  const sorted = [...intervals].sort((a, b) => a.start - b.start || a.end - b.end);
  for (const { start, end } of sorted) {
    const last = merged.at(-1);
    if (last && start <= last.end) {
      last.end = Math.max(last.end, end);
    } else {
      merged.push({ start, end });
    }
  }
  return merged;
}

function totalLength(intervals) {
  return merge(intervals).reduce((sum, { start, end }) => sum + (end - start), 0);
}

const bookings = [
  { start: 13, end: 15 },
  { start: 8, end: 9 },
  { start: 9, end: 11 },
  { start: 14, end: 18 },
  { start: 20, end: 21 },
];
console.log(merge(bookings).map(({ start, end }) => `${start}–${end}`).join(', '));
console.log('hours in use:', totalLength(bookings));
