"""Rules without a metric: ids unchanged, vocabulary consistent, round trip lossless, few UNK."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tokeval.document import Measured, MetricsResult, Report, RuleOutcome, Undefined
from tokeval.document.report import metrics_results
from tokeval.gate.cells import Key, Number, fits, slice_labels
from tokeval.gate.checks import Checker, beyond, named, shown
from tokeval.gate.comparable import check_texts
from tokeval.gate.rules import UNCHANGED

CONSISTENCY = {
    "broken_merges": "broken-merge",
    "ids_beyond_vocab_size": "id-beyond-vocab-size",
}
"""Counts that are 0 where vocabulary, merges and declared size belong together, and the code of
their findings."""

METRIC_OF = {"round_trip": "lossless", "unk_max": "unk_rate"}
"""The metric that a built-in rule is about."""

MEASURE = "measure them with `tokeval metrics TOKENIZER --family integrity --json FILE`"

Ids = dict[tuple[str, str], "IdsOfSlice"]


@dataclass(frozen=True)
class IdsOfSlice:
    """The hash of the ids of a slice.

    Attributes:
        sha256: of the ids.
        text: sha256 of the text by slice, empty where it is unknown.
        labels: of the slice.
    """

    sha256: str
    text: Mapping[str, str]
    labels: Mapping[str, str]


def ids_of(report: Report, names: Mapping[str, str] | None = None) -> Ids:
    """The hashes of ids in a document, by tokenizer and slice; `names` are new ones."""
    corpus = report.provenance.corpus
    found: Ids = {}
    for result in metrics_results(report):
        parts = {part.name: part for part in result.slices}
        for tokenizer, by_slice in result.ids_sha256.items():
            name = (names or {}).get(tokenizer, tokenizer)
            for part, digest in by_slice.items():
                text = {part: corpus[part]} if part in corpus else {}
                labels = slice_labels(parts.get(part), name=part, tokenizer=name)
                found[name, part] = IdsOfSlice(digest, text, labels)
    return found


def check_ids(checker: Checker, run: Ids, baseline: Ids) -> Iterator[RuleOutcome]:
    """Whether the ids are those of the baseline, or have the hash that the rule names.

    Raises:
        TokevalError: the text is not that of the baseline (exit code 4).
    """
    rule = checker.rule
    pinned = rule.wanted != UNCHANGED
    chosen = {key: one for key, one in run.items() if fits(rule.where, one.labels)}
    before = {key: one for key, one in baseline.items() if fits(rule.where, one.labels)}
    for key, one in chosen.items():
        tokenizer, part = key
        place: dict[str, Any] = {"tokenizer": tokenizer, "slice": part}
        what = f"the ids of {tokenizer} on {part}"
        old = before.get(key)
        if pinned:
            wanted = str(rule.wanted)
        elif old is None:
            said = f"the baseline has no ids of {tokenizer} on {part}"
            yield checker.absent("missing", said, **place)
            continue
        else:
            check_texts(old.text, one.text)
            wanted = old.sha256
        limit = f"ids {wanted[:16]}"
        if one.sha256 == wanted:
            yield checker.outcome("pass", f"{what} are unchanged", limit=limit, **place)
        else:
            said = f"{what} have changed: sha256 {one.sha256[:16]}, expected {wanted[:16]}"
            yield checker.outcome("fail", said, limit=limit, **place)
    gone = () if pinned else [key for key in before if key not in chosen]
    for tokenizer, part in gone:
        said = f"the run has no ids of {tokenizer} on {part}, which the baseline has"
        yield checker.absent("missing", said, vanished=True, tokenizer=tokenizer, slice=part)
    if not chosen and (pinned or not before):
        yield checker.absent("missing", "no ids in the run fit the rule")


def check_vocabulary(
    checker: Checker, run: Mapping[Key, Number], report: Report
) -> Iterator[RuleOutcome]:
    """Whether vocabulary, merges and declared size belong together, by tokenizer."""
    by_tokenizer: dict[str, list[Number]] = {}
    for one in run.values():
        if one.cell.metric in CONSISTENCY and fits(checker.rule.where, one.labels):
            by_tokenizer.setdefault(one.cell.tokenizer, []).append(one)
    if not by_tokenizer:
        yield checker.absent(
            "missing", f"no number in the run says whether a vocabulary is consistent; {MEASURE}"
        )
    for tokenizer, found in by_tokenizer.items():
        counts = [
            (one, one.cell.value.value) for one in found if isinstance(one.cell.value, Measured)
        ]
        reasons = [one.cell.value.reason for one in found if isinstance(one.cell.value, Undefined)]
        bad = [(one, count) for one, count in counts if count]
        if bad:
            said = "; ".join(_inconsistency(report, one, count) for one, count in bad)
            yield checker.outcome("fail", f"the vocabulary of {said}", one=bad[0][0])
        elif not counts:
            said = f"whether the vocabulary of {tokenizer} is consistent is unknown"
            yield checker.absent("undefined", f"{said}: {'; '.join(reasons)}", one=found[0])
        else:
            known = " and ".join(f"{one.cell.metric} 0" for one, _ in counts)
            rest = f" (not checked: {'; '.join(reasons)})" if reasons else ""
            said = f"the vocabulary of {tokenizer} is consistent: {known}{rest}"
            yield checker.outcome("pass", said, one=counts[0][0])


def check_share(checker: Checker, one: Number) -> RuleOutcome:
    """Whether texts come back byte for byte, or unknown tokens are few, for a measured number."""
    value = one.cell.value
    if isinstance(value, Undefined):
        raise ValueError(f"{named(one)} is undefined")
    if checker.rule.built_in == "round_trip":
        failed = beyond(1, value.value)
        lost = shown(1 - value.value)[0]
        said = (
            f"a share of {lost} of the texts of {one.cell.slice} does not come back "
            f"byte for byte from {one.cell.tokenizer}"
            if failed
            else f"all texts of {one.cell.slice} come back byte for byte from {one.cell.tokenizer}"
        )
        limit = "lossless 1"
    else:
        most = float(checker.rule.wanted)
        failed = beyond(value.value, most)
        share, bound = shown(value.value, most)
        said = f"the share of unknown tokens of {one.cell.tokenizer} on {one.cell.slice} is {share}"
        said += f", above {bound}" if failed else f", and up to {bound} may be"
        limit = f"unk_max {most:g}"
    return checker.outcome("fail" if failed else "pass", said, one=one, value=value, limit=limit)


def _inconsistency(report: Report, one: Number, count: float) -> str:
    """What is wrong with a vocabulary, with the examples of the finding where there is one."""
    said = f"{one.cell.tokenizer} has {one.cell.metric} {count:g}"
    code = CONSISTENCY[one.cell.metric]
    for result in report.results:
        for finding in result.findings if isinstance(result, MetricsResult) else ():
            if finding.code == code and finding.tokenizer == one.cell.tokenizer:
                examples = ", ".join(finding.examples[:3])
                return f"{said}: {finding.message}" + (f", such as {examples}" if examples else "")
    return said
