"""Convert numbers between 1 and 3999 to Roman numerals and back."""

SYMBOLS = [
    (1000, "M"), (900, "CM"), (500, "D"), (400, "CD"),
    (100, "C"), (90, "XC"), (50, "L"), (40, "XL"),
    (10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I"),
]


def to_roman(number: int) -> str:
    if not 1 <= number <= 3999:
        raise ValueError(f"{number} has no Roman numeral")
    numeral = ""
    for value, symbol in SYMBOLS:
        count, number = divmod(number, value)
        numeral += symbol * count
    return numeral


def from_roman(numeral: str) -> int:
    total = position = 0
    # The two-letter symbols stand before the shorter ones, so the first match is the right one.
    for value, symbol in SYMBOLS:
        while numeral.startswith(symbol, position):
            total += value
            position += len(symbol)
    if position != len(numeral):
        raise ValueError(f"“{numeral}” is not a Roman numeral")
    return total


if __name__ == "__main__":
    for number in (4, 9, 1994, 2024):
        numeral = to_roman(number)
        print(number, "→", numeral, "→", from_roman(numeral))
