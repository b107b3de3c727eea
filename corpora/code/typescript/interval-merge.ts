// Merge overlapping time intervals, such as the bookings of a meeting room.

type Interval = readonly [start: number, end: number];

/** Disjoint intervals in order; those that only touch are joined too. */
function merge(intervals: readonly Interval[]): Interval[] {
  const sorted = [...intervals].sort(([a], [b]) => a - b);
  const merged: Interval[] = [];
  for (const interval of sorted) {
    const last = merged.at(-1);
    if (last === undefined || interval[0] > last[1]) {
      merged.push(interval);
    } else {
      merged[merged.length - 1] = [last[0], Math.max(last[1], interval[1])];
    }
  }
  return merged;
}

const totalLength = (intervals: readonly Interval[]): number =>
  merge(intervals).reduce((sum, [start, end]) => sum + end - start, 0);

const format = ([start, end]: Interval): string => `${start}–${end}`;

const bookings: Interval[] = [[13, 15], [8, 9], [9, 11], [14, 18], [20, 21]];
console.log(merge(bookings).map(format).join(", "));
console.log("hours in use:", totalLength(bookings));
