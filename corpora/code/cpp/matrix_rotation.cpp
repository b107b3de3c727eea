// Turn a matrix by 90 degrees, clockwise.
#include <array>
#include <cstddef>
#include <iomanip>
#include <iostream>
#include <string_view>

template <typename T, std::size_t Rows, std::size_t Columns>
using Matrix = std::array<std::array<T, Columns>, Rows>;

// The first column, read from the bottom up, becomes the first row of the result.
template <typename T, std::size_t Rows, std::size_t Columns>
constexpr Matrix<T, Columns, Rows> rotate_clockwise(const Matrix<T, Rows, Columns>& matrix) {
    Matrix<T, Columns, Rows> turned{};
    for (std::size_t i = 0; i < Rows; ++i) {
        for (std::size_t j = 0; j < Columns; ++j) turned[j][Rows - 1 - i] = matrix[i][j];
    }
    return turned;
}

template <typename T, std::size_t Rows, std::size_t Columns>
void show(std::string_view title, const Matrix<T, Rows, Columns>& matrix) {
    std::cout << title << '\n';
    for (const auto& row : matrix) {
        for (std::size_t j = 0; j < Columns; ++j) std::cout << (j ? " " : "") << std::setw(3) << row[j];
        std::cout << '\n';
    }
}

int main() {
    constexpr Matrix<int, 2, 3> original{{{1, 2, 3}, {4, 5, 6}}};
    constexpr auto turned = rotate_clockwise(original);
    show("original", original);
    show("turned by 90°", turned);
    // Four quarter turns bring back the matrix we started from.
    const auto restored = rotate_clockwise(rotate_clockwise(rotate_clockwise(turned)));
    std::cout << "same again: " << (restored == original ? "yes" : "no") << '\n';
}
