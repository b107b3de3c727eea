"""The fast encoder gives the tokenizer's own ids on bundled and hostile text, or there is none."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from tests import bpe_definitions
from tokeval.core.tokenizer import Encoded, Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.packaged import PACKAGED, packaged_arguments
from tokeval.loaders.ranked_bpe import RankedDefinition, RankedTokenizer
from tokeval.loaders.tiktoken_files import PATTERNS
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.pretokenization import encoder as encoders
from tokeval.pretokenization.encoder import fast_encoder, stated_encoder
from tokeval.pretokenization.hostile_texts import HOSTILE_TEXTS

CORPORA = Path(__file__).parents[3] / "corpora"
FAST, SLOW = bpe_definitions.fast_ones(), bpe_definitions.slow_ones()
PACKAGED_BPE = [entry.name for entry in PACKAGED if entry.name != "jurassic-2"]


@cache
def packaged(name: str) -> Tokenizer:
    pytest.importorskip(next(entry.package for entry in PACKAGED if entry.name == name))
    argument = next(one for one in packaged_arguments() if one.startswith(f"{name}="))
    return load_tokenizer(argument)


@cache
def bundled() -> list[str]:
    """Every bundled text, as a whole and line by line."""
    wholes = [path.read_text("utf-8") for path in sorted(CORPORA.rglob("*.txt"))]
    assert len(wholes) > 10
    return [*wholes, *(line for whole in wholes for line in whole.splitlines(keepends=True))]


def require_equal(ours: Encoded, theirs: Encoded, texts: Sequence[str]) -> None:
    for t, text in enumerate(texts):
        one = ours.ids[ours.offsets[t] : ours.offsets[t + 1]]
        other = theirs.ids[theirs.offsets[t] : theirs.offsets[t + 1]]
        assert one.tolist() == other.tolist(), text[:200]
    assert np.array_equal(ours.offsets, theirs.offsets)
    assert (ours.ids.dtype, ours.offsets.dtype) == (theirs.ids.dtype, theirs.offsets.dtype)


@pytest.mark.parametrize("name", PACKAGED_BPE)
def test_packaged_tokenizers_on_bundled_and_hostile_text(name: str) -> None:
    tokenizer = packaged(name)
    texts = [*HOSTILE_TEXTS, *bundled(), *tokenizer.added_texts[:50]]
    encoder = fast_encoder(tokenizer, bundled()[:20])
    assert encoder is not None
    require_equal(encoder.encode_batch(texts), tokenizer.encode_batch(texts), texts)


@pytest.mark.parametrize("kind", list(FAST))
def test_every_kind_of_bpe_on_bundled_and_hostile_text(kind: str) -> None:
    tokenizer = FAST[kind]
    encoder = fast_encoder(tokenizer, bpe_definitions.TRAINING)
    assert encoder is not None
    texts = [*HOSTILE_TEXTS, *bpe_definitions.TRAINING, *bundled(), *tokenizer.added_texts]
    require_equal(encoder.encode_batch(texts), tokenizer.encode_batch(texts), texts)
    for text in HOSTILE_TEXTS:  # an error in one text must not hide behind those before it
        require_equal(encoder.encode_batch([text]), tokenizer.encode_batch([text]), [text])


@pytest.mark.parametrize("kind", list(SLOW))
def test_what_is_odd_is_left_to_the_library(kind: str) -> None:
    assert fast_encoder(SLOW[kind], ()) is None


def test_a_unigram_model_is_left_to_the_library() -> None:
    assert stated_encoder(packaged("jurassic-2")) is None


def test_an_encoder_that_a_text_refutes_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = FAST["gpt2"]
    texts = ["only here\u2603"]
    real = tokenizer.encode_batch

    def other_ids(given: Sequence[str]) -> Encoded:
        encoded = real(given)
        return Encoded(encoded.ids + 1, encoded.offsets) if texts[0] in given else encoded

    assert fast_encoder(tokenizer, []) is not None
    monkeypatch.setattr(tokenizer, "encode_batch", other_ids)
    assert fast_encoder(tokenizer, texts) is None
    assert fast_encoder(tokenizer, []) is not None


@pytest.mark.parametrize("kind", ["gpt2", "NFC and added tokens", "marks by normaliser"])
def test_it_is_the_same_in_another_process(kind: str) -> None:
    tokenizer = FAST[kind]
    encoder = fast_encoder(tokenizer, ())
    assert encoder is not None
    encoder.encode_batch(["warm"])
    copied = pickle.loads(pickle.dumps(encoder))  # noqa: S301 - our own
    texts = list(bpe_definitions.TRAINING)
    require_equal(copied.encode_batch(texts), tokenizer.encode_batch(texts), texts)


def test_no_texts_are_no_ids() -> None:
    encoder = stated_encoder(FAST["gpt2"])
    assert encoder is not None
    encoded = encoder.encode_batch([])
    assert (encoded.ids.tolist(), encoded.offsets.tolist()) == ([], [0])


@pytest.mark.parametrize("name", ["gpt2", "marks by normaliser", "mistral-nemo", "mistral-7b"])
def test_a_lone_surrogate_is_refused_as_the_tokenizer_refuses_it(name: str) -> None:
    tokenizer = FAST[name] if name in FAST else packaged(name)
    encoder = stated_encoder(tokenizer)
    assert encoder is not None
    errors = []
    for one in (tokenizer, encoder):
        with pytest.raises(TokevalError) as caught:
            one.encode_batch(["a", "b\ud800"])
        errors.append(str(caught.value))
    assert errors[0] == errors[1]


def test_groups_of_texts_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    tokenizer = FAST["marks by normaliser"]
    encoder = stated_encoder(tokenizer)
    assert encoder is not None
    monkeypatch.setattr(encoders, "GROUP_CHARACTERS", 7)
    texts = ["", "the lowest of the newer", "a", "", "wider", "b c", ""]
    require_equal(encoder.encode_batch(texts), tokenizer.encode_batch(texts), texts)


def test_a_piece_of_a_megabyte() -> None:
    tokenizer = FAST["marks by normaliser"]
    encoder = stated_encoder(tokenizer)
    assert encoder is not None
    texts = ["lower" * 200_000 + "\U0001f600", "newer"]
    require_equal(encoder.encode_batch(texts), tokenizer.encode_batch(texts), texts)


def test_ranks_that_no_training_gives() -> None:
    """`abc` is ranked before the `ab` that it is made from, `xy` cannot be made of a rank."""
    tokens = [bytes([byte]) for byte in range(256)] + [b"abc", b"ab", b"bca", b"xyzw", b"", b"aa"]
    ranks = {token: rank for rank, token in enumerate(tokens)}
    tokenizer = RankedTokenizer(
        RankedDefinition(ranks, PATTERNS["gpt2"], shift=3, nfc=True), name="odd", source="odd"
    )
    encoder = stated_encoder(tokenizer)
    assert encoder is not None
    texts = ["abcabca", "bcabc aab aaa", "xyzw", "xyzwxyzw", "e\u0301abc", *HOSTILE_TEXTS]
    require_equal(encoder.encode_batch(texts), tokenizer.encode_batch(texts), texts)
