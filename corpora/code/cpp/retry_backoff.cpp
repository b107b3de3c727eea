// Call an operation again after a failure, and wait twice as long each time.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <stdexcept>
#include <string>
#include <thread>

using namespace std::chrono_literals;

class TransientError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

template <typename Operation>
auto retry(Operation operation, int max_attempts = 5) {
    constexpr std::chrono::milliseconds max_delay = 2s;
    std::chrono::milliseconds delay = 10ms;
    for (int attempt = 1;; ++attempt) {
        try {
            return operation();
        } catch (const TransientError& error) {
            if (attempt == max_attempts) throw;
            std::cout << "attempt " << attempt << " failed: " << error.what() << "; waiting "
                      << delay.count() << " ms\n";
        }
        std::this_thread::sleep_for(delay);
        delay = std::min(delay * 2, max_delay);
    }
}

int main() {
    auto flaky_server = [failures = 2]() mutable -> std::string {
        if (failures-- > 0) throw TransientError("connection reset");
        return "200 OK – merhaba!";
    };
    std::cout << retry(flaky_server) << '\n';
}
