// Break a paragraph into lines of limited width, without cutting words.
#include <algorithm>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

constexpr std::size_t width = 28;

// Characters, not bytes: in UTF-8 a byte 10xxxxxx only continues a character.
std::size_t count_characters(const std::string& text) {
    return std::count_if(text.begin(), text.end(), [](unsigned char byte) { return (byte & 0xC0) != 0x80; });
}

// Lines of at most `limit` characters; a longer word gets a line of its own.
std::vector<std::string> wrap(const std::string& text, std::size_t limit) {
    std::vector<std::string> lines;
    std::istringstream words(text);
    for (std::string word; words >> word;) {
        if (!lines.empty() && count_characters(lines.back()) + 1 + count_characters(word) <= limit) {
            lines.back() += ' ' + word;
        } else {
            lines.push_back(word);
        }
    }
    return lines;
}

int main() {
    const std::string text =
        "The old ferry crosses the fjord twice a day, even when the wind "
        "from Ålesund is strong and the passengers stay in the café.";
    std::cout << std::string(width, '-') << '\n';
    for (const auto& line : wrap(text, width)) std::cout << line << '\n';
}
