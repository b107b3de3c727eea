import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Collectors;

/** Merges overlapping time intervals, such as the bookings of a meeting room. */
public final class IntervalMerge {
    record Interval(int start, int end) {
        int length() { return end - start; }

        @Override
        public String toString() { return start + "–" + end; }
    }

    /** Returns disjoint intervals in order; those that only touch are joined too. */
    static Deque<Interval> merge(List<Interval> intervals) {
        Deque<Interval> merged = new ArrayDeque<>();
        intervals.stream().sorted(Comparator.comparingInt(Interval::start)).forEach(next -> {
            if (merged.isEmpty() || next.start() > merged.getLast().end()) {
                merged.addLast(next);
            } else {
                Interval last = merged.removeLast();
                merged.addLast(new Interval(last.start(), Math.max(last.end(), next.end())));
            }
        });
        return merged;
    }

    public static void main(String[] args) {
        List<Interval> bookings = List.of(new Interval(13, 15), new Interval(8, 9),
                new Interval(9, 11), new Interval(14, 18), new Interval(20, 21));
        Deque<Interval> merged = merge(bookings);
        System.out.println(merged.stream().map(Interval::toString).collect(Collectors.joining(", ")));
        System.out.println("hours in use: " + merged.stream().mapToInt(Interval::length).sum());
    }
}
