"""Stretches: a partition of every text, and the class of each by hand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.attribution_twin import stretches
from tokeval.compare.stretches import class_name, find_stretches
from tokeval.core.pretokens import cut_before_spaces
from tokeval.core.segmentation import segment

CASES = {
    "the": "lower-case words",
    "don't": "lower-case words",
    "École": "Capitalised words",
    "I": "ALL-CAPS words",
    "NASA": "ALL-CAPS words",
    "readFile": "miXed-case words",
    "x2": "words with digits",
    "Привет2": "words with digits",
    "snake_case": "names joined by _ or .",
    "self.hits": "names joined by _ or .",
    "3.14": "numbers",
    "٣٤": "numbers",
    "Ⅻ": "numbers",
    "Привет": "Cyrillic words",
    "ไทย": "Thai words",
    "한국어": "Hangul words",
    "paр": "words of several scripts",
    "ʼ": "other words",
    ")):": "punctuation",
    "€": "symbols",
    "+=": "symbols",
    "©": "symbols",
    "👩‍👩‍👧": "emoji",
    "🇹🇷": "emoji",
    "\u0301": "other characters",
    "\x00": "other characters",
    "\ue000": "other characters",
}


def found(units: list[str], *, first: bool = True) -> list[tuple[int, str, str]]:
    one = find_stretches(units, [first] * len(units), segment(units))
    names = [class_name(code) for code in one.classes.tolist()]
    return list(zip(one.units.tolist(), names, one.texts, strict=True))


@pytest.mark.parametrize(("text", "expected"), CASES.items(), ids=ascii)
def test_the_class_of_a_stretch(text: str, expected: str) -> None:
    assert found([text]) == [(0, expected, text)]


def test_white_space_is_indentation_at_the_beginning_and_around_line_breaks() -> None:
    line, spaces = "line breaks and indentation", "spaces"
    assert found(["  a  b \n c"]) == [
        (0, line, "  "), (0, "lower-case words", "a"), (0, spaces, "  "),
        (0, "lower-case words", "b"), (0, line, " \n "), (0, "lower-case words", "c"),
    ]  # fmt: skip
    assert found(["  a"], first=False)[0] == (0, spaces, "  ")


def test_units_do_not_run_into_each_other() -> None:
    assert found(["", "a", "", "b", ""]) == [
        (1, "lower-case words", "a"), (3, "lower-case words", "b"),
    ]  # fmt: skip
    assert found([""]) == []


TEXT = st.text(st.sampled_from([*" \n\taA1_.,'é’日ไ€😀", "\u0301", "\u200d", "\u00a0", "\u202f"]))


@given(TEXT)
def test_stretches_are_a_partition_and_that_of_the_twin(text: str) -> None:
    texts = [stretch for _, _, stretch in found([text])]
    assert "".join(texts) == text
    data = text.encode()
    assert texts == [data[start:end].decode() for start, end in stretches(text)]


@given(TEXT)
def test_a_cut_before_spaces_goes_through_no_stretch(text: str) -> None:
    whole = [stretch for _, _, stretch in found([text])]
    pieces = [stretch for _, _, stretch in found(cut_before_spaces(text), first=False)]
    assert pieces == whole
