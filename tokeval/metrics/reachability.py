"""Reachability: tokens that no text is ever encoded to, each looked for in many contexts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tokeval.core.completions import split_characters
from tokeval.core.metric import Context, Folds, Metric
from tokeval.core.study import Study, Subject, Tally
from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.core.witnesses import Witnesses, find_witnesses
from tokeval.document import Finding, MetricInfo, Undefined
from tokeval.metrics.codes import finding

FAMILY = "integrity"

MAX_EXAMPLES = 20


def eligible_ids(vocabulary: Vocabulary) -> list[int]:
    """The ids that some text should reach.

    Special tokens are left out, for templates put them there; so are byte tokens, which stand for
    what UTF-8 or other tokens may never leave to them, and ids that spell nothing.
    """
    left_out = vocabulary.special | vocabulary.byte_tokens | {vocabulary.unknown_id}
    return [i for i, token in enumerate(vocabulary.token_bytes) if token and i not in left_out]


def measure(subject: Subject) -> Tally | Undefined:
    """Eligible tokens and those without a witness, and what is known about these."""
    tokenizer = subject.tokenizer
    if getattr(tokenizer, "whole_texts_only", False):
        return Undefined("it encodes the texts of its file only, so no context can be tried")
    ids = eligible_ids(tokenizer.vocabulary)
    found = find_witnesses(tokenizer, ids)
    columns = {"tokens": np.array([len(ids)]), "unreached": np.array([len(found.unreached)])}
    return Tally(0, columns, _findings(tokenizer, found))


def reason_of(tokenizer: Tokenizer, token: bytes) -> str:
    """The code of the finding for a token without a witness."""
    if split_characters(token) is None:
        return "impossible-token"
    try:
        text = token.decode()
    except UnicodeDecodeError:
        return "unreachable-part"
    contexts = (text, f"a{text}", f"{text}a", f"\n{text}", f"a {text} a")
    if all(text not in tokenizer.normalize(context) for context in contexts):
        return "normalised-away-token"
    return "unreachable-token"


def _findings(tokenizer: Tokenizer, found: Witnesses) -> tuple[Finding, ...]:
    """One finding for each reason, with tokens for which it holds."""
    by_reason: dict[str, list[bytes]] = {}
    for i in found.unreached:
        token = tokenizer.vocabulary.token_bytes[i] or b""
        by_reason.setdefault(reason_of(tokenizer, token), []).append(token)
    messages = {
        "unreachable-token": "{n} tokens are in the encoding of none of the {tried} texts that put "
        "contexts around tokens",
        "unreachable-part": "{n} tokens with parts of characters have no witness, whatever "
        "completes them",
        "normalised-away-token": "{n} tokens are text that the normaliser never lets through",
        "impossible-token": "{n} tokens hold bytes that are in no valid UTF-8",
    }
    return tuple(
        finding(
            code,
            tokenizer.name,
            messages[code].format(n=len(tokens), tried=f"{found.n_tried:,}"),
            n=len(tokens),
            examples=printable(tokens),
        )
        for code, tokens in by_reason.items()
    )


def printable(tokens: Sequence[bytes]) -> tuple[str, ...]:
    r"""The first tokens as text, bytes that are none of it as hexadecimal.

    >>> printable([b" the", b"\xe2\x82"])
    (' the', '⟨E2 82⟩')
    """
    shown = []
    for token in tokens[:MAX_EXAMPLES]:
        try:
            shown.append(token.decode())
        except UnicodeDecodeError:
            shown.append(f"⟨{token.hex(' ').upper()}⟩")
    return tuple(shown)


STUDY = Study("reachability", measure, scope="tokenizer")


def unreachable_tokens(context: Context) -> Folds | Undefined:
    """Tokens without a witness."""
    tally = context.tally(STUDY)
    if isinstance(tally, Undefined):
        return tally
    return Folds.constant(float(tally.sums("unreached")[0]))


def unreachable_share(context: Context) -> Folds | Undefined:
    """Tokens without a witness / tokens that some text should reach."""
    tally = context.tally(STUDY)
    if isinstance(tally, Undefined):
        return tally
    n_tokens = int(tally.sums("tokens")[0])
    if not n_tokens:
        return Undefined("no token other than special and byte tokens")
    return Folds.constant(int(tally.sums("unreached")[0]) / n_tokens)


METRICS = (
    Metric(
        MetricInfo(
            id="unreachable_tokens",
            title="Unreachable tokens",
            family=FAMILY,
            unit="tokens",
            direction="lower",
            formula="tokens i without texts c, d such that encode(c + bytes(i) + d) has i at that "
            "span; special and byte tokens left out, parts of characters included",
            source="tokeval; after Land and Bartolo 2024, arXiv 2405.05417",
            docs="docs/metrics.md#unreachable_tokens",
            reading="Rows of the embedding table that no text ever uses and training never "
            "reaches. A text for every other token was found; for these many contexts were tried "
            "in vain. Bytes and characters read 0.",
            lower_bound=0,
        ),
        unreachable_tokens,
        scope="corpus",
        study=STUDY,
    ),
    Metric(
        MetricInfo(
            id="unreachable_share",
            title="Unreachable share of the vocabulary",
            family=FAMILY,
            unit="share",
            direction="lower",
            formula="unreachable tokens / tokens other than special and byte tokens",
            source="tokeval; after Land and Bartolo 2024, arXiv 2405.05417",
            docs="docs/metrics.md#unreachable_share",
            reading="The part of the vocabulary that is wasted because no text is encoded to it. "
            "Bytes and characters read 0.",
            lower_bound=0,
            upper_bound=1,
        ),
        unreachable_share,
        scope="corpus",
        study=STUDY,
    ),
)
