"""What carries over: spelling against a slow twin, and counts that add up."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from tests import toy_tokenizers as toy
from tests.unit.compare.test_attribution import slice_of
from tokeval.compare.attribution import Attributor
from tokeval.compare.spelling import Speller
from tokeval.compare.transferring import ordinary_ids, transfer
from tokeval.core.pretokens import Cut
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import SequenceLength
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object

ENGLISH = ["the lowest of the newer and the wider, 123 times", "don't say it's low — été"] * 5
OTHER = ["çok güzel bir gün, the low günün — ışığı ☃☃", "日本語 日本 €€"] * 5


@cache
def tokenizer(kind: str, other: bool = False) -> Tokenizer:
    trained = getattr(toy, kind)(OTHER if other else ENGLISH)
    return adapt_tokenizers_object(trained, name=f"{kind}{other}", source="test")


def merged_in_order(spelling: bytes, merges: tuple[tuple[bytes, bytes], ...]) -> list[bytes]:
    """BPE the long way: merge after merge over the whole string, from left to right."""
    parts = [bytes([byte]) for byte in spelling]
    for left, right in merges:
        joined: list[bytes] = []
        for part in parts:
            if joined and joined[-1] == left and part == right:
                joined[-1] = left + right
            else:
                joined.append(part)
        parts = joined
    return parts


def test_tokens_of_bytes_are_spelled_as_the_merges_say() -> None:
    """Partial characters too, which no text encodes to."""
    before, after = tokenizer("byte_level_bpe"), tokenizer("byte_level_bpe", other=True)
    spellings = [after.vocabulary.token_bytes[i] or b"" for i in ordinary_ids(after.vocabulary)]
    assert any(b"\xe2" in one and len(one) == 2 for one in spellings)
    assert before.merges is not None
    expected = [len(merged_in_order(one, before.merges)) for one in spellings]
    assert Speller(before).n_pieces(spellings).tolist() == expected


def test_a_tokenizer_that_puts_a_space_before_texts_spells_inner_pieces() -> None:
    before = tokenizer("sentencepiece_bpe")
    for inner in ("lowest", "ew", "12", "günü"):
        alone, behind = before.encode_batch(["\n", "\n" + inner]).offsets[1:].tolist()
        (n,) = Speller(before).n_pieces([inner.encode()])
        assert n == behind - 2 * alone


def test_bytes_that_are_no_text_fall_back_to_byte_tokens() -> None:
    spell = Speller(tokenizer("sentencepiece_bpe")).n_pieces
    assert spell([b"\xe2\x82", b"\x98"]).tolist() == [2, 1]
    (text,) = spell([b"low"])
    assert spell([b"low\xe2\x82"]).tolist() == [text + 2]


def test_what_no_token_spells_is_counted_apart() -> None:
    before = tokenizer("word_level")
    assert Speller(before).n_pieces([b"the", b"xyz", b"\xe2"]).tolist() == [1, 0, 0]
    found = transfer(before, tokenizer("byte_level_bpe"))
    assert found.n_unencodable > 0
    assert found.n_rows_copied + found.n_rows_averaged + found.n_unencodable == (
        found.n_tokens_after
    )


@pytest.mark.parametrize("kind", ["byte_level_bpe", "sentencepiece_bpe", "unigram"])
def test_counts_add_up_and_shared_tokens_are_the_same_bytes(kind: str) -> None:
    before, after = tokenizer(kind), tokenizer(kind, other=True)
    found = transfer(before, after)
    old, new = (
        [one.vocabulary.token_bytes[i] for i in ordinary_ids(one.vocabulary)]
        for one in (before, after)
    )
    assert (found.n_tokens_before, found.n_tokens_after) == (len(old), len(new))
    assert found.n_shared == sum(token in old for token in new) == found.n_rows_copied
    assert found.shared_share == found.n_shared / len(new)
    assert sum(found.pieces.values()) == found.n_rows_averaged
    if found.pieces:
        assert min(found.pieces) >= 2
        total = sum(k * n for k, n in found.pieces.items())
        assert found.mean_pieces == pytest.approx(total / found.n_rows_averaged)
    assert found.n_rows_copied + found.n_rows_averaged + found.n_unencodable == len(new)
    assert (found.n_rows_unused, found.tokens_shared_share, found.lengths) == (None, None, ())


def test_to_itself_everything_carries_over() -> None:
    one = tokenizer("byte_level_bpe")
    found = transfer(one, one)
    assert (found.shared_share, found.pieces, found.mean_pieces) == (1.0, {}, None)


def test_rows_that_the_text_never_uses_and_shared_tokens_of_the_text() -> None:
    pair = tokenizer("byte_level_bpe"), tokenizer("byte_level_bpe", other=True)
    texts = ["the low günün", "été — été", "çok güzel"]
    attributor = Attributor([(one, Cut.TEXT) for one in pair], n_names=0, max_forms=100)
    list(attributor.slices([slice_of(texts)]))
    found = transfer(
        *pair,
        whole=attributor.whole,
        lengths={"a": (10, 5), "all": (14, 9), "b": (4, 4), "c": (3, 0)},
    )
    ids = [one.encode_batch(texts).ids for one in pair]
    old = {token for token in pair[0].vocabulary.token_bytes if token}
    assert found.n_rows_unused == found.n_tokens_before - len(set(ids[0].tolist()))
    spelled = [pair[1].vocabulary.token_bytes[i] for i in ids[1].tolist()]
    assert found.tokens_shared_share == pytest.approx(np.mean([one in old for one in spelled]))
    assert found.lengths == (
        SequenceLength("all", 14, 9, 9 / 14),
        SequenceLength("c", 3, 0, 0.0),
        SequenceLength("a", 10, 5, 0.5),
        SequenceLength("b", 4, 4, 1.0),
    )


def test_special_tokens_are_no_rows_of_the_table() -> None:
    vocabulary = tokenizer("lowercase_wordpiece").vocabulary
    ids = ordinary_ids(vocabulary)
    assert not set(ids) & vocabulary.special
    assert len(ids) == len(vocabulary) - 5
