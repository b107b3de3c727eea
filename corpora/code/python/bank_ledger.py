"""A small bank ledger: amounts are whole cents, so that nothing is lost to rounding."""


class InsufficientFunds(Exception):
    """Raised when an account holds less than it is asked to pay."""


class Ledger:
    def __init__(self) -> None:
        self.balances: dict[str, int] = {}

    def deposit(self, owner: str, cents: int) -> None:
        if cents <= 0:
            raise ValueError(f"a deposit must be positive, not {cents}")
        self.balances[owner] = self.balances.get(owner, 0) + cents

    def transfer(self, payer: str, payee: str, cents: int) -> None:
        available = self.balances.get(payer, 0)
        if cents > available:
            raise InsufficientFunds(f"{payer} has only {format_euros(available)}")
        self.balances[payer] = available - cents
        self.deposit(payee, cents)


def format_euros(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d} €"


if __name__ == "__main__":
    ledger = Ledger()
    ledger.deposit("Zoë", 250_00)
    ledger.deposit("Ömer", 75_50)
    ledger.transfer("Zoë", "Ömer", 40_25)
    try:
        ledger.transfer("Ömer", "Zoë", 500_00)
    except InsufficientFunds as error:
        print("refused:", error)
    for owner, cents in sorted(ledger.balances.items()):
        print(f"{owner}: {format_euros(cents)}")
