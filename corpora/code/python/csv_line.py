"""Split one line of a CSV file into its fields, quoted fields included."""


def parse_line(line: str, separator: str = ",") -> list[str]:
    fields: list[str] = []
    current: list[str] = []
    quoted = False
    position = 0
    while position < len(line):
        char = line[position]
        if quoted and char == '"':
            # Two quotes inside a quoted field stand for one.
            if line[position + 1 : position + 2] == '"':
                current.append('"')
                position += 1
            else:
                quoted = False
        elif char == '"':
            quoted = True
        elif char == separator and not quoted:
            fields.append("".join(current))
            current = []
        else:
            current.append(char)
        position += 1
    if quoted:
        raise ValueError("the last quoted field is never closed")
    return [*fields, "".join(current)]


if __name__ == "__main__":
    line = '7,"Crème brûlée, large","She said ""oui""",,4.50'
    for number, field in enumerate(parse_line(line), start=1):
        print(f"{number}: [{field}]")
