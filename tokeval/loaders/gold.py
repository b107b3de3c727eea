"""Gold: reading lists of words cut into their morphemes, a user's and the bundled ones."""

from __future__ import annotations

from pathlib import Path

import tokeval
from tokeval.core.resources import GoldWord
from tokeval.errors import TokevalError
from tokeval.loaders.corpus_files import File
from tokeval.loaders.text_files import line_batches

FORM = "write `word<TAB>morpheme morpheme ...`, and after another tab how often it occurs"

MAX_FREQUENCY = 10**12


def read_gold(path: str, language: str) -> tuple[GoldWord, ...]:
    """The words of a list in order; a word with several segmentations may stand there repeatedly.

    A line holds a word, a tab and its surface morphemes with spaces between; a third column may
    say how often the word occurs. Empty lines and lines that begin with `#` are left out.

    Args:
        path: local path or fsspec URL of a UTF-8 text file, compressed ones included.
        language: tag of the language, for messages.

    Raises:
        TokevalError: the file cannot be read, is not UTF-8, has no word, or has a line that is
            not of this form; the message names file and line.
    """
    found: list[GoldWord] = []
    for first, lines in line_batches(File(path)):
        for number, line in enumerate(lines, start=first):
            if line.strip() and not line.startswith("#"):
                found.append(_gold_word(line, where=f"{path}:{number}"))
    if not found:
        raise TokevalError(f"{path}: no gold segmentation for {language!r} in it", FORM)
    return tuple(found)


def bundled_gold(folder: Path | None = None) -> dict[str, tuple[GoldWord, ...]]:
    """The bundled lists by language tag, in the order of the tags; none where there is no folder.

    Args:
        folder: where the lists are, one `TAG.tsv` for each language; those of the package when
            `None`.

    Raises:
        TokevalError: a list is malformed.
    """
    folder = _bundled_folder() if folder is None else folder
    if folder is None or not folder.is_dir():
        return {}
    return {path.stem: read_gold(str(path), path.stem) for path in sorted(folder.glob("*.tsv"))}


def _bundled_folder() -> Path | None:
    """Where the lists of the package are: inside an installed package, else in the checkout."""
    package = Path(tokeval.__file__).parent
    for corpora in (package / "_corpora", package.parent / "corpora"):
        if (corpora / "morphology").is_dir():
            return corpora / "morphology"
    return None


def _gold_word(line: str, *, where: str) -> GoldWord:
    """The word of a line.

    Raises:
        TokevalError: the line is not of the form that FORM shows.
    """
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) == 1:
        raise TokevalError(f"{where}: no tab in {line.strip()[:60]!r}", FORM)
    if len(columns) > 3:
        raise TokevalError(f"{where}: {len(columns)} columns, where 2 or 3 are expected", FORM)
    word, morphemes = columns[0], tuple(columns[1].split())
    if not word or not morphemes:
        raise TokevalError(f"{where}: no {'morphemes' if word else 'word'} in it", FORM)
    if "".join(morphemes) != word:
        raise TokevalError(
            f"{where}: {' + '.join(morphemes)} is {''.join(morphemes)!r}, not {word!r}",
            "give the morphemes as they stand in the word, letter for letter",
        )
    return GoldWord(word, morphemes, _frequency(columns[2:], where=where))


def _frequency(columns: list[str], *, where: str) -> int:
    """The number in the column, 1 where there is none or it is empty."""
    text = "".join(columns)
    if not text:
        return 1
    if not (text.isascii() and text.isdigit() and 0 < int(text) <= MAX_FREQUENCY):
        raise TokevalError(
            f"{where}: the frequency {text[:40]!r} is no whole number above 0",
            "give occurrences as digits, such as 12",
        )
    return int(text)
