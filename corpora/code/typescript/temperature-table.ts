// Print a table of temperatures in degrees Celsius and Fahrenheit.

enum Remark {
  Freezing = "freezing",
  Mild = "mild",
  Hot = "hot",
}

interface Range {
  first: number;
  last: number;
  step: number;
}

const toFahrenheit = (celsius: number): number => (celsius * 9) / 5 + 32;

function describe(celsius: number): Remark {
  if (celsius <= 0) return Remark.Freezing;
  return celsius >= 30 ? Remark.Hot : Remark.Mild;
}

function printTable({ first, last, step }: Range): void {
  console.log(`${"°C".padStart(6)} ${"°F".padStart(8)}  remark`);
  for (let celsius = first; celsius <= last; celsius += step) {
    const left = celsius.toString().padStart(6);
    const right = toFahrenheit(celsius).toFixed(1).padStart(8);
    console.log(`${left} ${right}  ${describe(celsius)}`);
  }
}

printTable({ first: -10, last: 40, step: 10 });
