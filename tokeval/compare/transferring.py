"""What carries over to another tokenizer: shared tokens, rows to copy or average, rows unused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import numpy as np

from tokeval.compare.attribution import AFTER, BEFORE, Tally
from tokeval.compare.spelling import Speller
from tokeval.core.metric import WHOLE_CORPUS
from tokeval.core.tokenizer import Tokenizer, Vocabulary
from tokeval.document import SequenceLength, Transfer


def ordinary_ids(vocabulary: Vocabulary) -> list[int]:
    """The ids of tokens that spell something and are no special tokens."""
    return [
        i for i, token in enumerate(vocabulary.token_bytes) if token and i not in vocabulary.special
    ]


def transfer(
    before: Tokenizer,
    after: Tokenizer,
    *,
    whole: Tally | None = None,
    lengths: Mapping[str, tuple[int, int]] | None = None,
) -> Transfer:
    """What carries over from one tokenizer to the other.

    Args:
        before: the tokenizer of the model.
        after: the one that takes its place.
        whole: how often tokens occur on a corpus.
        lengths: tokens before and after by slice.
    """
    old, new = ordinary_ids(before.vocabulary), ordinary_ids(after.vocabulary)
    known = {before.vocabulary.token_bytes[i] for i in old}
    shared = [i for i in new if after.vocabulary.token_bytes[i] in known]
    others = [after.vocabulary.token_bytes[i] or b"" for i in new]
    others = [token for token in others if token not in known]
    n_pieces = Speller(before).n_pieces(others)
    pieces = Counter(n_pieces[n_pieces > 0].tolist())
    n_spelled = sum(pieces.values())
    unused = share = None
    if whole is not None:
        unused = int((whole.ids[BEFORE][old] == 0).sum())
        occurring = int(whole.ids[AFTER][new].sum())
        share = int(whole.ids[AFTER][shared].sum()) / occurring if occurring else None
    return Transfer(
        n_tokens_before=len(old),
        n_tokens_after=len(new),
        n_shared=len(shared),
        shared_share=len(shared) / len(new) if new else 0.0,
        pieces=dict(sorted(pieces.items())),
        mean_pieces=float(np.sum(n_pieces)) / n_spelled if n_spelled else None,
        n_unencodable=len(others) - n_spelled,
        n_rows_copied=len(shared),
        n_rows_averaged=n_spelled,
        n_rows_unused=unused,
        tokens_shared_share=share,
        lengths=_lengths(lengths or {}),
    )


def _lengths(lengths: Mapping[str, tuple[int, int]]) -> tuple[SequenceLength, ...]:
    """Tokens by slice, `all` first, then those that change most."""
    rows = [
        SequenceLength(name, before, after, after / before if before else None)
        for name, (before, after) in lengths.items()
    ]
    change = {row.slice: abs((1.0 if row.ratio is None else row.ratio) - 1.0) for row in rows}
    return tuple(sorted(rows, key=lambda row: (row.slice != WHOLE_CORPUS, -change[row.slice])))
