"""Token classes: a small vocabulary by hand, a slow twin that reads characters, and edge cases."""

import random
import unicodedata
from collections import Counter
from collections.abc import Sequence

import icu
import numpy as np
import pytest

from tests.unit.metrics.studied import evidence_of, value
from tokeval.core.metric import Context
from tokeval.core.token_kinds import (
    CASES,
    CATEGORIES,
    MIXED_SCRIPTS,
    NO_SCRIPT,
    Identity,
    script_name,
    token_classes,
)
from tokeval.core.tokenizer import Vocabulary
from tokeval.document import Undefined
from tokeval.metrics import token_classes as family

BY_ID = {metric.info.id: metric for metric in family.METRICS}

# bytes, category, after a space, case, script
TOKENS: list[tuple[bytes | None, str, bool, str, str]] = [
    (b"<s>", "special", False, "none", "none"),
    (b"a", "single byte", False, "none", "none"),  # declared: <0x61>
    (b"\xd0", "single byte", False, "none", "none"),
    (b"\xd0\xb4\xd0", "part of a character", False, "none", "none"),
    (None, "none", False, "none", "none"),
    (b" the", "letters", True, "lower", "Latn"),
    (b"The", "letters", False, "Title", "Latn"),
    (b"  THE", "letters", True, "UPPER", "Latn"),
    (b" iPad", "letters", True, "miXed", "Latn"),
    ("É".encode(), "letters", False, "UPPER", "Latn"),
    ("日本".encode(), "letters", False, "none", "Hani"),
    ("日の".encode(), "letters", False, "none", "mixed"),
    ("aд".encode(), "letters", False, "lower", "mixed"),
    ("े".encode(), "letters", False, "none", "none"),  # a combining mark
    (b" 12", "digits", True, "none", "none"),
    (b"...", "punctuation", False, "none", "none"),
    (b" +", "symbols", True, "none", "none"),
    (b"\x00", "symbols", False, "none", "none"),
    (b"word.", "mixed", False, "lower", "Latn"),
    (b"+.", "mixed", False, "none", "none"),
    (b" \n", "white space", False, "none", "none"),
]
VOCABULARY = Vocabulary(tuple(row[0] for row in TOKENS), frozenset({0}), frozenset({1, 2}))
NO_TEXT = evidence_of()


def context(
    vocabulary: Vocabulary, ids: Sequence[Sequence[int]] = ((), ()), **labels: str
) -> Context:
    return Context(evidence_of(ids), vocabulary, labels=labels, name="own")


def script_text(number: int) -> str:
    return {NO_SCRIPT: "none", MIXED_SCRIPTS: "mixed"}.get(number) or script_name(number)


def rows(vocabulary: Vocabulary) -> list[tuple[str, bool, str, str]]:
    """Category, position, case and script of each id."""
    classes = token_classes(Identity(vocabulary))
    return [
        (CATEGORIES[category], initial, CASES[case], script_text(script))
        for category, initial, case, script in zip(
            classes.category.tolist(),
            classes.is_initial.tolist(),
            classes.case.tolist(),
            classes.script.tolist(),
            strict=True,
        )
    ]


@pytest.mark.parametrize("i", range(len(TOKENS)))
def test_each_token_is_classified_by_hand(i: int) -> None:
    assert rows(VOCABULARY)[i] == TOKENS[i][1:]


BY_HAND = {
    "word_initial_tokens": 5 / 20,
    "letter_tokens": 9 / 20,
    "digit_tokens": 1 / 20,
    "sign_tokens": 3 / 20,
    "mixed_tokens": 2 / 20,
    "partial_tokens": 3 / 20,
    "capital_tokens": 4 / 7,
    "script_tokens": 6 / 20,
    # the text below has eight tokens
    "word_initial_occurrences": 3 / 8,
    "letter_occurrences": 4 / 8,
    "sign_occurrences": 1 / 8,
    "partial_occurrences": 2 / 8,
}
# the The <0x61> | 0xD0 the 12 ... the  -> the first and the second block
TEXT = ((5, 6, 1), (2, 5, 15, 20, 5))


@pytest.mark.case(golden=[*BY_HAND])
@pytest.mark.parametrize("metric_id", BY_HAND)
def test_shares_by_hand(metric_id: str) -> None:
    found = context(VOCABULARY, TEXT, script="Latn")
    assert value(BY_ID[metric_id].compute, found) == pytest.approx(BY_HAND[metric_id])
    assert {*BY_HAND} == {*BY_ID}


def test_leaving_out_a_block_leaves_its_tokens_out() -> None:
    folds = BY_ID["letter_occurrences"].compute(context(VOCABULARY, TEXT))
    assert not isinstance(folds, Undefined)
    assert folds.values.tolist() == pytest.approx([4 / 8, 2 / 5, 2 / 3])


def slow_class(token: bytes) -> tuple[str, bool, str, str]:
    """The class of a token that is neither special nor declared to be a byte."""
    try:
        text = token.decode()
    except UnicodeDecodeError:
        return ("single byte" if len(token) == 1 else "part of a character"), False, "none", "none"
    core = [char for char in text if not char.isspace()]
    kinds = {
        {"L": "letters", "M": "letters", "N": "digits", "P": "punctuation"}.get(
            unicodedata.category(char)[0], "symbols"
        )
        for char in core
    }
    category = "white space" if not kinds else kinds.pop() if len(kinds) == 1 else "mixed"
    cased = [char for char in text if char.lower() != char.upper()]
    capital = [char.upper() == char for char in cased]
    scripts = {icu.Script.getScript(char).getShortName() for char in core if char.isalpha()}
    return (
        category,
        bool(core) and text[0].isspace(),
        "none"
        if not cased
        else "lower"
        if not any(capital)
        else "UPPER"
        if all(capital)
        else "Title"
        if capital == [True] + [False] * (len(capital) - 1)
        else "miXed",
        "none" if not scripts else scripts.pop() if len(scripts) == 1 else "mixed",
    )


def random_vocabulary(seed: int) -> Vocabulary:
    draw = random.Random(seed)  # noqa: S311 - a test, not a secret
    signs = [*"abCDé中のдЖ 1٣.!+€ \n\té", "क", "े"]
    texts = {"".join(draw.choices(signs, k=draw.randint(1, 5))).encode() for _ in range(2000)}
    broken = {text[: draw.randint(1, len(text))] for text in texts}
    return Vocabulary(tuple(sorted(texts | broken)))


def slow_shares(
    found: Sequence[tuple[str, bool, str, str]], weights: Sequence[int]
) -> dict[str, float]:
    """All shares from the classes of tokens, each as often as its weight says."""
    total = sum(weights)
    by: Counter[str] = Counter()
    for (category, initial, case, script), weight in zip(found, weights, strict=True):
        by[category] += weight
        by["initial"] += weight * initial
        by["cased"] += weight * (case != "none")
        by["capital"] += weight * (case not in ("none", "lower"))
        by["Cyrl"] += weight * (script == "Cyrl")
    return {
        "word_initial": by["initial"] / total,
        "letter": by["letters"] / total,
        "digit": by["digits"] / total,
        "sign": (by["punctuation"] + by["symbols"]) / total,
        "mixed": by["mixed"] / total,
        "partial": (by["single byte"] + by["part of a character"]) / total,
        "capital": by["capital"] / by["cased"],
        "script": by["Cyrl"] / total,
    }


@pytest.mark.case(oracle=[*BY_ID])
@pytest.mark.parametrize("seed", [1, 2])
def test_random_vocabularies_agree_with_a_slow_twin(seed: int) -> None:
    vocabulary = random_vocabulary(seed)
    slow = [slow_class(token or b"") for token in vocabulary.token_bytes]
    assert rows(vocabulary) == slow
    ids = np.random.default_rng(seed).integers(0, len(slow), 500).tolist()
    weights = np.bincount(ids, minlength=len(slow)).tolist()
    found = context(vocabulary, (ids[:200], ids[200:]), script="Cyrl")
    shares = {
        "tokens": slow_shares(slow, [1] * len(slow)),
        "occurrences": slow_shares(slow, weights),
    }
    for metric_id, metric in BY_ID.items():
        what, kind = metric_id.rsplit("_", 1)
        assert value(metric.compute, found) == pytest.approx(shares[kind][what]), metric_id


@pytest.mark.case(undefined=[*BY_ID])
@pytest.mark.parametrize("metric_id", BY_ID)
def test_nothing_to_count_is_undefined(metric_id: str) -> None:
    found = BY_ID[metric_id].compute(context(Vocabulary(()), script="Latn"))
    assert isinstance(found, Undefined)
    assert "nan" not in found.reason
    if metric_id.endswith("_occurrences"):
        assert isinstance(BY_ID[metric_id].compute(context(VOCABULARY)), Undefined)


def test_position_is_undefined_where_no_token_holds_a_space() -> None:
    pieces = Vocabulary((b"word", b"part"))
    for metric_id in ("word_initial_tokens", "word_initial_occurrences"):
        found = BY_ID[metric_id].compute(context(pieces, ((0,), (1,))))
        assert isinstance(found, Undefined)
        assert "space" in found.reason
    bytes_alone = Vocabulary(tuple(bytes([byte]) for byte in range(256)))
    assert value(BY_ID["word_initial_tokens"].compute, context(bytes_alone)) == 0


def test_scripts_of_a_label() -> None:
    of = BY_ID["script_tokens"].compute
    assert value(of, context(VOCABULARY, script="Jpan")) == 2 / 20
    assert value(of, context(VOCABULARY, script="Hans")) == 1 / 20
    assert isinstance(of(context(VOCABULARY)), Undefined)
    assert isinstance(of(context(VOCABULARY, script="Qqqq")), Undefined)


def test_capitals_are_undefined_without_cased_letters() -> None:
    assert isinstance(BY_ID["capital_tokens"].compute(context(Vocabulary((b"1",)))), Undefined)


def test_figures_add_up_and_share_their_axes() -> None:
    other = random_vocabulary(3)
    peers = {"own": VOCABULARY, "other": other}
    found = {
        name: family.series(name, Context(evidence_of(TEXT), peer, peers=peers, name=name))
        for name, peer in peers.items()
    }
    ids = ["tokens_by_class", "tokens_by_script", "occurrences_by_class", "occurrences_by_script"]
    assert [one.id for one in found["own"]] == ids
    for own, of_other in zip(found["own"], found["other"], strict=True):
        assert own.x == of_other.x
        assert sum(own.y) == pytest.approx(1)
        assert len(own.x) == len(own.y) == len({*own.x})
    by_class = dict(zip(found["own"][0].x, found["own"][0].y, strict=True))
    assert by_class["letters after a space"] == pytest.approx(3 / 20)
    assert by_class["letters"] == pytest.approx(6 / 20)
    occurrences = dict(zip(found["own"][3].x, found["own"][3].y, strict=True))
    assert occurrences["Latin"] == 1
    assert family.series("own", context(Vocabulary(()))) == []
