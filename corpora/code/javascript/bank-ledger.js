'use strict';

// A small bank ledger: amounts are whole cents, so that nothing is lost to rounding.

class InsufficientFunds extends Error {}

class Ledger {
  #balances = new Map();

  deposit(owner, cents) {
    if (!Number.isInteger(cents) || cents <= 0) {
      throw new RangeError(`a deposit must be positive, not ${cents}`);
    }
    this.#balances.set(owner, (this.#balances.get(owner) ?? 0) + cents);
  }

  transfer(payer, payee, cents) {
    const available = this.#balances.get(payer) ?? 0;
    if (cents > available) throw new InsufficientFunds(`${payer} has only ${formatEuros(available)}`);
    this.#balances.set(payer, available - cents);
    this.deposit(payee, cents);
  }

  entries() {
    return [...this.#balances].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

const formatEuros = (cents) => `${(cents / 100).toFixed(2)} €`;

const ledger = new Ledger();
ledger.deposit('Zoë', 250_00);
ledger.deposit('Ömer', 75_50);
ledger.transfer('Zoë', 'Ömer', 40_25);
try {
  ledger.transfer('Ömer', 'Zoë', 500_00);
} catch (error) {
  console.log('refused:', error.message);
}
for (const [owner, cents] of ledger.entries()) console.log(`${owner}: ${formatEuros(cents)}`);
