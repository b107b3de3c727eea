// A cache with room for a few entries: the one unused for longest has to go first.
#include <iostream>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

class LruCache {
public:
    explicit LruCache(std::size_t capacity) : capacity_(capacity) {}
    std::optional<std::string> get(const std::string& key) {
        const auto found = index_.find(key);
        if (found == index_.end()) { ++misses; return std::nullopt; }
        ++hits;
        entries_.splice(entries_.begin(), entries_, found->second);  // now the most recently used
        return found->second->second;
    }
    void put(const std::string& key, std::string value) {
        if (const auto found = index_.find(key); found != index_.end()) entries_.erase(found->second);
        entries_.emplace_front(key, std::move(value));
        index_[key] = entries_.begin();
        if (entries_.size() > capacity_) { index_.erase(entries_.back().first); entries_.pop_back(); }
    }
    int hits = 0, misses = 0;
private:
    std::size_t capacity_;
    std::list<std::pair<std::string, std::string>> entries_;
    std::unordered_map<std::string, decltype(entries_)::iterator> index_;
};

int main() {
    LruCache capitals(2);
    capitals.put("Peru", "Lima");
    capitals.put("Brazil", "Brasília");
    capitals.get("Peru");
    capitals.put("Colombia", "Bogotá");  // pushes Brazil out
    for (const auto* name : {"Peru", "Brazil", "Colombia"})
        std::cout << name << " = " << capitals.get(name).value_or("(not cached)") << '\n';
    std::cout << capitals.hits << " hits, " << capitals.misses << " misses\n";
}
