"""Units of texts and their numbers, against the rule applied text by text."""

from __future__ import annotations

import sys
from collections import Counter

import icu
import numpy as np
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tokeval.core.corpus import Chunk
from tokeval.core.occurrences import locate
from tokeval.core.pretokens import AddedTexts, cut_before_spaces
from tokeval.core.unit_table import WHITE_SPACE, UnitTable

PATIENT = settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.too_slow])
SIGNS = "ab \0\n\x1c\x85\u00a0\u1680\u2003\u2028\u202f\u3000\u0600\U000110bd\ud800é漢😀<"
TEXTS = st.lists(
    st.text(SIGNS, max_size=10) | st.text(st.characters() | st.just(" "), max_size=12), max_size=8
)


PREPENDED = icu.UnicodeSet("[:GCB=Prepend:]")


def test_a_text_is_not_cut_where_a_cluster_takes_in_the_space() -> None:
    """By ICU's iterator, for every character of the planes that have any such."""
    iterator = icu.BreakIterator.createCharacterInstance(icu.Locale.getRoot())
    characters = [chr(c) for c in [*range(0x21, 0xD800), *range(0xE000, 0x12000)]]
    characters = [character for character in characters if not character.isspace()]
    joining = []
    for character in characters:
        iterator.setText(character + " ")
        joining.append(len(list(iterator)) == 1)
    units = UnitTable(cuts_at_spaces=True, added_texts=()).number([f"{c} x" for c in characters])
    n_units = np.diff(np.append(units.text_starts, len(units.numbers)))
    assert n_units.tolist() == [1 if joins else 2 for joins in joining]
    assert sum(joining) > 10


def test_white_space_is_what_python_calls_so() -> None:
    found = [code for code in range(sys.maxunicode + 1) if chr(code).isspace()]
    assert sorted(WHITE_SPACE) == found


def units_of(text: str, added: tuple[str, ...]) -> list[str]:
    """The units of one text, by the rule."""
    units = cut_before_spaces(text)
    joins_space = any(PREPENDED.contains(unit[-1]) for unit in units[:-1])
    stays_whole = any(a in text for a in added) or joins_space
    return [text] if stays_whole else units


@PATIENT
@given(TEXTS, TEXTS, st.sampled_from([(), ("<",), ("a b",), (" \0", "\u3000")]), st.booleans())
@example([""], ["", " ", " a", "a ", "\0", " \0a", "a \0", "a \0 b"], (), True)
@example([], ["\u0600 a b", "a\u0600 b", "a b\u0600", "a b\u0600 "], (), True)
def test_units_are_those_of_the_rule(
    before: list[str], texts: list[str], added: tuple[str, ...], cuts: bool
) -> None:
    """Spelled alike, the first unit of a text and another are different; units keep numbers."""
    table = UnitTable(cuts_at_spaces=cuts, added_texts=added)
    expected: dict[tuple[str, bool], int] = {}
    for batch in (before, texts):
        units = table.number(batch)
        parts = [units_of(text, added) if cuts else [text] for text in batch]
        assert units.text_starts.tolist() == np.cumsum([0, *map(len, parts)])[:-1].tolist()
        keys = [(unit, u == 0) for part in parts for u, unit in enumerate(part)]
        numbers = [expected.setdefault(key, len(expected)) for key in keys]
        assert units.numbers.tolist() == numbers
    assert table.units == [unit for unit, _ in expected]
    assert list(map(bool, table.is_first)) == [first for _, first in expected]
    assert table.n_characters == sum(len(unit) for unit, _ in expected)


@PATIENT
@given(st.lists(st.tuples(st.lists(st.text("ab ", max_size=6), max_size=3), st.integers(0, 4))))
def test_units_are_counted_by_block(documents: list[tuple[list[str], int]]) -> None:
    chunk = Chunk(
        "part", tuple(tuple(d) for d, _ in documents), tuple(b for _, b in documents), 5, b""
    )
    table = UnitTable(cuts_at_spaces=True, added_texts=())
    units = table.number([text for document, _ in documents for text in document])
    found = locate(chunk, units, len(table))
    expected: Counter[tuple[int, str, bool]] = Counter()
    for document, block in documents:
        for text in document:
            expected.update((block, unit, u == 0) for u, unit in enumerate(cut_before_spaces(text)))
    pairs = zip(found.pair_blocks, found.pair_units, found.pair_counts, strict=True)
    assert {(b, table.units[u], bool(table.is_first[u])): n for b, u, n in pairs} == expected
    assert (np.diff(found.pair_blocks) >= 0).all()
    rows = np.arange(2 * len(table), dtype=np.int32).reshape(-1, 2)
    sums = np.zeros((5, 2), np.int64)
    for block, unit, n in zip(found.pair_blocks, found.pair_units, found.pair_counts, strict=True):
        sums[block] += n * rows[unit]
    assert found.by_block(rows).tolist() == sums.tolist()
    distinct, n_each = found.distinct
    assert dict(zip(distinct.tolist(), n_each.tolist(), strict=True)) == Counter(
        units.numbers.tolist()
    )


@PATIENT
@given(
    st.lists(st.text("<|ab>", min_size=1, max_size=4), min_size=1, max_size=9),
    st.lists(st.sampled_from(["x" * 30, *"<|ab>"]), max_size=20).map("".join),
)
def test_added_texts_are_found_where_they_stand(added: list[str], text: str) -> None:
    """All but those that hold another one."""
    shortest = [a for a in added if not any(b in a for b in added if b != a)]
    assert sorted(AddedTexts(added).found_in(text)) == sorted(a for a in shortest if a in text)
