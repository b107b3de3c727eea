"""The fast encoder gives the tokenizer's own ids on any text, and evidence is the same with it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import bpe_definitions
from tokeval.core.cache_evidence import pack_evidence
from tokeval.core.corpus import Chunk
from tokeval.core.counting import ChunkCounter, CutRefutedError
from tokeval.core.pretokens import Cut, choose_cut
from tokeval.core.tokenizer import Encoded, Tokenizer
from tokeval.loaders.packaged import PACKAGED, packaged_arguments
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.pretokenization.encoder import FastEncoder, fast_encoder

SIGNS = (
    "aeTbolwESsdtr.,'-/_  \n\t\r\x0b\x1c\x85\xa0123é\u0301\u0345\u212b\u0958жن日本ア一ー・\uac00กน"
)
SIGNS += (
    "\u094d\u2581\u200d\u2028\u3000\ufeff\u00ad\u017f\u0130\u01c5\u0378\x00\x7f\U0001f469\U0001f3fd"
)
SIGNS += "\U0010ffff\U000e0100\U0001fbff"
PARTS = (
    "the ",
    " lower",
    "don't",
    "<s>",
    "</s>",
    "<|endoftext|>",
    "<unk>",
    "<0xE2>",
    "aaaaaa",
    "    ",
)
TEXTS = st.lists(st.sampled_from([*SIGNS, *PARTS]) | st.characters(codec="utf-8"), max_size=30).map(
    "".join
)
BATCHES = st.lists(TEXTS, min_size=1, max_size=40)
NAMES = [entry.name for entry in PACKAGED if entry.name != "jurassic-2"]
KINDS = ("gpt2", "NFC and added tokens", "marks by normaliser", "Metaspace first", "unknown fused")


@cache
def pair(name: str) -> tuple[Tokenizer, FastEncoder]:
    if name in KINDS:
        tokenizer: Tokenizer = toys()[name]
    else:
        pytest.importorskip(next(entry.package for entry in PACKAGED if entry.name == name))
        tokenizer = load_tokenizer(
            next(one for one in packaged_arguments() if one.startswith(f"{name}="))
        )
    encoder = fast_encoder(tokenizer, bpe_definitions.TRAINING)
    assert encoder is not None
    return tokenizer, encoder


@cache
def toys() -> dict[str, Tokenizer]:
    return dict(bpe_definitions.fast_ones())


def require_equal_ids(name: str, texts: list[str]) -> None:
    tokenizer, encoder = pair(name)
    ours, theirs = encoder.encode_batch(texts), tokenizer.encode_batch(texts)
    assert np.array_equal(ours.offsets, theirs.offsets)
    assert np.array_equal(ours.ids, theirs.ids)


@pytest.mark.parametrize("name", [*NAMES, *KINDS])
@given(texts=BATCHES)
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_ids_are_those_of_the_tokenizer(name: str, texts: list[str]) -> None:
    require_equal_ids(name, texts)


@pytest.mark.slow
@pytest.mark.parametrize("name", [*NAMES, *KINDS])
@given(texts=st.lists(TEXTS, min_size=40, max_size=60))
@settings(max_examples=300, suppress_health_check=list(HealthCheck))
def test_ids_are_those_of_the_tokenizer_on_ten_thousand_texts(name: str, texts: list[str]) -> None:
    require_equal_ids(name, texts)


@pytest.mark.parametrize("name", KINDS)
@given(texts=st.lists(TEXTS, min_size=1, max_size=12))
@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])
def test_evidence_is_the_same_on_both_paths(name: str, texts: list[str]) -> None:
    tokenizer, encoder = pair(name)
    cut = choose_cut(tokenizer, bpe_definitions.TRAINING)
    blocks = [t % 3 for t in range(len(texts))]
    chunk = Chunk("part", tuple((text,) for text in texts), tuple(blocks), 3, b"")
    try:
        plain = ChunkCounter([(tokenizer, cut)])(chunk)[0]
    except CutRefutedError:
        with pytest.raises(CutRefutedError):
            ChunkCounter([(tokenizer, cut)], encoders=[encoder])(chunk)
        plain = ChunkCounter([(tokenizer, Cut.TEXT)])(chunk)[0]
        cut = Cut.TEXT
    fast = ChunkCounter([(tokenizer, cut)], encoders=[encoder])(chunk)[0]
    assert pack_evidence(fast) == pack_evidence(plain)


class WrongEncoder:
    """Gives another id for every token of texts with an `x` in them."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        encoded = self._tokenizer.encode_batch(texts)
        wrong = np.repeat(["x" in text for text in texts], np.diff(encoded.offsets))
        return Encoded(np.where(wrong, 5, encoded.ids).astype(np.int32), encoded.offsets)


@pytest.mark.parametrize("cut", [Cut.SPACE, Cut.TEXT])
def test_a_wrong_encoder_is_refuted_by_the_first_texts(cut: Cut) -> None:
    tokenizer, _ = pair("gpt2")
    counter = ChunkCounter([(tokenizer, cut)], encoders=[WrongEncoder(tokenizer)])
    right = Chunk("part", (("the lowest",),), (0,), 1, b"")
    plain = ChunkCounter([(tokenizer, cut)])(right)[0]
    assert pack_evidence(counter(right)[0]) == pack_evidence(plain)
    with pytest.raises(CutRefutedError):
        counter(Chunk("part", (("the lowest next",),), (0,), 1, b""))
