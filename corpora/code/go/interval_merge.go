// Merge overlapping time intervals, such as the bookings of a meeting room.
package main

import (
	"fmt"
	"sort"
	"strings"
)

type Interval struct{ Start, End int }

func (i Interval) String() string { return fmt.Sprintf("%d–%d", i.Start, i.End) }

// merge returns disjoint intervals in order; those that only touch are joined too.
func merge(intervals []Interval) []Interval {
	sorted := append([]Interval(nil), intervals...)
	sort.Slice(sorted, func(a, b int) bool { return sorted[a].Start < sorted[b].Start })
	var merged []Interval
	for _, next := range sorted {
		last := len(merged) - 1
		if last < 0 || next.Start > merged[last].End {
			merged = append(merged, next)
		} else if next.End > merged[last].End {
			merged[last].End = next.End
		}
	}
	return merged
}

func main() {
	bookings := []Interval{{13, 15}, {8, 9}, {9, 11}, {14, 18}, {20, 21}}
	var texts []string
	hours := 0
	for _, interval := range merge(bookings) {
		texts = append(texts, interval.String())
		hours += interval.End - interval.Start
	}
	fmt.Println(strings.Join(texts, ", "))
	fmt.Println("hours in use:", hours)
}
