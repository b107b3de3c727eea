"""Print a table of temperatures in degrees Celsius and Fahrenheit."""

FREEZING = 0
HOT = 30


def to_fahrenheit(celsius: float) -> float:
    return celsius * 9 / 5 + 32


def describe(celsius: float) -> str:
    if celsius <= FREEZING:
        return "freezing"
    if celsius >= HOT:
        return "hot"
    return "mild"


def print_table(first: int, last: int, step: int) -> None:
    print(f"{'°C':>6} {'°F':>8}  remark")
    # The last value belongs to the table, hence the + 1.
    for celsius in range(first, last + 1, step):
        fahrenheit = to_fahrenheit(celsius)
        print(f"{celsius:6d} {fahrenheit:8.1f}  {describe(celsius)}")


if __name__ == "__main__":
    print_table(first=-10, last=40, step=10)
