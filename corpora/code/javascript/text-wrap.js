'use strict';

// Break a paragraph into lines of limited width, without cutting words.

const WIDTH = 28;
const TEXT =
  'The old ferry crosses the fjord twice a day, even when the wind ' +
  'from Ålesund is strong and the passengers stay in the café.';

/** Lines of at most `width` characters; a longer word gets a line of its own. */
function wrap(text, width) {
  const lines = [];
  let current = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (current === '') {
      current = word;
    } else if (current.length + 1 + word.length <= width) {
      current += ` ${word}`;
    } else {
      lines.push(current);
      current = word;
    }
  }
  if (current !== '') lines.push(current);
  return lines;
}

console.log('-'.repeat(WIDTH));
for (const line of wrap(TEXT, WIDTH)) {
  console.log(line);
}
