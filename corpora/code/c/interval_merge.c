/* Merge overlapping time intervals, such as the bookings of a meeting room. */
#include <stdio.h>
#include <stdlib.h>

typedef struct {
    int start;
    int end;
} interval_t;

static int compare_starts(const void *left, const void *right)
{
    return ((const interval_t *)left)->start - ((const interval_t *)right)->start;
}

/* Merges in place, those that only touch too; returns how many intervals are left. */
static size_t merge(interval_t *intervals, size_t count)
{
    size_t last = 0;
    qsort(intervals, count, sizeof *intervals, compare_starts);
    for (size_t i = 1; i < count; i++) {
        if (intervals[i].start > intervals[last].end) {
            intervals[++last] = intervals[i];
        } else if (intervals[i].end > intervals[last].end) {
            intervals[last].end = intervals[i].end;
        }
    }
    return count == 0 ? 0 : last + 1;
}

int main(void)
{
    interval_t bookings[] = {{13, 15}, {8, 9}, {9, 11}, {14, 18}, {20, 21}};
    size_t count = merge(bookings, sizeof bookings / sizeof *bookings);
    int hours = 0;
    for (size_t i = 0; i < count; i++) {
        printf("%s%d–%d", i > 0 ? ", " : "", bookings[i].start, bookings[i].end);
        hours += bookings[i].end - bookings[i].start;
    }
    printf("\nhours in use: %d\n", hours);
}
