"""What SentencePiece's trainer lets a piece hold: stated by a model, or inferred from merges."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import Tokenizer
from tokeval.loaders.sentencepiece_file import ModelDefinition
from tokeval.pretokenization.scanners import NO_SPACES, ONLY_SPACES, SCRIPTS, SUFFIX, Rule, Scanner
from tokeval.pretokenization.scanners_kernels import SPACES
from tokeval.pretokenization.scanners_kinds import digit_table, script_table

_BY_LINE = "Each line is a sentence, as for SentencePiece's trainer."


def sentencepiece_rule(definition: ModelDefinition) -> tuple[Scanner, tuple[str, ...]]:
    """The scanner of the words that a model's trainer counted, and notes."""
    flags = 0 if definition.split_by_whitespace else NO_SPACES
    flags |= SUFFIX if definition.whitespace_as_suffix else 0
    flags |= ONLY_SPACES if definition.whitespace_only_pieces else 0
    table, note = digit_table(), "No piece mixes digits with anything, as its trainer states."
    if definition.split_by_script:
        table = script_table(
            split_by_number=definition.split_by_number, split_digits=definition.split_digits
        )
        note = "Words are cut between scripts, as its trainer states (scripts of ICU's Unicode)."
    elif not definition.split_digits:
        return Scanner(Rule(SPACES, flags=flags), table), (_BY_LINE,)
    return Scanner(Rule(SPACES, flags=flags | SCRIPTS), table), (_BY_LINE, note)


def inferred_rule(tokenizer: Tokenizer) -> tuple[Scanner, tuple[str, ...]]:
    """The finest scanner that cuts no result of a merge, and notes; for one that states no rule.

    A pair that the trainer never allowed would otherwise be a frequent competitor that no merge
    ever takes.
    """
    results = [left + right for left, right in tokenizer.merges or ()]
    joined = np.frombuffer(b"".join(results), np.uint8)
    offsets = np.concatenate(([0], np.cumsum([len(result) for result in results], dtype=np.int64)))
    # The last candidate cuts nothing, so there always is one.
    scanner, where = next(
        (scanner, where)
        for scanner, where in _candidates()
        if len(scanner.ends(joined, offsets)) == len(results)
    )
    said = f"It has no pre-tokenizer that cuts: words end where no merge reaches across, {where}."
    return scanner, (said, _BY_LINE)


def _candidates() -> Iterator[tuple[Scanner, str]]:
    """Scanners from the finest to one that never cuts, with what they cut at."""
    spaces = (
        (0, "before each space"),
        (ONLY_SPACES, "before each run of spaces"),
        (NO_SPACES, "nowhere at spaces"),
    )
    for flags, where in spaces:
        for table, also in _tables():
            scripts = 0 if table is None else SCRIPTS
            used = digit_table() if table is None else table
            yield Scanner(Rule(SPACES, flags=flags | scripts), used), where + also


def _tables() -> Iterator[tuple[NDArray[np.uint8] | None, str]]:
    """Tables of scripts from the finest, `None` for none."""
    both = script_table(split_by_number=True, split_digits=True)
    yield both, ", between scripts and around each digit"
    yield script_table(split_by_number=True, split_digits=False), ", between scripts"
    yield (
        script_table(split_by_number=False, split_digits=False),
        ", between scripts, numbers joining any",
    )
    yield digit_table(), ", around each digit"
    yield None, ""
