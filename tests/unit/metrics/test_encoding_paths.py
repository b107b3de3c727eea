"""Each tokenizer takes the quickest path that is proved, and a refuted one gives way."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests import bpe_definitions
from tokeval.core.cache_evidence import pack_evidence
from tokeval.core.corpus import Slice
from tokeval.core.metric import Parameters
from tokeval.core.pretokens import Cut
from tokeval.core.tokenizer import Encoded
from tokeval.loaders.baselines import ByteTokenizer
from tokeval.metrics import encoding_paths
from tokeval.metrics.encoding_paths import EncodingPath
from tokeval.metrics.evaluate import measure

BPE = bpe_definitions.fast_ones()["gpt2"]
TEXTS = bpe_definitions.TRAINING


def part() -> Slice:
    return Slice("part", lambda: ((text,) for text in TEXTS), "line")


def test_paths_are_named_and_evidence_is_the_same() -> None:
    tokenizers = [BPE, ByteTokenizer()]
    fast = measure(tokenizers, [part()], Parameters())
    exact = measure(tokenizers, [part()], Parameters(), exact_path=True)
    assert fast.paths == {BPE.name: "pretokens", "bytes": "library"}
    assert exact.paths == {BPE.name: "library", "bytes": "library"}
    assert fast.cuts == exact.cuts
    for name in fast.paths:
        one, other = fast.evidence[name]["part"], exact.evidence[name]["part"]
        assert pack_evidence(one) == pack_evidence(other)


class WrongEncoder:
    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        encoded = BPE.encode_batch(texts)
        return Encoded(encoded.ids[::-1].copy(), encoded.offsets)


def test_a_refuted_encoder_gives_way_to_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding_paths, "fast_encoder", lambda *_: WrongEncoder())
    monkeypatch.setattr(encoding_paths, "choose_cut", lambda *_: Cut.SPACE)
    counted = measure([BPE], [part()], Parameters())
    assert counted.paths == {BPE.name: "library"}
    assert counted.cuts == {BPE.name: Cut.SPACE}
    exact = measure([BPE], [part()], Parameters(), exact_path=True)
    one, other = counted.evidence[BPE.name]["part"], exact.evidence[BPE.name]["part"]
    assert pack_evidence(one) == pack_evidence(other)


def test_without_an_encoder_the_cut_is_refuted() -> None:
    assert EncodingPath(Cut.SPACE, None).refuted() == EncodingPath(Cut.TEXT, None)
