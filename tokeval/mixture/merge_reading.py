"""The merge list of a tokenizer, from whatever format it was loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Literal

import numpy as np

from tokeval.core.tokenizer import Merges, Tokenizer
from tokeval.errors import TokevalError
from tokeval.mixture.merge_cleaning import CleanedMerges, clean, shown
from tokeval.mixture.merge_detection import (
    characters_of,
    is_character,
    known_list,
    require_merges,
    settings_of,
    unit_of_words,
    white_space_run,
)
from tokeval.mixture.merge_list import MergeList

Unit = Literal["bytes", "characters"]

FEW_MERGES = 1000
_BYTES = tuple(bytes([byte]) for byte in range(256))


def read_merges(tokenizer: Tokenizer, *, skip_shared_with: Tokenizer | None = None) -> MergeList:
    """The merges that training made, in order, over numbered symbols.

    Files say this in several ways: merges in order, tokens by rank or by score, or every way to
    cut a token in two. Whichever it is, one merge for each token comes out, and its parts are made
    before it. Runs of white space that were put in by hand stand first and are not trained.

    Args:
        tokenizer: as loaded.
        skip_shared_with: a tokenizer whose merges this one took over. The merges that both begin
            with are applied, but are not trained.

    Raises:
        TokevalError: the tokenizer has no merges, names tokens that it lacks, or lists merges in
            an order that is not that of a training; or all of them are shared.
    """
    settings = settings_of(tokenizer)
    merges = require_merges(tokenizer, settings)
    _require_tokens(tokenizer, merges)
    unit = unit_of_words(tokenizer, settings, merges)
    initial = _initial_symbols(tokenizer, merges, unit)
    cleaned = clean(
        merges,
        split=_CUTS[unit],
        initial=frozenset(initial),
        ids=_first_ids(tokenizer),
        source=tokenizer.source,
    )
    notes = [*cleaned.notes, *_about_known_list(cleaned)]
    if settings.get("model", {}).get("ignore_merges"):
        notes.append("Pieces that are tokens are taken whole when it encodes (ignore_merges).")
    merge_list = _numbered(cleaned, initial=initial, unit=unit)
    if skip_shared_with is not None:
        merge_list, said = _without_shared(merge_list, tokenizer, skip_shared_with)
        notes.append(said)
    if merge_list.n_trained < FEW_MERGES:
        notes.append(f"Only {merge_list.n_trained:,} merges say something about the text.")
    return replace(merge_list, notes=tuple(notes))


def _as_bytes(token: bytes) -> list[bytes]:
    """The bytes of a token, one by one."""
    return [_BYTES[byte] for byte in token]


def _as_characters(token: bytes) -> list[bytes]:
    """The characters of a token in UTF-8, one by one."""
    return [character.encode() for character in token.decode()]


_CUTS: Mapping[Unit, Callable[[bytes], list[bytes]]] = {
    "bytes": _as_bytes,
    "characters": _as_characters,
}


def _initial_symbols(tokenizer: Tokenizer, merges: Merges, unit: Unit) -> tuple[bytes, ...]:
    """What words are made of before any merge: all bytes, or the known characters, ascending.

    A character that is an added token counts where merges other than its own runs join it: it was
    added after the training, then.
    """
    if unit == "bytes":
        return _BYTES
    added = {text.encode() for text in tokenizer.added_texts}
    joined = {
        part
        for left, right in merges
        for part in (left, right)
        if is_character(part) and not (part in added and white_space_run(left + right))
    }
    return tuple(sorted(characters_of(tokenizer) | joined))


def _require_tokens(tokenizer: Tokenizer, merges: Merges) -> None:
    """Raises TokevalError where a merge names a token that the vocabulary lacks."""
    known = {token for token in tokenizer.vocabulary.token_bytes if token}
    for place, (left, right) in enumerate(merges):
        for token in (left, right, left + right):
            if token not in known:
                raise TokevalError(
                    f"{tokenizer.source}: merge {place} joins {shown(left)} and {shown(right)}, "
                    f"but its vocabulary has no token {shown(token)}",
                    "give vocabulary and merges of the same training",
                )


def _first_ids(tokenizer: Tokenizer) -> dict[bytes, int]:
    """The id of each token; the lowest where added tokens repeat the bytes of others."""
    ids: dict[bytes, int] = {}
    for number, token in enumerate(tokenizer.vocabulary.token_bytes):
        if token:
            ids.setdefault(token, number)
    return ids


def _numbered(cleaned: CleanedMerges, *, initial: tuple[bytes, ...], unit: Unit) -> MergeList:
    """The merges over symbols that are numbered as they are made."""
    results = [left + right for left, right in cleaned.pairs]
    symbols = (*initial, *results)
    numbers = {symbol: number for number, symbol in enumerate(symbols)}
    pairs = [(numbers[left], numbers[right]) for left, right in cleaned.pairs]
    return MergeList(
        symbols=symbols,
        n_initial=len(initial),
        pairs=np.array(pairs, dtype=np.int32).reshape(-1, 2),
        results=np.arange(len(initial), len(symbols), dtype=np.int32),
        starts_from=unit,
        is_trained=np.array([token not in cleaned.inserted for token in results], dtype=np.bool_),
    )


def _about_known_list(cleaned: CleanedMerges) -> Iterator[str]:
    """What to say where the list is a published one, or extends one."""
    known = known_list(cleaned.pairs)
    if known is None:
        return
    title, n_merges = known
    if n_merges == len(cleaned.pairs):
        yield f"The merges are those of {title}, one for one."
    else:
        yield (
            f"The first {n_merges:,} merges are all of those of {title}, whose vocabulary was "
            "extended: they say what that one was trained on (--skip-shared-with leaves them out)."
        )


def _without_shared(
    own: MergeList, tokenizer: Tokenizer, other: Tokenizer
) -> tuple[MergeList, str]:
    """The list whose merges are not trained as far as the other begins alike, and what to say.

    Raises:
        TokevalError: no trained merge is left; or as `read_merges` of the other tokenizer.
    """
    theirs = read_merges(other)
    n_shared = n_shared_merges(own, theirs)
    is_trained = own.is_trained.copy()
    is_trained[:n_shared] = False
    if own.n_trained and not is_trained.any():
        raise TokevalError(
            f"all {len(own):,} merges of {tokenizer.source} are those that {other.source} begins "
            "with: none is left to read a mixture from",
            "compare it with the tokenizer that it extends, or leave --skip-shared-with out",
        )
    if not n_shared:
        return own, f"The first merge is not that of {other.name}: none was skipped."
    return replace(own, is_trained=is_trained), (
        f"The first {n_shared:,} merges are those of {other.name}, which has {len(theirs):,}: "
        "they are applied, but say nothing about this tokenizer's own text."
    )


def n_shared_merges(one: MergeList, other: MergeList) -> int:
    """How many merges both lists begin with, symbol by symbol the same bytes."""
    if one.starts_from != other.starts_from:
        return 0
    n_both = min(len(one), len(other))
    different = (step for step in range(n_both) if one.spelled(step) != other.spelled(step))
    return next(different, n_both)
