// Convert numbers between 1 and 3999 to Roman numerals and back.
#include <array>
#include <iostream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

constexpr std::array<std::pair<int, std::string_view>, 13> symbols{{
    {1000, "M"}, {900, "CM"}, {500, "D"}, {400, "CD"}, {100, "C"}, {90, "XC"}, {50, "L"},
    {40, "XL"}, {10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"},
}};

std::string to_roman(int number) {
    if (number < 1 || number > 3999) throw std::out_of_range("not between 1 and 3999");
    std::string numeral;
    for (const auto& [value, symbol] : symbols) {
        for (; number >= value; number -= value) numeral += symbol;
    }
    return numeral;
}

int from_roman(std::string_view numeral) {
    int total = 0;
    for (const auto& [value, symbol] : symbols) {
        while (numeral.substr(0, symbol.size()) == symbol) {
            total += value;
            numeral.remove_prefix(symbol.size());
        }
    }
    if (!numeral.empty()) throw std::invalid_argument("“" + std::string(numeral) + "” is left over");
    return total;
}

int main() {
    for (const int number : {4, 9, 1994, 2024}) {
        const auto numeral = to_roman(number);
        std::cout << number << " → " << numeral << " → " << from_roman(numeral) << '\n';
    }
}
