"""Overlap: three vocabularies by hand, against sets made anew, and a run of one tokenizer."""

import random
from collections.abc import Mapping

import pytest

from tests.unit.metrics.studied import evidence_of, value
from tokeval.core.metric import Context
from tokeval.core.tokenizer import Vocabulary
from tokeval.document import Undefined
from tokeval.metrics import overlap

BY_ID = {metric.info.id: metric for metric in overlap.METRICS}

PEERS = {
    # <s> is special in both; b occurs twice, and counts once
    "a": Vocabulary((b"<s>", b"a", b"b", b"b", b" c", b"d"), frozenset({0})),
    "b": Vocabulary((b"a", b"b", None, b"c", b"<s>"), frozenset({4})),
    "c": Vocabulary((b"a", b" c", b"<s>", b""), frozenset()),
}
# a: {a, b, _c, d}, b: {a, b, c}, c: {a, _c, <s>}
BY_HAND = {
    "core_tokens": {"a": 1 / 4, "b": 1 / 3, "c": 1 / 3},
    "mean_jaccard": {"a": (2 / 5 + 2 / 5) / 2, "b": (2 / 5 + 1 / 5) / 2, "c": (2 / 5 + 1 / 5) / 2},
    "exclusive_tokens": {"a": 1 / 4, "b": 1 / 3, "c": 1 / 3},
}


def context(peers: Mapping[str, Vocabulary], name: str) -> Context:
    return Context(evidence_of(), peers[name], peers=peers, name=name)


@pytest.mark.case(golden=[*BY_HAND])
@pytest.mark.parametrize("metric_id", BY_HAND)
@pytest.mark.parametrize("name", PEERS)
def test_three_vocabularies_by_hand(metric_id: str, name: str) -> None:
    found = value(BY_ID[metric_id].compute, context(PEERS, name))
    assert found == pytest.approx(BY_HAND[metric_id][name])
    assert {*BY_HAND} == {*BY_ID}


@pytest.mark.case(oracle=[*BY_ID])
@pytest.mark.parametrize("seed", range(5))
def test_random_vocabularies_agree_with_sets(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - a test, not a secret
    peers = {
        name: Vocabulary(tuple(draw.randbytes(1) for _ in range(draw.randint(20, 400))))
        for name in "pqrs"
    }
    tokens = {name: set(peer.token_bytes) for name, peer in peers.items()}
    for name, own in tokens.items():
        others = [those for other, those in tokens.items() if other != name]
        expected = {
            "core_tokens": sum(all(t in o for o in others) for t in own) / len(own),
            "exclusive_tokens": sum(not any(t in o for o in others) for t in own) / len(own),
            "mean_jaccard": sum(len(own & o) / len(own | o) for o in others) / 3,
        }
        for metric_id, metric in BY_ID.items():
            found = value(metric.compute, context(peers, name))
            assert found == pytest.approx(expected[metric_id])


@pytest.mark.case(undefined=[*BY_ID])
@pytest.mark.parametrize("metric_id", BY_ID)
def test_one_tokenizer_or_an_empty_one_is_undefined(metric_id: str) -> None:
    compute = BY_ID[metric_id].compute
    assert compute(context({"a": PEERS["a"]}, "a")) == overlap.NO_PEERS
    with_empty = {"a": PEERS["a"], "empty": Vocabulary((b"<s>",), frozenset({0}))}
    for name in with_empty:
        assert compute(context(with_empty, name)) == overlap.NO_TOKENS
    assert isinstance(compute(Context(evidence_of(), PEERS["a"])), Undefined)


def test_a_vocabulary_and_its_copy_are_alike() -> None:
    copy = Vocabulary(PEERS["a"].token_bytes, frozenset({0}))
    for twin in (copy, PEERS["a"]):
        peers = {"a": PEERS["a"], "twin": twin}
        found = {m: value(BY_ID[m].compute, context(peers, "twin")) for m in BY_ID}
        assert found == {"core_tokens": 1, "mean_jaccard": 1, "exclusive_tokens": 0}


def test_the_matrix_is_symmetric_with_ones_on_its_diagonal() -> None:
    matrix = {}
    for name in PEERS:
        (row,) = overlap.series(name, context(PEERS, name))
        assert row.x == tuple(PEERS)
        matrix[name] = dict(zip(PEERS, row.y, strict=True))
    assert all(matrix[a][b] == matrix[b][a] for a in PEERS for b in PEERS)
    assert all(matrix[a][a] == 1 for a in PEERS)
    assert matrix["a"]["b"] == pytest.approx(2 / 5)
    assert overlap.series("a", context({"a": PEERS["a"]}, "a")) == []
