"""The tables of kinds hold what each library's expressions match."""

import random

import pytest
import regex
from tokenizers import Regex, pre_tokenizers

from tokeval.pretokenization.scanners_kinds import (
    ANY_SCRIPT,
    DIGIT,
    INHERITED,
    LIBRARIES,
    LOWER,
    MARK,
    NEWLINE,
    NUMBER,
    PUNCTUATION,
    SPACE,
    UPPER,
    digit_table,
    kinds_table,
    script_table,
)


@pytest.mark.parametrize("library", LIBRARIES)
def test_kinds_that_every_version_of_unicode_agrees_on(library: str) -> None:
    table = kinds_table(library)
    expected = {
        "a": LOWER,
        "A": UPPER,
        "\u01c5": UPPER,  # Lt
        "\u02b0": UPPER | LOWER,  # Lm
        "\u4e2d": UPPER | LOWER | 128,
        "\u30fb": PUNCTUATION | 128,
        "\u0301": MARK,
        "\u00b2": NUMBER,
        "$": PUNCTUATION,
        " ": SPACE,
        "\u0085": SPACE,
        "\n": NEWLINE,
        "\r": NEWLINE,
        "\x1c": 0,
        "\u200d": 0,
    }
    assert {sign: int(table[ord(sign)]) for sign in expected} == expected


def test_the_planes_that_are_not_probed_are_empty() -> None:
    anything = regex.compile(r"[\s\p{L}\p{M}\p{N}\p{P}\p{S}]")
    split = pre_tokenizers.Split(Regex(anything.pattern), "removed", invert=True)
    choose = random.Random(7)  # noqa: S311 - no secret
    points = [
        choose.choice((choose.randrange(0x40000, 0xE0000), choose.randrange(0xF0000, 0x110000)))
        for _ in range(20_000)
    ]
    text = "".join(map(chr, points))
    assert anything.search(text) is None
    assert split.pre_tokenize_str(text) == []


def test_libraries_differ_in_unicode_and_each_table_is_its_own() -> None:
    """Every sampled character is of the kinds that the library itself says."""
    choose = random.Random(3)  # noqa: S311 - no secret
    sample = choose.sample([*range(0xD800), *range(0xE000, 0x32000)], 1500)
    for pattern, bits in (
        (r"\p{L}", UPPER | LOWER),
        (r"\p{M}", MARK),
        (r"[\p{P}\p{S}]", PUNCTUATION),
    ):
        compiled = regex.compile(pattern)
        split = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
        for point in sample:
            sign = chr(point)
            assert bool(kinds_table("regex")[point] & bits) == bool(compiled.match(sign)), hex(
                point
            )
            matched = split.pre_tokenize_str(sign) != []
            assert bool(kinds_table("tokenizers")[point] & bits) == matched, hex(point)


def test_scripts_as_the_trainer_compares_them() -> None:
    table = script_table(split_by_number=True, split_digits=False)
    same = {int(table[ord(sign)]) for sign in "\u4e2d\u3072\u30ab\u30fc"}
    assert len(same) == 1
    assert table[ord("a")] != table[ord("\u044f")]
    assert table[ord("1")] == table[ord(",")] != table[ord("a")]
    assert table[0x0301] == INHERITED
    assert script_table(split_by_number=False, split_digits=False)[ord("7")] == ANY_SCRIPT
    assert script_table(split_by_number=True, split_digits=True)[ord("7")] == DIGIT
    assert digit_table()[ord("7")] == DIGIT
    assert digit_table()[ord("a")] == ANY_SCRIPT
