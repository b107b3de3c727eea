"""Break a paragraph into lines of limited width, without cutting words."""

TEXT = (
    "The old ferry crosses the fjord twice a day, even when the wind "
    "from Ålesund is strong and the passengers stay in the café."
)


def wrap(text: str, width: int) -> list[str]:
    """Lines of at most `width` characters; a longer word gets a line of its own."""
    lines: list[str] = []
    current = ""
    for word in text.split():
        if not current:
            current = word
        elif len(current) + 1 + len(word) <= width:
            current += " " + word
        else:
            lines.append(current)
            current = word
    if current:
        lines.append(current)
    return lines


if __name__ == "__main__":
    WIDTH = 28
    print("-" * WIDTH)
    for line in wrap(TEXT, WIDTH):
        print(line)
