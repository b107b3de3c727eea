// Count the words of a text and print the most frequent ones.
#include <algorithm>
#include <cctype>
#include <cstdio>
#include <map>
#include <string>
#include <vector>

// Bytes from 0x80 up belong to letters outside ASCII; an apostrophe may stand inside a word.
bool is_letter(unsigned char c) { return std::isalpha(c) || c >= 0x80 || c == '\''; }

std::vector<std::string> tokenize(const std::string& text) {
    std::vector<std::string> words;
    for (auto it = text.begin(); it != text.end();) {
        auto end = std::find_if_not(it, text.end(), is_letter);
        if (end == it) { ++it; continue; }
        std::string& word = words.emplace_back(it, end);
        std::transform(it, end, word.begin(), [](unsigned char c) { return std::tolower(c); });
        it = end;
    }
    return words;
}

int main() {
    const std::string text = "The cat saw the dog; the dog didn't see the naïve cat.";
    std::map<std::string, int> counts;
    for (const auto& word : tokenize(text)) ++counts[word];

    // A map is in alphabetical order, and a stable sort leaves equal counts that way.
    std::vector<std::pair<std::string, int>> ranked(counts.begin(), counts.end());
    std::stable_sort(ranked.begin(), ranked.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    ranked.resize(std::min<std::size_t>(3, ranked.size()));
    for (const auto& [word, count] : ranked) std::printf("%-8s%3d\n", word.c_str(), count);
}
