// A small bank ledger: amounts are whole cents, so that nothing is lost to rounding.

type Cents = number;

class InsufficientFunds extends Error {
  override name = "InsufficientFunds";
}

class Ledger {
  private readonly balances = new Map<string, Cents>();

  deposit(owner: string, cents: Cents): void {
    if (cents <= 0) throw new RangeError(`a deposit must be positive, not ${cents}`);
    this.balances.set(owner, this.balanceOf(owner) + cents);
  }

  transfer(payer: string, payee: string, cents: Cents): void {
    const available = this.balanceOf(payer);
    if (cents > available) throw new InsufficientFunds(`${payer} has only ${formatEuros(available)}`);
    this.balances.set(payer, available - cents);
    this.deposit(payee, cents);
  }

  balanceOf = (owner: string): Cents => this.balances.get(owner) ?? 0;
  owners = (): string[] => [...this.balances.keys()].sort();
}

const formatEuros = (cents: Cents): string => `${(cents / 100).toFixed(2)} €`;

const ledger = new Ledger();
ledger.deposit("Zoë", 250_00);
ledger.deposit("Ömer", 75_50);
ledger.transfer("Zoë", "Ömer", 40_25);
try {
  ledger.transfer("Ömer", "Zoë", 500_00);
} catch (error: unknown) {
  if (!(error instanceof InsufficientFunds)) throw error;
  console.log("refused:", error.message);
}
for (const owner of ledger.owners()) console.log(`${owner}: ${formatEuros(ledger.balanceOf(owner))}`);
