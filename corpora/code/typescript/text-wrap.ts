// Break a paragraph into lines of limited width, without cutting words.

const WIDTH = 28;
const TEXT = `The old ferry crosses the fjord twice a day, even when the wind
  from Ålesund is strong and the passengers stay in the café.`;

/** Lines of at most `width` characters; a longer word gets a line of its own. */
function wrap(text: string, width: number): string[] {
  const words = text.split(/\s+/).filter((word) => word.length > 0);
  return words.reduce<string[]>((lines, word) => {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) {
      return [...lines.slice(0, -1), `${last} ${word}`];
    }
    return [...lines, word];
  }, []);
}

console.log("-".repeat(WIDTH));
wrap(TEXT, WIDTH).forEach((line) => console.log(line));
