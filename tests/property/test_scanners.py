"""Scanners cut any text as `regex` and as the tokenizers library do, and lose nothing."""

from itertools import pairwise

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Regex, pre_tokenizers

from tokeval.pretokenization.scanners import _RULES, scanner_of

SIGNS = "aAzZsStTdDmMrReEvVlL'\u2019\u017f\u0130\u01c5\u02b0\u00aa\u00df \t\n\r\x0b\x0c\x1c\x85\xa0"
SIGNS += '\u2028\u3000\u200b\u200d\ufeff0123\u0663\u00b2\u00bd\u216b\u0301\u0345\u20e3.,!?/-_$+<>"'
SIGNS += "\u4e2d\u9fa5\u9fa6\u3042\u3040\u30a2\u30fb\u30fc\u30a0\uac00\u0e01\u0939\u094d\u0378\x00"
SIGNS += "\U0001f469\U0001f1f9\U00010400\U00010428\U000e0100\U0010ffff"
texts = st.text(st.sampled_from(SIGNS) | st.characters(codec="utf-8"), max_size=40)


@pytest.mark.parametrize("patterns", list(_RULES))
@given(text=texts)
@settings(max_examples=150)
def test_cuts_as_regex_and_as_the_library(patterns: tuple[str, ...], text: str) -> None:
    expected = [text]
    for pattern in patterns:
        compiled = regex.compile(f"({pattern})", regex.V1)
        expected = [part for piece in expected for part in compiled.split(piece) if part]
    assert cut(patterns, "regex", text) == expected
    splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    pieces = pre_tokenizers.Sequence(splits).pre_tokenize_str(text)
    assert cut(patterns, "tokenizers", text) == [piece for piece, _ in pieces]


@pytest.mark.parametrize("patterns", list(_RULES))
@given(text=texts)
@settings(max_examples=50)
def test_joined_the_pieces_are_the_text(patterns: tuple[str, ...], text: str) -> None:
    pieces = cut(patterns, "tiktoken", text)
    assert "".join(pieces) == text
    assert all(pieces)


def cut(patterns: tuple[str, ...], library: str, text: str) -> list[str]:
    scanner = scanner_of(patterns, library)
    assert scanner is not None
    data = np.frombuffer(text.encode(), np.uint8)
    ends = scanner.ends(data, np.array([0, len(data)], np.int64)).tolist()
    return [data[i:j].tobytes().decode() for i, j in pairwise([0, *ends])]
