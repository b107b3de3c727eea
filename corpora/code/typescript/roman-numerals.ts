// Convert numbers between 1 and 3999 to Roman numerals and back.

const SYMBOLS = [
  ["M", 1000], ["CM", 900], ["D", 500], ["CD", 400],
  ["C", 100], ["XC", 90], ["L", 50], ["XL", 40],
  ["X", 10], ["IX", 9], ["V", 5], ["IV", 4], ["I", 1],
] as const;

function toRoman(number: number): string {
  if (number < 1 || number > 3999) throw new RangeError(`${number} has no Roman numeral`);
  let rest = number;
  return SYMBOLS.map(([symbol, value]) => {
    const count = Math.trunc(rest / value);
    rest -= count * value;
    return symbol.repeat(count);
  }).join("");
}

function fromRoman(numeral: string): number {
  let total = 0;
  let position = 0;
  for (const [symbol, value] of SYMBOLS) {
    while (numeral.startsWith(symbol, position)) {
      total += value;
      position += symbol.length;
    }
  }
  if (position < numeral.length) throw new SyntaxError(`“${numeral}” is not a Roman numeral`);
  return total;
}

for (const number of [4, 9, 1994, 2024]) {
  const numeral = toRoman(number);
  console.log([number, numeral, fromRoman(numeral)].join(" → "));
}
