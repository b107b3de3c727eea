"""Findings and numbers of vocabularies that know only some digits, letters and signs."""

from collections.abc import Sequence

import pytest
from tokenizers import Tokenizer as LibraryTokenizer
from tokenizers import models

from tokeval.core.digits import digit_chunks, text_cuts
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Measured, Undefined
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.probe.letter_isolation import isolation
from tokeval.probe.numeracy import numeracy


def small(characters: str, merged: Sequence[str] = (), *, unknown: bool = True) -> Tokenizer:
    """A BPE tokenizer of these characters; others are unknown, or dropped."""
    tokens = [*(["<unk>"] if unknown else []), *characters, *merged]
    model = models.BPE(
        {token: i for i, token in enumerate(tokens)},
        [(token[:-1], token[-1]) for token in merged],
        unk_token="<unk>" if unknown else None,
    )
    return adapt_tokenizers_object(LibraryTokenizer(model), name="small", source="test")


@pytest.mark.parametrize("unknown", [True, False])
@pytest.mark.parametrize(
    ("characters", "merged", "codes"),
    [
        ("0123456789", (), {"sums_line_up"}),
        ("01234", (), set()),
        ("ab", ("ab", "ba", "aba", "bb", "aa"), {"letters_merged"}),
        ("z", (), set()),
    ],
)
def test_small_vocabularies_have_findings_of_what_they_know(
    characters: str, merged: Sequence[str], codes: set[str], unknown: bool
) -> None:
    result = numeracy(small(characters, merged, unknown=unknown), n_numbers=20)
    found = {finding.code for finding in result.findings}
    assert found - {"numbers_without_rule"} == codes


def test_without_commas_the_separated_sums_are_not_known() -> None:
    for unknown in (True, False):
        cells = numeracy(small("0123456789", unknown=unknown), n_numbers=20).cells
        values = {cell.metric: cell.value for cell in cells if cell.slice == "all"}
        assert isinstance(values["answer_alignment_separators"], Undefined)
        assert isinstance(values["letter_isolation_pure"], Undefined)
        match = values["answer_alignment_match"]
        assert isinstance(match, Measured)
        assert match.value == 1


def test_numbers_with_a_dropped_digit_are_unknown() -> None:
    tokenizer = small("01234", unknown=False)
    assert digit_chunks(tokenizer, ["123", "173", "771", "7"]) == [(1, 1, 1), None, None, None]
    assert [cut is None for cut in text_cuts(tokenizer, ["123", "1,2", ""])] == [False, True, True]


def test_texts_with_a_dropped_letter_are_left_out() -> None:
    found = isolation(small("a", unknown=False), ["aab", "aa", "bb"], "ab")
    assert found.n_letters.tolist() == found.n_isolated.tolist() == [2]
