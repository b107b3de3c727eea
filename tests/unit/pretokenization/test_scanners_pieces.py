"""The words of SentencePiece's trainer: hand-cut, and never cutting what the trainer made."""

import io
import string
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import sentencepiece

from tests import toy_tokenizers as toy
from tokeval.loaders.sentencepiece_file import ModelDefinition
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.pretokenization.scanners import Scanner
from tokeval.pretokenization.scanners_pieces import inferred_rule, sentencepiece_rule


def cut(scanner: Scanner, text: str) -> list[str]:
    data = np.frombuffer(text.encode(), np.uint8)
    ends = scanner.ends(data, np.array([0, len(data)], np.int64)).tolist()
    return [data[i:j].tobytes().decode() for i, j in pairwise([0, *ends])]


@pytest.mark.parametrize(
    ("stated", "text", "words"),
    [
        ({}, " one two  3", [" one", " two", " ", " 3"]),
        ({"split_by_script": False}, " a1, b", [" a1,", " b"]),
        ({}, " abя1.5, 中ひカー", [" ab", "я", "1.5,", " 中ひカー"]),
        ({"split_digits": True}, " 12 a1b", [" ", "1", "2", " a", "1", "b"]),
        ({"split_digits": True, "split_by_script": False}, " a1b,c", [" a", "1", "b,c"]),
        ({"split_by_number": False}, " a1b 2я", [" a1b", " 2я"]),
        ({"whitespace_only_pieces": True}, "a   b  ", ["a", "   b", "  "]),
        ({"whitespace_as_suffix": True}, "one two  3 ", ["one ", "two ", " ", "3 "]),
        (
            {"whitespace_as_suffix": True, "whitespace_only_pieces": True},
            "a   b ",
            ["a   ", "b "],
        ),
        ({"split_by_whitespace": False}, " one two, x", [" one two", ", ", "x"]),
        ({}, " e\u0301a \u0301я", [" e\u0301a", " \u0301я"]),
    ],
)
def test_words_by_hand(stated: dict[str, bool], text: str, words: list[str]) -> None:
    scanner, _ = sentencepiece_rule(ModelDefinition(**stated))
    assert cut(scanner, text) == words


def trained(lines: list[str], **options: object) -> SentencePieceTokenizer:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=model,
        model_type="bpe",
        vocab_size=1500,
        minloglevel=2,
        character_coverage=0.98,
        num_threads=1,
        **options,
    )
    return SentencePieceTokenizer(model.getvalue(), name="sp", source="test")


def mixed_lines(shared: Path) -> list[str]:
    """Lines in five scripts with numbers and signs stuck to letters, so that a wrong rule shows."""
    lines = []
    for language in ("en", "ru", "ja", "hi", "ko"):
        text = (shared / "data" / "flores" / f"{language}.txt").read_text("utf-8")
        lines += text.split("\n")[:120]
    signs = [f"x{n}y{n % 7},{c}{n}(z) no.{n}" for n in range(300) for c in string.ascii_letters[:2]]
    return lines + signs


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"split_digits": True},
        {"split_by_number": False},
        {"split_by_unicode_script": False, "split_digits": True},
        {"split_by_whitespace": False},
        {"allow_whitespace_only_pieces": True, "remove_extra_whitespaces": False},
    ],
)
def test_what_the_trainer_made_is_never_cut(shared: Path, options: dict[str, object]) -> None:
    """The trainer itself is the oracle: the stated rule keeps every one of its merges whole."""
    tokenizer = trained(mixed_lines(shared), **options)
    scanner, _ = sentencepiece_rule(tokenizer.definition)
    merges = tokenizer.merges
    assert merges is not None
    assert len(merges) > 300
    cut_up = [
        left + right for left, right in merges if len(cut(scanner, (left + right).decode())) > 1
    ]
    assert cut_up == []


def test_the_rule_is_not_needlessly_coarse(shared: Path) -> None:
    """Without the restrictions, the trainer makes pieces that the default rule would cut."""
    free = trained(mixed_lines(shared), split_by_unicode_script=False)
    strict, _ = sentencepiece_rule(ModelDefinition())
    merges = free.merges
    assert merges is not None
    assert any(len(cut(strict, (left + right).decode())) > 1 for left, right in merges)


def test_without_a_pre_tokenizer_the_rule_is_what_merges_show() -> None:
    text = ["one two three 11 22 33 11 22", "eins, zwei, drei"] * 20
    library = toy.sentencepiece_bpe(text, vocab_size=330)
    tokenizer = adapt_tokenizers_object(library, name="llama", source="test")
    scanner, notes = inferred_rule(tokenizer)
    merges = tokenizer.merges
    assert merges
    assert all(len(cut(scanner, (a + b).decode())) == 1 for a, b in merges)
    # The merge `11` was made, so that digits do not stand alone; none reaches across a space.
    assert b"11" in {(a + b).strip() for a, b in merges}
    assert cut(scanner, " one 11") == [" one", " 11"]
    assert "before each space" in notes[0]
