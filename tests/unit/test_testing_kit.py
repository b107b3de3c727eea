"""The conformance kit: what is right passes, and for every check there is a twin that fails it."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from tests import toy_tokenizers
from tokeval.core.metric import Context, Folds, Metric, ratio
from tokeval.core.resources import Lexicon, Resources
from tokeval.core.study import Study, Subject, Tally
from tokeval.core.tokenizer import Encoded, EncodedSpans, Vocabulary
from tokeval.document import MetricInfo, Undefined
from tokeval.loaders.baselines import ByteTokenizer, CharacterTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics.catalogue import CATALOGUE
from tokeval.testing import ConformanceError, check_metric, check_tokenizer

LINES = ["a new day in the old town", "The town is new; 12 days!", "yeni bir gün"] * 9
TOYS = {
    name: getattr(toy_tokenizers, name)
    for name in ("byte_level_bpe", "sentencepiece_bpe", "lowercase_wordpiece", "unigram")
}


@pytest.mark.parametrize("tokenizer", [ByteTokenizer(), CharacterTokenizer()], ids=lambda t: t.name)
def test_baselines_conform(tokenizer: Any) -> None:
    check_tokenizer(tokenizer)


@pytest.mark.parametrize("kind", TOYS)
def test_tokenizers_of_every_model_conform(kind: str) -> None:
    check_tokenizer(adapt_tokenizers_object(TOYS[kind](LINES), name=kind, source=kind))


@pytest.mark.parametrize("file", ["dolly-v2-12b.json", "openchat_3.5.json"])
def test_published_tokenizers_conform(shared: Path, file: str) -> None:
    check_tokenizer(load_tokenizer(str(shared / "data" / "tokenizers" / file)))


def with_ids(change: Callable[[Encoded], Encoded]) -> type[ByteTokenizer]:
    """A byte tokenizer whose batches are changed."""

    class Changed(ByteTokenizer):
        def encode_batch(self, texts: Any) -> Encoded:
            return change(super().encode_batch(texts))

    return Changed


def with_spans(change: Callable[[EncodedSpans], Any]) -> type[ByteTokenizer]:
    """A byte tokenizer whose spans are changed."""

    class Changed(ByteTokenizer):
        def encode_with_spans(self, texts: Any) -> Any:
            return change(super().encode_with_spans(texts))

    return Changed


def with_members(**members: Any) -> type[ByteTokenizer]:
    """A byte tokenizer with other attributes."""

    class Changed(ByteTokenizer):
        def __init__(self, name: str | None = None) -> None:
            super().__init__(name)
            for key, value in members.items():
                setattr(self, key, value)

    return Changed


class Forgetful(ByteTokenizer):
    """Gives a text other ids the second time."""

    calls = 0

    def encode_batch(self, texts: Any) -> Encoded:
        self.calls += 1
        found = super().encode_batch(texts)
        return Encoded(found.ids[:1], np.minimum(found.offsets, 1)) if self.calls > 1 else found


class FirstOfBatch(ByteTokenizer):
    """Drops the last token of a batch of several texts."""

    def encode_batch(self, texts: Any) -> Encoded:
        found = super().encode_batch(texts)
        if len(texts) < 2:
            return found
        last = len(found.ids) - 1
        return Encoded(found.ids[:last], np.minimum(found.offsets, last))


class Failing(ByteTokenizer):
    """Cannot encode digits."""

    def encode_batch(self, texts: Any) -> Encoded:
        if any("1" in text for text in texts):
            raise ValueError("no digits please")
        return super().encode_batch(texts)


class Lower(ByteTokenizer):
    """Declares a normalisation that it does not make."""

    def normalize(self, text: str) -> str:
        return text.lower()


class OtherDecode(ByteTokenizer):
    """Decodes by rules of its own."""

    def decode(self, ids: Any) -> bytes:
        return super().decode(ids).strip()


class Forks(ByteTokenizer):
    """Loses its settings on the way to another process."""

    def __reduce__(self) -> tuple[object, ...]:
        return (CharacterTokenizer, ())


class Zeroes(ByteTokenizer):
    """Has a fingerprint of zeroes."""

    def __init__(self, name: str | None = None) -> None:
        super().__init__(name)
        self.fingerprint = "0" * 64


class OtherFingerprint(ByteTokenizer):
    """Has another fingerprint in each process."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Zeroes, ())


def shifted(spanned: EncodedSpans, by: Any) -> EncodedSpans:
    """The same with moved spans."""
    return EncodedSpans(spanned.ids, spanned.offsets, spanned.spans + by)


BYTES = ByteTokenizer().vocabulary.token_bytes
BROKEN: dict[str, tuple[type[ByteTokenizer], str]] = {
    "model": (with_members(model=""), "`model` is '', no text"),
    "fingerprint": (with_members(fingerprint="abc"), "no sha256"),
    "notes": (with_members(notes="one"), "`notes` is no tuple"),
    "vocabulary": (with_members(vocabulary=list(BYTES)), "no Vocabulary"),
    "bos": (with_members(bos_id=256), "`bos_id` is 256, no id"),
    "special": (with_members(vocabulary=Vocabulary(BYTES, frozenset({999}))), "999 has no token"),
    "byte token": (
        with_members(vocabulary=Vocabulary((*BYTES, b"ab"), byte_tokens=frozenset({256}))),
        "spells b'ab'",
    ),
    "unknown": (
        with_members(vocabulary=Vocabulary((*BYTES, b"?"), unknown_id=256)),
        "spells b'[?]', not nothing",
    ),
    "int64": (with_ids(lambda e: Encoded(e.ids.astype(np.int64), e.offsets)), "int32 array"),
    "int32 offsets": (with_ids(lambda e: Encoded(e.ids, e.offsets.astype(np.int32))), "int64"),
    "too few": (with_ids(lambda e: Encoded(e.ids, e.offsets[1:])), "offsets for"),
    "begin": (with_ids(lambda e: Encoded(e.ids, e.offsets + 1)), "begin at 1"),
    "end": (with_ids(lambda e: Encoded(e.ids[1:], e.offsets)), "offsets of encode_batch end"),
    "fall": (
        with_ids(lambda e: Encoded(e.ids, np.r_[0, e.offsets[:0:-1]].astype(np.int64))),
        "offsets of encode_batch fall",
    ),
    "no token": (with_ids(lambda e: Encoded(e.ids + np.int32(200), e.offsets)), "has no token"),
    "raises": (Failing, "raised ValueError: no digits please"),
    "second call": (Forgetful, "has other ids"),
    "end of batch": (FirstOfBatch, "other ids"),
    "normalize": (Lower, "normalised it is b'the town"),
    "decode": (OtherDecode, "its tokens are"),
    "spans moved": (with_spans(lambda s: shifted(s, -1)), "leaves"),
    "spans wide": (
        with_spans(lambda s: shifted(s, np.array([0, 1]) * (s.spans[:, :1] == 0))),
        "it covers|leaves",
    ),
    "spans zero": (with_spans(lambda s: shifted(s, -s.spans)), "it covers"),
    "spans back": (
        with_spans(lambda s: EncodedSpans(s.ids, s.offsets, s.spans[::-1].copy())),
        "go back|leaves",
    ),
    "spans absent": (with_spans(lambda s: Encoded(s.ids, s.offsets)), "no int64 spans"),
    "spans int32": (
        with_spans(lambda s: EncodedSpans(s.ids, s.offsets, s.spans.astype(np.int32))),
        "no int64 spans",
    ),
    "other ids": (
        with_spans(lambda s: EncodedSpans(s.ids[::-1].copy(), s.offsets, s.spans)),
        "other ids than encode_batch",
    ),
    "merges": (with_members(merges=((b"a", b"b"),)), "makes b'ab', no token"),
    "empty merge": (with_members(merges=((b"", b"a"),)), "no pair of bytes"),
    "copy": (Forks, "unpickled copy gives other ids"),
    "other fingerprint": (OtherFingerprint, "another fingerprint"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_tokenizers_are_told_what_is_wrong(case: str) -> None:
    kind, sentence = BROKEN[case]
    with pytest.raises(ConformanceError, match=sentence):
        check_tokenizer(kind())


def test_a_tokenizer_that_lacks_something() -> None:
    class Bare(ByteTokenizer):
        def __getattribute__(self, name: str) -> Any:
            if name in ("loader", "keeps_whitespace"):
                raise AttributeError(name)
            return super().__getattribute__(name)

    with pytest.raises(ConformanceError, match="lacks loader, keeps_whitespace"):
        check_tokenizer(Bare())


def test_a_tokenizer_that_cannot_reach_another_process() -> None:
    class Local(ByteTokenizer):
        pass

    with pytest.raises(ConformanceError, match="worker processes"):
        check_tokenizer(Local())


def test_texts_may_be_given() -> None:
    check_tokenizer(Failing(), ["no digits", ""])
    check_tokenizer(ByteTokenizer(), [])


@pytest.mark.parametrize(
    "metric", [m for m in CATALOGUE.values() if m.study is None], ids=lambda m: m.info.id
)
def test_the_catalogue_conforms(metric: Metric) -> None:
    letters = frozenset("aeiou")
    check_metric(metric, resources=Resources(lexicons={"tr": Lexicon("letters", letters, letters)}))


INFO = MetricInfo(
    id="spaces",
    title="Spaces",
    family="layout",
    unit="share",
    direction="none",
    formula="Σ lines / Σ texts",
    source="a test",
    docs="docs/plugins.md",
    reading="How it is.",
    lower_bound=0,
    upper_bound=1,
)


def lines_by_text(context: Context) -> Folds | Undefined:
    """A right metric: lines / texts."""
    return ratio(context.evidence.sums("lines"), context.evidence.sums("texts"), "texts")


def count_documents(subject: Subject) -> Tally | Undefined:
    """A right study."""
    if subject.sample is None:
        return Undefined("no text")
    blocks = np.zeros(subject.sample.n_blocks, dtype=np.int64) + 1
    return Tally(subject.sample.n_blocks, {"documents": blocks})


def from_study(context: Context) -> Folds | Undefined:
    """A right metric of a study."""
    tally = context.tally(STUDY)
    if isinstance(tally, Undefined):
        return tally
    return ratio(tally.sums("documents"), tally.sums("documents"), "documents")


STUDY = Study("documents", count_documents)
RIGHT = Metric(INFO, lines_by_text)
STUDIED = Metric(INFO, from_study, study=STUDY)


@pytest.mark.parametrize("metric", [RIGHT, STUDIED, replace(RIGHT, scope="corpus")])
def test_right_metrics_pass(metric: Metric) -> None:
    check_metric(metric)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"id": "No Spaces"}, "ids are of a-z"),
        ({"title": " "}, "has no title"),
        ({"source": ""}, "has no source"),
        ({"docs": ""}, "has no docs"),
        ({"reading": "how it is"}, "full stop"),
        ({"direction": "up"}, "direction 'up'"),
        ({"lower_bound": 2.0, "unit": "tokens"}, "bounds are 2.0 and 1"),
        ({"upper_bound": None}, "a share: its bounds"),
        ({"lower_bound": 0, "upper_bound": 0.5, "unit": "lines"}, "is above 0.5"),
        ({"lower_bound": 1.5, "upper_bound": 9, "unit": "lines"}, "is below 1.5"),
    ],
)
def test_broken_descriptions(change: dict[str, Any], sentence: str) -> None:
    metric = replace(RIGHT, info=msgspec.structs.replace(INFO, **change))
    with pytest.raises(ConformanceError, match=sentence):
        check_metric(metric)


CALLS = {"n": 0}


def counting(context: Context) -> Folds:
    """Gives another value at each call."""
    CALLS["n"] += 1
    return Folds.constant(1 / CALLS["n"])


def flickering(context: Context) -> Folds | Undefined:
    """Is undefined at every other call."""
    CALLS["n"] += 1
    return Undefined("odd") if CALLS["n"] % 2 else Folds.constant(1.0)


def meddling(context: Context) -> Folds | Undefined:
    """Changes the evidence and puts it back wrong."""
    context.evidence.totals["lines"][:1] += 1
    return Folds.constant(1.0)


def dividing(context: Context) -> Folds:
    """Divides by 0 where there is no text."""
    sums = context.evidence.sums("characters")
    with np.errstate(all="ignore"):
        return Folds(0 * sums / sums)


@pytest.mark.parametrize(
    ("compute", "sentence"),
    [
        (lambda context: 1.0, "is a float, neither"),
        (lambda context: 1 / 0, "raised ZeroDivisionError"),
        (lambda context: Undefined(" "), "undefined without a reason"),
        (lambda context: Undefined("never"), "undefined everywhere"),
        (lambda context: Folds(np.array([1])), "no float64 array"),
        (lambda context: Folds(np.ones((1, 1))), "no float64 array"),
        (lambda context: Folds(np.ones(3)), "has 3 values"),
        (lambda context: Folds.constant(np.inf), "is inf; return Undefined"),
        (dividing, "blank is nan; return Undefined"),
        (counting, "differs from one call"),
        (flickering, "differs from one call"),
    ],
)
def test_broken_computations(compute: Any, sentence: str) -> None:
    with pytest.raises(ConformanceError, match=sentence):
        check_metric(replace(RIGHT, compute=compute))


def test_a_metric_that_changes_the_evidence() -> None:
    from tokeval.metrics import conformance

    try:
        with pytest.raises(ConformanceError, match="changes what it is given"):
            check_metric(replace(RIGHT, compute=meddling))
    finally:
        conformance._measured.cache_clear()


def test_wrong_scopes_and_parameters() -> None:
    with pytest.raises(ConformanceError, match="scope 'word' does not exist"):
        check_metric(replace(RIGHT, scope="word"))
    with pytest.raises(ConformanceError, match="depends on moon"):
        check_metric(replace(RIGHT, parameters=("moon",)))


@pytest.mark.parametrize(
    ("study", "sentence"),
    [
        (Study("s", lambda subject: Undefined("x")), "cannot be sent to worker processes"),
        (replace(STUDY, scope="word"), "no scope is 'word'"),
    ],
)
def test_broken_studies(study: Study, sentence: str) -> None:
    with pytest.raises(ConformanceError, match=sentence):
        check_metric(replace(STUDIED, study=study))


def wrong_shape(subject: Subject) -> Tally:
    """A column of one number for several blocks."""
    return Tally(3, {"documents": np.ones(1)})


def not_finite(subject: Subject) -> Tally:
    """A column that is not a number."""
    return Tally(0, {"documents": np.array([np.nan])})


def failing(subject: Subject) -> Tally:
    """Raises."""
    raise KeyError("gold")


@pytest.mark.parametrize(
    ("measure", "sentence"),
    [
        (wrong_shape, r"documents is not of shape \(3,\)"),
        (not_finite, "documents is not finite"),
        (failing, "raised KeyError"),
    ],
)
def test_broken_tallies(measure: Any, sentence: str) -> None:
    with pytest.raises(ConformanceError, match=sentence):
        check_metric(replace(STUDIED, study=Study("documents", measure)))


def with_terms(context: Context) -> Folds | Undefined:
    """Needs a list of terms."""
    terms = context.resources.terms
    return Folds.constant(1.0) if terms else Undefined("no terms")


def test_resources_are_handed_on() -> None:
    metric = replace(RIGHT, compute=with_terms, parameters=("terms",))
    with pytest.raises(ConformanceError, match="give the `resources`"):
        check_metric(metric)
    check_metric(metric, resources=Resources(terms=("town",)))
