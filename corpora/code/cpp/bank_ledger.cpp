// A small bank ledger: amounts are whole cents, so that nothing is lost to rounding.
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>

std::string format_euros(long cents) {
    const auto rest = std::to_string(cents % 100);
    return std::to_string(cents / 100) + (rest.size() < 2 ? ".0" : ".") + rest + " €";
}

struct Ledger {
    void deposit(const std::string& owner, long cents) {
        if (cents <= 0) throw std::invalid_argument("a deposit must be positive");
        balances[owner] += cents;
    }
    void transfer(const std::string& payer, const std::string& payee, long cents) {
        long& available = balances[payer];
        if (cents > available) throw std::runtime_error(payer + " has only " + format_euros(available));
        deposit(payee, cents);
        available -= cents;
    }
    std::map<std::string, long> balances;
};

int main() {
    Ledger ledger;
    ledger.deposit("Zoë", 250'00);
    ledger.deposit("Ömer", 75'50);
    ledger.transfer("Zoë", "Ömer", 40'25);
    try {
        ledger.transfer("Ömer", "Zoë", 500'00);
    } catch (const std::runtime_error& error) {
        std::cout << "refused: " << error.what() << '\n';
    }
    for (const auto& [owner, cents] : ledger.balances)
        std::cout << owner << ": " << format_euros(cents) << '\n';
}
