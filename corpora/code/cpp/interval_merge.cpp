// Merge overlapping time intervals, such as the bookings of a meeting room.
#include <algorithm>
#include <iostream>
#include <numeric>
#include <vector>

struct Interval {
    int start;
    int end;
    bool operator<(const Interval& other) const { return start < other.start; }
};

std::ostream& operator<<(std::ostream& out, const Interval& interval) {
    return out << interval.start << "–" << interval.end;
}

// Disjoint intervals in order; those that only touch are joined too.
std::vector<Interval> merge(std::vector<Interval> intervals) {
    std::sort(intervals.begin(), intervals.end());
    std::vector<Interval> merged;
    for (const auto& next : intervals) {
        if (merged.empty() || next.start > merged.back().end) merged.push_back(next);
        else merged.back().end = std::max(merged.back().end, next.end);
    }
    return merged;
}

int main() {
    const auto merged = merge({{13, 15}, {8, 9}, {9, 11}, {14, 18}, {20, 21}});
    const char* separator = "";
    for (const auto& interval : merged) {
        std::cout << separator << interval;
        separator = ", ";
    }
    const int hours = std::accumulate(merged.begin(), merged.end(), 0,
        [](int sum, const Interval& interval) { return sum + interval.end - interval.start; });
    std::cout << "\nhours in use: " << hours << '\n';
}
