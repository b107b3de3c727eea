"""Whole results that are kept on disk, by everything that they depend on."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

import msgspec

from tokeval.core.cache import Cache, key_of
from tokeval.core.corpus import Slice
from tokeval.core.metric import Metric, Parameters
from tokeval.core.program_version import MEASURING, installed_distributions, program_version
from tokeval.core.resources import Resources
from tokeval.core.segmentation import UNICODE_VERSION, WORD_RULE
from tokeval.document import Report, dump
from tokeval.loaders.content_keys import slice_key
from tokeval.loaders.identities import Identity

_OUR_PACKAGE = "tokeval."
_LOOK_AT_FILES = frozenset(("tokeval.metrics.audit", "tokeval.metrics.qtok"))
"""Modules of metrics that read what lies beside a tokenizer, which its key says nothing of."""


def result_key(
    identities: Sequence[Identity],
    slices: Sequence[Slice],
    parameters: Parameters,
    *,
    metrics: Sequence[Metric],
    resources: Resources,
    exact_path: bool = False,
) -> str | None:
    """A hash of everything that a result depends on but the time and the command line.

    `None` where some of it cannot be told by its content: a tokenizer or a metric of a user's own
    code, a slice that is not made of local files, a metric that reads other files.
    """
    made_by = {metric.compute.__module__ for metric in metrics}
    if made_by & _LOOK_AT_FILES or not all(name.startswith(_OUR_PACKAGE) for name in made_by):
        return None
    if any(identity.key is None for identity in identities):
        return None
    texts = [(part, slice_key(part)) for part in slices]
    if any(key is None for _, key in texts):
        return None
    return key_of(
        program_version(MEASURING),
        int(exact_path),
        key_of(sys.version, WORD_RULE, UNICODE_VERSION, *installed_distributions()),
        key_of(*(msgspec.json.encode(asdict(identity)) for identity in identities)),
        key_of(*(_stated(part, key) for part, key in texts)),
        msgspec.json.encode(asdict(parameters)),
        key_of(*(msgspec.json.encode(metric.info) for metric in metrics)),
        _resources_key(resources),
    )


def kept_report(
    cache: Cache | None, key: str | None, *, argv: Sequence[str], created: str
) -> Report | None:
    """The document under a key as if it were made now; `None` where none is kept."""
    content = None if cache is None or key is None else cache.get(key)
    if content is None:
        return None
    report = msgspec.json.decode(content, type=Report)
    now = msgspec.structs.replace(report.provenance, argv=tuple(argv), created=created)
    return msgspec.structs.replace(report, provenance=now)


def keep_report(cache: Cache | None, key: str | None, report: Report) -> None:
    """Keeps a document, where that is possible and it reads back as the same bytes."""
    if cache is None or key is None:
        return
    content = dump(report)
    if dump(read_back(report)) == content:
        cache.put(key, content)


def read_back(report: Report) -> Report:
    """The document as a reader of its JSON has it: a bound of 0 is the number 0.0.

    So that one from the cache gives the same bytes. Unpaired surrogates, which text may hold, do
    not survive the way through JSON: such a document stays as it is.
    """
    try:
        return msgspec.json.decode(dump(report), type=Report)
    except msgspec.DecodeError:
        return report


def _stated(part: Slice, key: str | None) -> str:
    """What a result depends on of a slice."""
    labels = sorted(part.labels.items())
    return key_of(part.name, part.unit, part.parallel, part.source, str(labels), key)


def _resources_key(resources: Resources) -> str:
    """A hash of the lists that a run was given."""
    lexicons: Mapping[str, object] = {
        tag: [lexicon.name, sorted(lexicon.words), sorted(lexicon.morphemes)]
        for tag, lexicon in resources.lexicons.items()
    }
    plain = replace(resources, lexicons={})
    return key_of(msgspec.json.encode(asdict(plain)), msgspec.json.encode(lexicons))
