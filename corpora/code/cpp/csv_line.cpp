// Split one line of a CSV file into its fields, quoted fields included.
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

std::vector<std::string> parse_line(std::string_view line, char separator = ',') {
    std::vector<std::string> fields(1);
    bool quoted = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        const char c = line[i];
        const bool doubled = i + 1 < line.size() && line[i + 1] == '"';
        if (quoted && c == '"' && doubled) {
            fields.back() += '"';  // two quotes inside a quoted field stand for one
            ++i;
        } else if (c == '"') {
            quoted = !quoted;
        } else if (c == separator && !quoted) {
            fields.emplace_back();
        } else {
            fields.back() += c;
        }
    }
    if (quoted) {
        throw std::invalid_argument("the last quoted field is never closed");
    }
    return fields;
}

int main() {
    constexpr auto line = R"(7,"Crème brûlée, large","She said ""oui""",,4.50)";
    int number = 0;
    for (const auto& field : parse_line(line)) {
        std::cout << ++number << ": [" << field << "]\n";
    }
    return 0;
}
