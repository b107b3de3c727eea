// Turn a matrix by 90 degrees, clockwise or the other way round.

type Matrix<T> = readonly (readonly T[])[];

function transpose<T>(matrix: Matrix<T>): Matrix<T> {
  const [firstRow = []] = matrix;
  return firstRow.map((_, column) => matrix.map((row) => row[column] as T));
}

/** The first column, read from the bottom up, becomes the first row. */
function rotateClockwise<T>(matrix: Matrix<T>): Matrix<T> {
  return transpose([...matrix].reverse());
}

function rotateCounterclockwise<T>(matrix: Matrix<T>): Matrix<T> {
  return [...transpose(matrix)].reverse();
}

function show(title: string, matrix: Matrix<number>): void {
  console.log(title);
  for (const row of matrix) {
    console.log(row.map((cell) => `${cell}`.padStart(3)).join(" "));
  }
}

const original: Matrix<number> = [
  [1, 2, 3],
  [4, 5, 6],
];
const turned = rotateClockwise(original);
show("original", original);
show("turned by 90°", turned);

// The turn back must undo the turn.
const restored = rotateCounterclockwise(turned);
console.log("same again:", String(restored) === String(original) ? "yes" : "no");
