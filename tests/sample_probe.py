"""A document of every probe: small tokenizers, and models that are scripts, with known causes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path

from msgspec.structs import replace

from tests.counting_behaviours import answers_with, driven_by_length, merge_dropper
from tests.toy_tokenizers import byte_level_bpe
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import Finding, ProbeResult, Report, Usage
from tokeval.loaders.tokenizers import load_tokenizers
from tokeval.probe.arithmetic import arithmetic_result, predicted_alignment
from tokeval.probe.arithmetic_items import ArithmeticSettings, arithmetic_items
from tokeval.probe.boundary import boundary
from tokeval.probe.counting import count_result
from tokeval.probe.counting_items import CountingSettings, counting_items
from tokeval.probe.items import Item, Response
from tokeval.probe.letter_cuts import letter_cuts
from tokeval.probe.markov import markov
from tokeval.probe.numeracy import numeracy
from tokeval.probe.report import probe_report
from tokeval.probe.scripted_models import ScriptedModel
from tokeval.probe.selftest import selftest

HOSTILE = "<b>x</b>\u202e"
TEXTS = {"prose": ["the cat 12 sat\non 345 mats"] * 12, "code": ["x = 17\ny = 2345\n"] * 12}


def saved_tokenizer(folder: Path, *, vocab_size: int = 300) -> Path:
    """A byte-level BPE with merges of letters and digits, as a file."""
    path = folder / f"bpe{vocab_size}.json"
    texts = ["abab abba baab 1234 3456 5678 77 78"] * 4
    byte_level_bpe(texts, vocab_size=vocab_size).save(str(path))
    return path


def tokenizers(folder: Path, *names: str) -> list[Tokenizer]:
    """One tokenizer for each name, with more and more merges."""
    paths = [saved_tokenizer(folder, vocab_size=257 + 30 * place) for place, _ in enumerate(names)]
    loaded = load_tokenizers([f"t{place}={path}" for place, path in enumerate(paths)])
    for tokenizer, name in zip(loaded, names, strict=True):
        tokenizer.name = name
    return loaded


def counted(tokenizer: Tokenizer | None, *, model: str, lossy: bool = True) -> ProbeResult:
    """A model that loses merged letters, or one that loses letters of long texts."""
    settings = CountingSettings(letters=("ab",), lengths=((10, 20), (30, 40)), n_strings=20,
                                n_matched_pairs=5)  # fmt: skip
    items = counting_items(settings, tokenizer)
    usage = Usage(len(items), len(items) - 4, 2, 0, 12_345, 6_789, 0.0123)
    if tokenizer is None:
        return count_result(_right(items), None, settings, model=model, usage=usage)
    texts = [str(item.fields["text"]) for item in items]
    cuts = letter_cuts(tokenizer, texts, [str(item.fields["target"]) for item in items])
    behaviour = merge_dropper if lossy else driven_by_length
    responses = answers_with(behaviour, items, cuts, 0)
    return count_result(responses, tokenizer, settings, model=model, usage=usage)


def _right(items: Sequence[Item]) -> list[Response]:
    """Right answers, but for one without an integer and one that is missing."""
    texts: list[str | None] = [item.expected for item in items]
    texts[:2] = ["no idea", None]
    return [Response(item, text, "stop") for item, text in zip(items, texts, strict=True)]


def calculated(cuts: ProbeResult | None, *, model: str) -> ProbeResult:
    """A model that gets the fourth digit of longer sums wrong, beside how numbers are cut."""
    settings = ArithmeticSettings(n_sums=4, n_products=4, most_digits=2)
    responses = [_calculated(item) for item in arithmetic_items(settings)]
    return arithmetic_result(
        responses,
        predicted_alignment(cuts) if cuts else None,
        settings,
        model=model,
        tokenizer=cuts.tokenizer if cuts else "",
    )


def _calculated(item: Item) -> Response:
    """The right answer, or one that is wrong in its fourth digit."""
    right = item.expected
    if item.fields.get("lengths_match") == "no" and item.format == "bare":
        right = right[:3] + str((int(right[3]) + 1) % 10) + right[4:]
    return Response(item, right, "stop")


@cache
def sample_results(folder: Path) -> tuple[ProbeResult, ...]:
    """Results of every probe, with names that are hostile."""
    one, two = tokenizers(folder, "one", HOSTILE)
    finding = Finding("counting_at_floor", "warning", HOSTILE, "a <message>", 3, ("<i>",))
    lossy = counted(two, model=HOSTILE)
    cuts = [numeracy(tokenizer, n_numbers=20) for tokenizer in (one, two)]
    return (
        *cuts,
        boundary(one, n_items=10, texts=TEXTS),
        boundary(two, n_items=10, texts=TEXTS),
        markov("blocks", n_characters=20_160, sizes=(2, 4, 8)),
        markov(one, n_characters=20_160),
        selftest(ScriptedModel(lambda _: "one two three four", name=HOSTILE)),
        replace(lossy, findings=(*lossy.findings, finding)),
        counted(one, model="model-two", lossy=False),
        calculated(cuts[1], model=HOSTILE),
        calculated(None, model="model-two"),
    )


def sample_report(folder: Path, *, warnings: Sequence[str] = ()) -> Report:
    """A document of all of them."""
    return probe_report(
        sample_results(folder), created="2026-01-02T03:04:05Z", warnings=warnings,
        argv=("tokeval", "probe"),
    )  # fmt: skip
