// Find the way with the fewest stops through a metro map (breadth-first search).
#include <iostream>
#include <list>
#include <map>
#include <queue>
#include <string>
#include <vector>

using Graph = std::map<std::string, std::vector<std::string>>;

std::list<std::string> shortest_path(const Graph& graph, const std::string& start, const std::string& goal) {
    std::map<std::string, std::string> previous{{start, ""}};
    std::queue<std::string> queue({start});
    for (; !queue.empty() && previous.count(goal) == 0; queue.pop()) {
        const auto found = graph.find(queue.front());
        if (found == graph.end()) continue;
        for (const auto& neighbour : found->second) {
            if (previous.emplace(neighbour, queue.front()).second) queue.push(neighbour);
        }
    }
    std::list<std::string> path;
    if (previous.count(goal) == 0) return path;  // the goal cannot be reached
    for (std::string step = goal; !step.empty(); step = previous.at(step)) path.push_front(step);
    return path;
}

int main() {
    const Graph metro{
        {"Kadıköy", {"Üsküdar", "Bostancı"}}, {"Üsküdar", {"Kadıköy", "Yenikapı"}},
        {"Bostancı", {"Kadıköy"}},            {"Yenikapı", {"Üsküdar", "Taksim"}},
        {"Taksim", {"Yenikapı", "Levent"}},   {"Levent", {"Taksim"}},
    };
    const auto path = shortest_path(metro, "Kadıköy", "Levent");
    if (path.empty()) std::cout << "no connection";
    for (const auto& station : path) std::cout << (&station == &path.front() ? "" : " → ") << station;
    std::cout << '\n';
}
