/** A word is a run of letters; an apostrophe inside it does not end it ("didn't"). */
const WORD = /\p{L}+(?:'\p{L}+)*/gu;

const TEXT = "The cat saw the dog; the dog didn't see the naïve cat.";

interface WordCount {
  readonly word: string;
  count: number;
}

function tokenize(text: string): string[] {
  return text.toLowerCase().match(WORD) ?? [];
}

/** The `limit` most frequent words; equal counts come in alphabetical order. */
function mostFrequent(text: string, limit: number): WordCount[] {
  const counts = new Map<string, WordCount>();
  for (const word of tokenize(text)) {
    const entry = counts.get(word);
    if (entry) entry.count += 1;
    else counts.set(word, { word, count: 1 });
  }
  return [...counts.values()]
    .sort((a, b) => b.count - a.count || (a.word < b.word ? -1 : 1))
    .slice(0, limit);
}

for (const { word, count } of mostFrequent(TEXT, 3)) {
  console.log(word.padEnd(8) + count.toString().padStart(3));
}
