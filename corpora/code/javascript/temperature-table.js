'use strict';

// Print a table of temperatures in degrees Celsius and Fahrenheit.

const FREEZING = 0;
const HOT = 30;

const toFahrenheit = (celsius) => (celsius * 9) / 5 + 32;

function describe(celsius) {
  if (celsius <= FREEZING) return 'freezing';
  if (celsius >= HOT) return 'hot';
  return 'mild';
}

function printTable({ first, last, step }) {
  console.log(`${'°C'.padStart(6)} ${'°F'.padStart(8)}  remark`);
  for (let celsius = first; celsius <= last; celsius += step) {
    const fahrenheit = toFahrenheit(celsius).toFixed(1);
    const columns = [String(celsius).padStart(6), fahrenheit.padStart(8)];
    console.log(`${columns.join(' ')}  ${describe(celsius)}`);
  }
}

printTable({ first: -10, last: 40, step: 10 });
