// Print a table of temperatures in degrees Celsius and Fahrenheit.
#include <iomanip>
#include <iostream>
#include <string_view>

namespace {

constexpr double freezing = 0.0;
constexpr double hot = 30.0;

constexpr double to_fahrenheit(double celsius) { return celsius * 9 / 5 + 32; }
static_assert(to_fahrenheit(100) == 212);

constexpr std::string_view describe(double celsius) {
    if (celsius <= freezing) return "freezing";
    return celsius >= hot ? "hot" : "mild";
}

void print_table(std::ostream& out, int first, int last, int step) {
    // setw pads by bytes and “°” has two of them, so the spaces are written out.
    out << "    °C       °F  remark\n" << std::fixed << std::setprecision(1);
    for (int celsius = first; celsius <= last; celsius += step) {
        out << std::setw(6) << celsius << ' ' << std::setw(8) << to_fahrenheit(celsius) << "  "
            << describe(celsius) << '\n';
    }
}

}  // namespace

int main() {
    print_table(std::cout, -10, 40, 10);
    return 0;
}
