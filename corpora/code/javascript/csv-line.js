'use strict';

/**
 * Split one line of a CSV file into its fields, quoted fields included.
 * @param {string} line
 * @param {string} [separator]
 * @returns {string[]}
 */
function parseLine(line, separator = ',') {
  const fields = [];
  let current = '';
  let quoted = false;
  for (let i = 0; i < line.length; i++) {
    const char = line[i];
    if (quoted && char === '"' && line[i + 1] === '"') {
      current += '"'; // two quotes inside a quoted field stand for one
      i++;
    } else if (char === '"') {
      quoted = !quoted;
    } else if (char === separator && !quoted) {
      fields.push(current);
      current = '';
    } else {
      current += char;
    }
  }
  if (quoted) {
    throw new SyntaxError('the last quoted field is never closed');
  }
  return [...fields, current];
}

const line = '7,"Crème brûlée, large","She said ""oui""",,4.50';
parseLine(line).forEach((field, index) => {
  console.log(`${index + 1}: [${field}]`);
});
