"""Attribution: against a slow twin, against the counts of metrics, and exact sums."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests import toy_tokenizers as toy
from tests.attribution_twin import Counts, attributed
from tokeval.compare.attribution import AFTER, BEFORE, OCCURRENCES, Attributor, Tally
from tokeval.compare.explaining import Explainer
from tokeval.compare.unit_tokens import Forms, StretchTable
from tokeval.core.corpus import Slice
from tokeval.core.metric import Parameters
from tokeval.core.pretokens import Cut, choose_cut
from tokeval.core.tokenizer import Tokenizer
from tokeval.loaders.bundled import bundled_slices
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.metrics.evaluate import measure

TEXTS = (
    "the lowest of the newer, and the wider: 123 times\n",
    "  don't say it's low;  x_1 = self.y[2]  # é\n",
    "the low low\tlow \n\n    return readFile(HTTPError)\n",
    "日本語 テスト ไทย Привет мир שלום",
    "👩‍👩‍👧 🇹🇷🇩🇪 1️⃣ © ™ € ¬ \u200d \u0301a \u00a0b \u3000c",
    "a \u0301 b\u200e \u202ec\x00d \x1c e\u2028f  \r\n g",
    "",
    " ",
    "\n",
    "...!?  (([ ]])) --- ___ a__b  «ok» ’tis the low’",
    "xxxxxxxxxxxxxxxxxxxxxxxx low the the",
)


@cache
def adapted(kind: str) -> Tokenizer:
    trained = getattr(toy, kind)([*TEXTS[:3], *TEXTS[9:]] * 3)
    return adapt_tokenizers_object(trained, name=kind, source="test")


KINDS = ("byte_level_bpe", "sentencepiece_bpe", "lowercase_wordpiece", "unigram", "word_level")


@pytest.fixture(scope="module")
def tokenizers() -> dict[str, Tokenizer]:
    return {kind: adapted(kind) for kind in KINDS}


def slice_of(texts: Sequence[str], name: str = "part") -> Slice:
    def documents() -> Iterator[tuple[str, ...]]:
        yield from ((text,) for text in texts)

    return Slice(name, documents, "line")


def tallied(
    pair: Sequence[Tokenizer], texts: Sequence[str], cuts: Sequence[Cut], **options: int
) -> tuple[Forms, Tally]:
    attributor = Attributor(
        list(zip(pair, cuts, strict=True)),
        n_names=options.get("n_names", 10),
        max_forms=options.get("max_forms", 1 << 20),
    )
    ((_, tally),) = attributor.slices([slice_of(texts)])
    assert np.array_equal(tally.by_form, attributor.whole.by_form)
    return attributor.forms, tally


def as_counts(forms: Forms, tally: Tally) -> Counts:
    found: Counts = {}
    for text, row in zip(forms.texts, tally.by_form.tolist(), strict=False):
        known = found.setdefault(text, [0, 0, 0])
        for column, n in enumerate(row):
            known[column] += n
    if tally.without_text.any():
        found[None] = [*tally.without_text.tolist(), 0]
    return {text: row for text, row in found.items() if any(row)}


@pytest.mark.parametrize("pair", list(itertools.combinations(KINDS, 2)), ids="-".join)
def test_every_token_falls_where_the_slow_twin_puts_it(
    pair: tuple[str, str], tokenizers: dict[str, Tokenizer]
) -> None:
    both = [tokenizers[kind] for kind in pair]
    texts = [*TEXTS, *TEXTS[:3]]
    cuts = [choose_cut(tokenizer, texts) for tokenizer in both]
    for chosen in (cuts, [Cut.TEXT, Cut.TEXT]):
        assert as_counts(*tallied(both, texts, chosen)) == dict(attributed(both, texts))


CHARACTERS = st.sampled_from(
    [*" \n\tabAB1_.,'-()é’日テไ€😀", "\u0301", "\u200d", "\u00a0", "\u2028"]
)


@settings(max_examples=60)
@given(st.lists(st.text(CHARACTERS, max_size=25), min_size=1, max_size=6))
def test_units_give_what_whole_texts_give(texts: list[str]) -> None:
    both = [adapted("byte_level_bpe"), adapted("sentencepiece_bpe")]
    cuts = [choose_cut(tokenizer, TEXTS) for tokenizer in both]
    assert Cut.TEXT not in cuts
    assert as_counts(*tallied(both, texts, cuts)) == dict(attributed(both, texts))


@pytest.mark.parametrize("names", [("tr",), ("python",), ("th", "ja", "python")], ids="-".join)
def test_contributions_add_up_to_the_counts_of_the_metrics(
    names: tuple[str, ...], tokenizers: dict[str, Tokenizer]
) -> None:
    """The totals of `measure`, which counts in another way, on bundled text."""
    parts = [part for part in bundled_slices() if part.name in names]
    assert len(parts) == len(names)
    both = [tokenizers["byte_level_bpe"], tokenizers["sentencepiece_bpe"]]
    measured = measure(both, parts, Parameters())
    cuts = [measured.cuts[tokenizer.name] for tokenizer in both]
    attributor = Attributor(list(zip(both, cuts, strict=True)), n_names=5, max_forms=1 << 20)
    explainer = Explainer(attributor.forms, both, (0, 0), 5)
    found = [explainer.explain(name, tally) for name, tally in attributor.slices(parts)]
    found.append(explainer.explain("all", attributor.whole))
    expected = {
        part.name: [
            int(measured.evidence[tokenizer.name][part.name].sums("tokens")[0])
            for tokenizer in both
        ]
        for part in parts
    }
    expected["all"] = [sum(counts) for counts in zip(*expected.values(), strict=True)]
    for one in found:
        assert [one.tokens_before, one.tokens_after] == expected[one.slice]
        for parts_of_it in (one.contributions, one.classes):
            assert sum(part.tokens_before for part in parts_of_it) == one.tokens_before
            assert sum(part.tokens_after for part in parts_of_it) == one.tokens_after
            assert sum(part.difference for part in parts_of_it) == one.difference
        assert one.added is not None
        assert one.saved is not None
        assert one.added - one.saved == one.difference
        assert sum(part.kind == "word" for part in one.contributions) <= 5


def test_ids_are_counted_as_the_metrics_count_them(tokenizers: dict[str, Tokenizer]) -> None:
    both = [tokenizers["byte_level_bpe"], tokenizers["lowercase_wordpiece"]]
    measured = measure(both, [slice_of(TEXTS)], Parameters())
    cuts = [measured.cuts[tokenizer.name] for tokenizer in both]
    _, tally = tallied(both, TEXTS, cuts)
    for side, tokenizer in enumerate(both):
        counts = measured.evidence[tokenizer.name]["part"].token_types
        expected = np.zeros(len(tally.ids[side]), dtype=np.int64)
        expected[counts.types] = counts.counts
        assert np.array_equal(tally.ids[side], expected)


def test_sums_stay_exact_when_stretches_have_no_names_any_more(
    tokenizers: dict[str, Tokenizer],
) -> None:
    both = [tokenizers["byte_level_bpe"], tokenizers["unigram"]]
    cuts = [Cut.TEXT, Cut.TEXT]
    all_forms, everything = tallied(both, TEXTS, cuts)
    few_forms, few = tallied(both, TEXTS, cuts, max_forms=8)
    assert few_forms.is_full
    assert not all_forms.is_full
    assert np.array_equal(few.n_tokens, everything.n_tokens)
    explained = [
        Explainer(forms, both, (0, 0), 100).explain("part", tally)
        for forms, tally in ((all_forms, everything), (few_forms, few))
    ]
    assert set(explained[0].classes) == set(explained[1].classes)
    named = [one for one in explained[1].contributions if one.kind == "word"]
    assert len(named) <= 8


def test_a_full_table_is_begun_anew_without_losing_a_token(
    tokenizers: dict[str, Tokenizer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A table that is full after every chunk, and chunks of one text."""
    both = [tokenizers["byte_level_bpe"], tokenizers["sentencepiece_bpe"]]
    cuts = [choose_cut(tokenizer, TEXTS) for tokenizer in both]
    texts = [*TEXTS, *TEXTS]
    expected = as_counts(*tallied(both, texts, cuts))
    monkeypatch.setattr("tokeval.core.corpus.CHUNK_CHARACTERS", 1)
    monkeypatch.setattr(StretchTable, "is_full", property(lambda _: True))
    assert as_counts(*tallied(both, texts, cuts)) == expected


def test_the_cuts_that_are_shown_make_most_of_the_difference(
    tokenizers: dict[str, Tokenizer],
) -> None:
    """`low` is one token at the start of a text and behind a space, and cut elsewhere."""
    both = [tokenizers["byte_level_bpe"], tokenizers["lowercase_wordpiece"]]
    texts = ["the low", "the low", "Qlow"]
    forms, tally = tallied(both, texts, [Cut.TEXT, Cut.TEXT])
    form = forms.texts.index("Qlow")
    before, after = tally.telling_cuts(form)
    assert both[0].vocabulary.join(before) == b"Qlow"
    assert len(before) == tally.by_form[form, BEFORE]
    assert len(after) == tally.by_form[form, AFTER]
    assert tally.by_form[forms.texts.index("low"), OCCURRENCES] == 2


def test_special_tokens_are_a_class_of_their_own(tokenizers: dict[str, Tokenizer]) -> None:
    both = [tokenizers["sentencepiece_bpe"], tokenizers["byte_level_bpe"]]
    forms, tally = tallied(both, TEXTS, [Cut.TEXT, Cut.TEXT])
    plain = Explainer(forms, both, (0, 0), 0).explain("part", tally)
    special = Explainer(forms, both, (1, 2), 0).explain("part", tally)
    (row,) = [one for one in special.classes if one.text_class == "special tokens"]
    n = len(TEXTS)
    assert (row.occurrences, row.tokens_before, row.tokens_after) == (n, n, 2 * n)
    assert special.difference == plain.difference + n


def test_enough_words_are_named_to_leave_a_fifth(tokenizers: dict[str, Tokenizer]) -> None:
    both = [tokenizers["byte_level_bpe"], tokenizers["word_level"]]
    forms, tally = tallied(both, TEXTS, [Cut.TEXT, Cut.TEXT])
    one = Explainer(forms, both, (0, 0), 0).explain("part", tally)
    words = [part for part in one.contributions if part.kind == "word"]
    sizes = [abs(part.difference) for part in words]
    change = np.abs(tally.by_form[:, AFTER] - tally.by_form[:, BEFORE])
    assert sizes == sorted(sizes, reverse=True)
    assert sizes == sorted(change.tolist(), reverse=True)[: len(sizes)]
    assert 0.8 <= (one.named_share or 0.0) <= 1.2
    assert sum(sizes) >= 0.8 * change.sum()
    fewer = words[:-1]
    is_enough = sum(sizes[:-1]) >= 0.8 * change.sum()
    left = abs(one.difference - sum(part.difference for part in fewer))
    assert not (is_enough and left <= 0.2 * abs(one.difference))
