"""Count the words of a text and print the most frequent ones."""

import re
from collections import Counter

# A word is a run of letters; an apostrophe inside it does not end it ("didn't").
WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")

TEXT = "The cat saw the dog; the dog didn't see the naïve cat."


def tokenize(text: str) -> list[str]:
    return WORD.findall(text.lower())


def most_frequent(text: str, limit: int) -> list[tuple[str, int]]:
    """The `limit` most frequent words; equal counts come in alphabetical order."""
    counts = Counter(tokenize(text))
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ranked[:limit]


if __name__ == "__main__":
    for word, count in most_frequent(TEXT, limit=3):
        print(f"{word:<8}{count:>3}")
