'use strict';

// Convert numbers between 1 and 3999 to Roman numerals and back.

const SYMBOLS = Object.entries({
  M: 1000, CM: 900, D: 500, CD: 400,
  C: 100, XC: 90, L: 50, XL: 40,
  X: 10, IX: 9, V: 5, IV: 4, I: 1,
});

function toRoman(number) {
  if (number < 1 || number > 3999) throw new RangeError(`${number} has no Roman numeral`);
  let numeral = '';
  for (const [symbol, value] of SYMBOLS) {
    numeral += symbol.repeat(Math.floor(number / value));
    number %= value;
  }
  return numeral;
}

function fromRoman(numeral) {
  let total = 0;
  let rest = numeral;
  for (const [symbol, value] of SYMBOLS) {
    while (rest.startsWith(symbol)) {
      total += value;
      rest = rest.slice(symbol.length);
    }
  }
  if (rest !== '') throw new SyntaxError(`“${numeral}” is not a Roman numeral`);
  return total;
}

for (const number of [4, 9, 1994, 2024]) {
  const numeral = toRoman(number);
  console.log(`${number} → ${numeral} → ${fromRoman(numeral)}`);
}
