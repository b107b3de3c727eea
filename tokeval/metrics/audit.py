"""Audit: checks of a tokenizer's files and behaviour, each with a count and findings."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tokeval.core.metric import WHOLE_CORPUS, Context, Metric
from tokeval.core.study import Sample, Study, Subject, Tally
from tokeval.document import Series, Undefined
from tokeval.metrics import audit_checks, audit_files, reachability
from tokeval.metrics.audit_checks import LOSS_PROBES, Checked
from tokeval.metrics.entries import Entries, tally_count

FAMILY = "integrity"

TEXTS_BY_SLICE = 3
TEXT_CHARACTERS = 400

PROBES = (
    "",
    " ",
    "a",
    "  two  spaces\n\n\tand a tab",
    "12345 + 67 = 1e-9",
    "naïve café",
    "日本語 👩‍👩‍👧",
)
"""Texts that are encoded beside those of the slices."""

WHOLE_TEXTS_ONLY = "it encodes the texts of its file only"


def sample_texts(samples: Sequence[Sample]) -> list[str]:
    """The probes and the first texts of every slice, cut, without repetitions."""
    drawn = [text[:TEXT_CHARACTERS] for part in samples for text in part.texts[:TEXTS_BY_SLICE]]
    return list(dict.fromkeys([*PROBES, *drawn]))


def measure(subject: Subject) -> Tally | Undefined:
    """The count of each check as a column; checks that have nothing to look at have none."""
    tokenizer = subject.tokenizer
    definition = audit_checks.definition_of(tokenizer)
    checked: dict[str, Checked] = {
        "broken_merges": audit_checks.broken_merges(tokenizer, definition),
        "id_gaps": audit_checks.id_gaps(tokenizer),
        "duplicate_tokens": audit_checks.duplicate_tokens(tokenizer, definition),
        "partial_utf8_tokens": audit_checks.partial_tokens(tokenizer),
    }
    folder = audit_files.folder_of(tokenizer)
    checked["ids_beyond_vocab_size"] = audit_files.ids_beyond_size(tokenizer, folder)
    if not getattr(tokenizer, "whole_texts_only", False):
        texts = sample_texts(subject.samples)
        special, markers = audit_checks.injectable(tokenizer)
        prefix, injection = audit_files.template_checks(tokenizer, folder)
        checked |= {
            "nondeterministic_texts": audit_checks.nondeterministic_texts(tokenizer, texts),
            "normaliser_losses": audit_checks.normaliser_losses(tokenizer),
            "injectable_special_tokens": special,
            "injectable_chat_markers": markers,
            "loader_disagreements": audit_files.loader_disagreements(tokenizer, texts),
            "template_prefix_breaks": prefix,
            "template_injections": injection,
        }
    columns = {name: np.array([check.n]) for name, check in checked.items() if check.n is not None}
    return Tally(0, columns, tuple(f for check in checked.values() for f in check.findings))


STUDY = Study("audit", measure, scope="tokenizer")


def _metric(
    metric_id: str,
    title: str,
    *,
    unit: str,
    formula: str,
    reading: str,
    undefined: str = WHOLE_TEXTS_ONLY,
    parameters: tuple[str, ...] = (),
) -> Metric:
    """The entry of one check."""
    return Entries(FAMILY, STUDY, scope="corpus", parameters=parameters).entry(
        metric_id,
        lambda context: tally_count(context, STUDY, metric_id, uncounted=undefined),
        title=title,
        unit=unit,
        direction="lower",
        formula=formula,
        reading=reading,
    )


def series(name: str, whole: Context) -> list[Series]:
    """The counts of all checks as bars."""
    tally = whole.tally(STUDY)
    if isinstance(tally, Undefined):
        return []
    known = [metric.info for metric in METRICS if metric.info.id in tally.columns]
    titles = [info.title for info in known]
    counts = [float(tally.sums(info.id)[0]) for info in known]
    reached = whole.tally(reachability.STUDY)
    if isinstance(reached, Tally):
        titles.append("Unreachable tokens")
        counts.append(float(reached.sums("unreached")[0]))
    return [
        Series(
            id="integrity_checks",
            title="What the integrity checks found",
            tokenizer=name,
            slice=WHOLE_CORPUS,
            x_label="check",
            y_label="tokens, merges or texts",
            x=tuple(titles),
            y=tuple(counts),
            kind="bars",
            family=FAMILY,
            reading="How many tokens, merges or texts each check found fault with. No bar is best; "
            "a check without an entry had nothing to look at.",
        )
    ]


METRICS = (
    _metric(
        "broken_merges",
        "Broken merges",
        unit="merges",
        formula="merges of which a part or the result is not in the vocabulary",
        reading="Above 0, vocabulary and merges are not of the same training run.",
        undefined="its file lists no merges",
    ),
    _metric(
        "id_gaps",
        "Gaps in the ids",
        unit="ids",
        formula="ids below the highest that have no token",
        reading="Ids that a model may emit and nothing can decode.",
    ),
    _metric(
        "duplicate_tokens",
        "Duplicate tokens",
        unit="tokens",
        formula="ids whose bytes a lower id spells; byte tokens left out",
        reading="Rows of the embedding table that stand for what another row stands for.",
        undefined="nothing says which of its tokens stand inside a word only",
    ),
    _metric(
        "partial_utf8_tokens",
        "Tokens of partial characters",
        unit="tokens",
        formula="tokens other than special and byte tokens that are not valid UTF-8",
        reading="Tokens that show nothing readable when decoded alone. Common in byte-level "
        "vocabularies, and a cost for scripts of many bytes. Bytes and characters read 0.",
    ),
    _metric(
        "ids_beyond_vocab_size",
        "Ids beyond the declared size",
        unit="ids",
        formula="ids ≥ vocab_size of the config.json beside the file",
        reading="Above 0, these ids index past the end of the embedding table.",
        undefined="no config.json with a vocab_size is beside it",
    ),
    _metric(
        "nondeterministic_texts",
        "Texts with changing ids",
        unit="texts",
        formula="texts whose ids differ when encoded again, one by one, or in reverse order; "
        f"{len(PROBES)} probes and {TEXTS_BY_SLICE} texts of each slice",
        reading="Above 0, no other number of this tokenizer can be relied on.",
        parameters=("sample",),
    ),
    _metric(
        "normaliser_losses",
        "Kinds of characters not kept",
        unit="kinds",
        formula=f"of {len(LOSS_PROBES)} kinds: {', '.join(LOSS_PROBES)}",
        reading="What decoding does not give back. Intended in tokenizers for classification, "
        "harmful for generation and code. Bytes and characters read 0.",
    ),
    _metric(
        "injectable_special_tokens",
        "Special tokens that text injects",
        unit="tokens",
        formula="special tokens other than the unknown one that their own text is encoded to",
        reading="Whoever writes the input can write these. Encode untrusted text with special "
        "tokens switched off.",
    ),
    _metric(
        "injectable_chat_markers",
        "Undeclared markers that text injects",
        unit="tokens",
        formula="added tokens that look like markers, are not special, and are made from text",
        reading="Switching off special tokens does not protect against these.",
    ),
    _metric(
        "loader_disagreements",
        "Texts on which libraries disagree",
        unit="texts",
        formula="texts to which another loader gives other ids: transformers for a tokenizer.json; "
        "mistral-common and the plain rule for ranks of tekken and tiktoken; tokenizers or the "
        "plain rule for SentencePiece; and whatever holds the same tokenizer in its folder",
        reading="Above 0, training with one library and serving with the other degrades silently.",
        undefined="only one library can load it",
        parameters=("sample",),
    ),
    _metric(
        "template_prefix_breaks",
        "Chats that change their beginning",
        unit="beginnings",
        formula="k with encode(render(messages[:k])) not a prefix of encode(render(messages))",
        reading="Above 0, cached states of a chat cannot be reused when it goes on.",
        undefined="no chat template that can be rendered is beside it",
    ),
    _metric(
        "template_injections",
        "Template markers that messages inject",
        unit="tokens",
        formula="markers of the rendered chat that a user's message adds another one of",
        reading="Above 0, a user can end a turn or speak as another role.",
        undefined="no chat template that can be rendered is beside it",
    ),
)
