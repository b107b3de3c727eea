/**
 * Split one line of a CSV file into its fields, quoted fields included.
 *
 * @throws SyntaxError when the last quoted field is never closed
 */
function parseLine(line: string, separator: "," | ";" | "\t" = ","): string[] {
  const fields: string[] = [];
  let current = "";
  let quoted = false;

  for (let i = 0; i < line.length; i++) {
    const char = line.charAt(i);
    switch (true) {
      case quoted && char === '"' && line.charAt(i + 1) === '"':
        current += '"'; // two quotes inside a quoted field stand for one
        i += 1;
        break;
      case char === '"':
        quoted = !quoted;
        break;
      case char === separator && !quoted:
        fields.push(current);
        current = "";
        break;
      default:
        current += char;
    }
  }
  if (quoted) throw new SyntaxError("the last quoted field is never closed");
  return [...fields, current];
}

const line = `7,"Crème brûlée, large","She said ""oui""",,4.50`;
parseLine(line).forEach((field, index) => console.log(`${index + 1}: [${field}]`));
