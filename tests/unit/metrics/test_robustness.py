"""Robustness: each kind of change on texts counted by hand, and against a slow recount."""

from dataclasses import replace
from typing import cast

import pytest

from tests.merge_tokenizers import byte_bpe, one_block_each
from tests.unit.core.test_edit_distance import by_table
from tokeval.core.evidence import Evidence
from tokeval.core.metric import Context, Folds
from tokeval.core.perturbations import PERTURBATIONS, perturb
from tokeval.core.study import Sample, Subject, Tally, pool_tallies
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.metrics import robustness

BY_ID = {metric.info.id: metric for metric in robustness.METRICS}
TEXTS = [
    "The café is open to everyone who asks for it.",
    "Ça va? Ångström said: 'oui'.",
    "x = compute(a, b)  # 2024",
    "Cafe\u0301 a\u0308hnlich",
    "İstanbul'da güzel günler",
]


def context(tally: Tally | Undefined) -> Context:
    return Context(cast(Evidence, None), ByteTokenizer().vocabulary, tallies={"robustness": tally})


def compute(metric_id: str, tokenizer: Tokenizer, sample: Sample) -> Folds | Undefined:
    return BY_ID[metric_id].compute(context(robustness.measure(Subject(tokenizer, sample))))


def value(metric_id: str, tokenizer: Tokenizer, sample: Sample) -> float:
    folds = compute(metric_id, tokenizer, sample)
    assert isinstance(folds, Folds)
    return float(folds.values[0])


BY_HAND = {
    # one token for each character: (text, change of tokens, edits / longer sequence)
    "typo": ("gggg", 0, 1 / 4),
    "upper": ("ab C", 0, 2 / 4),
    "lower": ("AB c", 0, 2 / 4),
    "accents": ("éa", 0, 1 / 2),
    "nfd": ("éa", 1 / 2, 2 / 3),
    "nfc": ("e\u0301a", -1 / 3, 2 / 3),
    "spaces": ("a b", 1 / 3, 1 / 4),
    "homoglyphs": ("xz", 0, 1 / 2),
    "styled": ("a!", 0, 1 / 2),
    "latex": ("ab", 9 / 2, 9 / 11),
}


@pytest.mark.case(golden=[*BY_ID])
@pytest.mark.parametrize("kind", PERTURBATIONS)
def test_changes_counted_by_hand(kind: str) -> None:
    text, change, edits = BY_HAND[kind]
    sample = one_block_each([text, " "])  # nothing changes a space, so it does not count
    characters = CharacterTokenizer()
    assert value(f"robustness_{kind}_tokens", characters, sample) == pytest.approx(change)
    assert value(f"robustness_{kind}_edit", characters, sample) == pytest.approx(edits)


@pytest.mark.case(oracle=[*BY_ID])
@pytest.mark.parametrize(
    "tokenizer", [ByteTokenizer(), byte_bpe(["The", " ca", " o", "ope", " is", "ver", " f", "or"])]
)
def test_a_slow_recount(tokenizer: Tokenizer) -> None:
    def ids(text: str) -> list[int]:
        return tokenizer.encode_batch([text]).ids.tolist()

    for kind in PERTURBATIONS:
        pairs = [(ids(text), ids(perturb(kind, text))) for text in TEXTS]
        changed = [
            pair for pair, text in zip(pairs, TEXTS, strict=True) if perturb(kind, text) != text
        ]
        before = sum(len(a) for a, _ in changed)
        after = sum(len(b) for _, b in changed)
        edits = sum(by_table(a, b) for a, b in changed)
        longest = sum(max(len(a), len(b)) for a, b in changed)
        sample = one_block_each(TEXTS)
        found = value(f"robustness_{kind}_tokens", tokenizer, sample)
        assert found == pytest.approx(after / before - 1)
        found = value(f"robustness_{kind}_edit", tokenizer, sample)
        assert found == pytest.approx(edits / longest)


@pytest.mark.case(undefined=[*BY_ID])
@pytest.mark.parametrize("metric_id", BY_ID)
def test_texts_that_nothing_changes(metric_id: str) -> None:
    found = compute(metric_id, ByteTokenizer(), one_block_each([" ", "\n"]))
    title = PERTURBATIONS[metric_id.split("_")[1]].title
    assert found == Undefined(f"the slice has no tokens of texts that {title} would change")
    assert isinstance(compute(metric_id, ByteTokenizer(), Sample("en", ())), Undefined)


def test_leaving_a_block_out_is_counting_without_it() -> None:
    tokenizer = byte_bpe(["The", " ca"])
    folds = compute("robustness_upper_edit", tokenizer, one_block_each(TEXTS))
    assert isinstance(folds, Folds)
    for block in range(len(TEXTS)):
        rest = one_block_each(TEXTS[:block] + TEXTS[block + 1 :])
        assert folds.values[1 + block] == value("robustness_upper_edit", tokenizer, rest)


def test_slices_add_up() -> None:
    parts = [one_block_each(TEXTS[:2]), one_block_each(TEXTS[2:4])]
    tallies = [robustness.measure(Subject(ByteTokenizer(), part)) for part in parts]
    together = robustness.measure(Subject(ByteTokenizer(), one_block_each(TEXTS[:4])))
    pooled = pool_tallies(tallies)
    assert isinstance(pooled, Tally)
    assert isinstance(together, Tally)
    for column in pooled.columns:
        assert pooled.sums(column)[0] == together.sums(column)[0]


def test_much_text_is_cut() -> None:
    sample = replace(one_block_each(["word " * 10_000] * 12))
    tally = robustness.measure(Subject(CharacterTokenizer(), sample))
    assert isinstance(tally, Tally)
    before = int(tally.sums("upper_before")[0])
    assert 0.9 * robustness.N_CHARACTERS <= before <= robustness.N_CHARACTERS


def test_the_figure_shows_what_was_changed() -> None:
    tally = robustness.measure(Subject(CharacterTokenizer(), one_block_each(["éa"])))
    (figure,) = robustness.series("characters", context(tally))
    assert figure.kind == "heat"
    shown = dict(zip(figure.x, figure.y, strict=True))
    assert shown["NFD"] == pytest.approx(2 / 3)
    assert "NFC" not in shown
    assert robustness.series("none", context(Undefined("no"))) == []
