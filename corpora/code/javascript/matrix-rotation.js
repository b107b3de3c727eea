'use strict';

// Turn a matrix by 90 degrees, clockwise or the other way round.

/** The first column, read from the bottom up, becomes the first row. */
function rotateClockwise(matrix) {
  return matrix[0].map((_, column) => matrix.map((row) => row[column]).reverse());
}

function rotateCounterclockwise(matrix) {
  const width = matrix[0].length;
  return matrix[0].map((_, column) => matrix.map((row) => row[width - 1 - column]));
}

function show(title, matrix) {
  console.log(title);
  matrix.forEach((row) => {
    console.log(row.map((cell) => String(cell).padStart(3)).join(' '));
  });
}

const original = [
  [1, 2, 3],
  [4, 5, 6],
];
let turned = rotateClockwise(original);
show('original', original);
show('turned by 90°', turned);

// The turn back must undo the turn.
turned = rotateCounterclockwise(turned);
const same = JSON.stringify(turned) === JSON.stringify(original);
console.log('same again:', same ? 'yes' : 'no');
