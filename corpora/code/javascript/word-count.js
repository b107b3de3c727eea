'use strict';

/** A word is a run of letters; an apostrophe inside it does not end it ("didn't"). */
const WORD = /\p{L}+(?:'\p{L}+)*/gu;

const TEXT = "The cat saw the dog; the dog didn't see the naïve cat.";

function tokenize(text) {
  return text.toLowerCase().match(WORD) ?? [];
}

/**
 * The most frequent words; equal counts come in alphabetical order.
 * @param {string} text
 * @param {number} limit
 * @returns {Array<[string, number]>}
 */
function mostFrequent(text, limit) {
  const counts = new Map();
  for (const word of tokenize(text)) {
    counts.set(word, (counts.get(word) || 0) + 1);
  }
  return [...counts]
    .sort(([wordA, countA], [wordB, countB]) => countB - countA || (wordA < wordB ? -1 : 1))
    .slice(0, limit);
}

for (const [word, count] of mostFrequent(TEXT, 3)) {
  console.log(word.padEnd(8) + String(count).padStart(3));
}
