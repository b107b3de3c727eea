"""Merge overlapping time intervals, such as the bookings of a meeting room."""

from typing import NamedTuple


class Interval(NamedTuple):
    start: int
    end: int

    def __str__(self) -> str:
        return f"{self.start}–{self.end}"


def merge(intervals: list[Interval]) -> list[Interval]:
    """Disjoint intervals in order; those that only touch are joined too."""
    merged: list[Interval] = []
    for interval in sorted(intervals):
        if merged and interval.start <= merged[-1].end:
            last = merged.pop()
            interval = Interval(last.start, max(last.end, interval.end))
        merged.append(interval)
    return merged


def total_length(intervals: list[Interval]) -> int:
    return sum(end - start for start, end in merge(intervals))


if __name__ == "__main__":
    bookings = [Interval(13, 15), Interval(8, 9), Interval(9, 11), Interval(14, 18), Interval(20, 21)]
    print(", ".join(map(str, merge(bookings))))
    print("hours in use:", total_length(bookings))
