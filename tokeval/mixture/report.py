"""From tokenizers and categories to the document: shares, intervals, verdicts, where from."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

import tokeval
from tokeval.core.provenance import creation_time, library_versions, tokenizer_info
from tokeval.core.tokenizer import Tokenizer
from tokeval.document import (
    MixtureBaseline,
    MixtureCategory,
    MixtureResult,
    Provenance,
    Report,
)
from tokeval.errors import UsageError
from tokeval.mixture.baselines import token_classification, uniform
from tokeval.mixture.categories import Category
from tokeval.mixture.embedded_categories import COARSE
from tokeval.mixture.fit import judge, spelled, winner_series
from tokeval.mixture.inference import Inference, Tell, infer
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.merge_reading import read_merges
from tokeval.mixture.pretokenizing import Pretokenizer, pretokenizer_of
from tokeval.mixture.token_counting import count_tokens
from tokeval.mixture.uncertainty import byte_shares, grouped, interval
from tokeval.mixture.word_table import WordTable

LIBRARIES = ("numpy", "scipy", "highspy", "numba", "regex", "tokenizers")

FEW_MERGES = 200
"""With fewer merges a share rests on a handful of pairs."""


@dataclass(frozen=True)
class Settings:
    """The user's choices.

    Attributes:
        n_merges: trained merges that are explained, from the first on.
        solver: of PuLP, for the whole program; HiGHS row by row when `None`.
        intervals: whether blocks are left out.
        influence: whether categories are left out.
    """

    n_merges: int = 3000
    solver: str | None = None
    intervals: bool = True
    influence: bool = True


def evaluate(
    tokenizers: Sequence[Tokenizer],
    categories: Sequence[Category],
    settings: Settings,
    *,
    skip_shared_with: Tokenizer | None = None,
    tell: Tell,
    argv: Sequence[str] = (),
) -> Report:
    """The document: what each tokenizer was trained on.

    Args:
        tokenizers: with distinct names.
        categories: the candidates, with distinct names.
        settings: the user's choices.
        skip_shared_with: a tokenizer whose merges the others took over.
        tell: told of progress.
        argv: the command line, for provenance.

    Raises:
        UsageError: there are fewer than two categories.
        TokevalError: a tokenizer has no merges to explain, or a category no text.
    """
    created = creation_time()
    _require_several(categories)
    hashes: dict[str, str] = {}
    results = []
    for tokenizer in tokenizers:
        merges = read_merges(tokenizer, skip_shared_with=skip_shared_with)
        pretokenizer = pretokenizer_of(tokenizer)
        tables = count_categories(categories, pretokenizer, tell=tell)
        for name, table in tables.items():
            hashes[f"{tokenizer.name}/{name}"] = _hash(table)
        results.append(
            infer_result(
                tokenizer.name,
                tables,
                merges,
                settings,
                max_symbol_characters=pretokenizer.max_symbol_characters,
                groups={category.name: category.group for category in categories},
                notes=_notes(pretokenizer, categories),
                tell=tell,
            )
        )
    provenance = Provenance(
        tokeval=tokeval.__version__,
        argv=tuple(argv),
        created=created,
        parameters={
            "merges": settings.n_merges,
            "solver": settings.solver,
            "skip_shared_with": None if skip_shared_with is None else skip_shared_with.fingerprint,
        },
        tokenizers={tokenizer.name: tokenizer_info(tokenizer) for tokenizer in tokenizers},
        corpus=hashes,
        libraries=library_versions(LIBRARIES),
    )
    return Report(provenance, tuple(results))


def count_categories(
    categories: Sequence[Category], pretokenizer: Pretokenizer, *, tell: Tell
) -> dict[str, WordTable]:
    """The word table of each category.

    Raises:
        TokevalError: a category has no text, or too little of it.
    """
    tables = {}
    for number, category in enumerate(categories):
        tell(f"counting {category.name}", number, len(categories))
        tables[category.name] = category.count(pretokenizer)
    return tables


def infer_result(
    name: str,
    tables: Mapping[str, WordTable],
    merges: MergeList,
    settings: Settings,
    *,
    max_symbol_characters: int | None = None,
    groups: Mapping[str, str],
    notes: Sequence[str] = (),
    tell: Tell,
) -> MixtureResult:
    """What one tokenizer was trained on.

    Args:
        name: of the tokenizer.
        tables: by category.
        merges: the whole list.
        settings: the user's choices.
        max_symbol_characters: as for `infer`.
        groups: the group of each category, empty where it stands for itself.
        notes: to be passed on to the reader.
        tell: told of progress.

    Raises:
        TokevalError: as `infer`.
    """
    explained = merges.first(settings.n_merges)
    found = infer(
        tables,
        explained,
        max_symbol_characters=max_symbol_characters,
        solver=settings.solver,
        intervals=settings.intervals,
        influence=settings.influence,
        tell=tell,
    )
    rows = _rows(list(tables), groups)
    fit = judge(found.fit, explained, steps=found.steps, objective=found.found.objective)
    n_judged = explained.n_trained
    few = (
        [f"only {n_judged} merges are explained: shares rest on few pairs"]
        if n_judged < FEW_MERGES
        else []
    )
    return MixtureResult(
        tokenizer=name,
        categories=_categories(found, tables, explained, rows),
        fit=fit,
        method="lp",
        n_merges=n_judged,
        n_merges_in_list=len(merges),
        baselines=_baselines(tables, merges, rows),
        series=winner_series(found.fit, tokenizer=name, steps=found.steps),
        notes=(*merges.notes, *notes, *few, *found.found.notes, *_not_identified(found, tables)),
        signature=f"mixture|method:lp|merges:{n_judged}|v:{tokeval.__version__}",
    )


def _categories(
    found: Inference,
    tables: Mapping[str, WordTable],
    merges: MergeList,
    rows: Mapping[str, Sequence[int]],
) -> tuple[MixtureCategory, ...]:
    """The rows of the answer: categories, those of a group added up."""
    groups = list(rows.values())
    shares, of_pairs = grouped(found.shares, groups), grouped(found.found.shares, groups)
    ends = _intervals(found, shares, groups)
    sizes = list(tables.values())
    answer = []
    for row, (name, members) in enumerate(rows.items()):
        low, high = ends[row]
        answer.append(
            MixtureCategory(
                name=name,
                share=float(shares[row]),
                low=low,
                high=high,
                share_of_pairs=float(of_pairs[row]),
                n_bytes=sum(int(sizes[i].n_bytes.sum()) for i in members),
                n_words=sum(len(sizes[i]) for i in members),
                without=_moved(found, members),
                rests_on=tuple(
                    _spelled_row(merges, step, key)
                    for i in members
                    for step, key in found.rests_on[i]
                )[:5],
            )
        )
    return tuple(answer)


def _intervals(
    found: Inference, shares: NDArray[np.float64], groups: Sequence[Sequence[int]]
) -> list[tuple[float | None, float | None]]:
    """The ends of each row's interval; `None` where there is none."""
    if found.left_out is None:
        return [(None, None)] * len(groups)
    left = found.left_out
    left_out = grouped(byte_shares(left.shares, left.n_bytes, left.n_pairs), groups)
    return [interval(float(share), left_out[:, row]) for row, share in enumerate(shares)]


def _moved(found: Inference, members: Sequence[int]) -> float | None:
    """How far leaving out a single category moves the others; `None` for a group or unknown."""
    if found.without is None or len(members) != 1:
        return None
    moved = float(found.without[members[0]])
    return moved if np.isfinite(moved) else None


def _rows(names: Sequence[str], groups: Mapping[str, str]) -> dict[str, list[int]]:
    """The rows of the answer, with the numbers of the categories that each adds up.

    Raises:
        UsageError: a group has the name of a category that is not in it.
    """
    rows: dict[str, list[int]] = {}
    for number, name in enumerate(names):
        group = groups.get(name, "")
        if group and group in names and groups.get(group) != group:
            raise UsageError(
                f"--group {group} has the name of a category outside it", "choose another name"
            )
        rows.setdefault(group or name, []).append(number)
    return rows


def _baselines(
    tables: Mapping[str, WordTable], merges: MergeList, rows: Mapping[str, Sequence[int]]
) -> tuple[MixtureBaseline, ...]:
    """What simpler methods answer, on all merges: equal shares and token classification."""
    counts = np.array([count_tokens(table, merges) for table in tables.values()])
    n_bytes = np.array([table.n_bytes.sum() for table in tables.values()])
    answers = [uniform(len(tables)), token_classification(counts, n_bytes)]
    return tuple(_grouped_baseline(answer, rows) for answer in answers)


def _grouped_baseline(
    answer: MixtureBaseline, rows: Mapping[str, Sequence[int]]
) -> MixtureBaseline:
    """A baseline's shares, those of a group added up."""
    shares = []
    for members in rows.values():
        parts = [answer.shares[i] for i in members]
        known = [part for part in parts if part is not None]
        shares.append(sum(known) if len(known) == len(parts) else None)
    return MixtureBaseline(answer.name, tuple(shares))


def _not_identified(found: Inference, tables: Mapping[str, WordTable]) -> list[str]:
    """A sentence for each two categories that no merge tells apart."""
    sentences = []
    names, sizes = list(tables), list(tables.values())
    for i, one in enumerate(sizes):
        for j in range(i):
            other = sizes[j]
            if one.words == other.words and _proportional(one, other):
                sentences.append(
                    f"{names[j]} and {names[i]} have the same words equally often: only the sum "
                    "of their shares is identified"
                )
    return sentences


def _proportional(one: WordTable, other: WordTable) -> bool:
    """Whether the words of two tables, which are the same, have the same frequencies."""
    a, b = one.counts.sum(axis=1), other.counts.sum(axis=1)
    return bool((a * int(b.sum()) == b * int(a.sum())).all())


def _spelled_row(merges: MergeList, step: int, key: int) -> tuple[str, str]:
    """What a merge makes, and what the competitor that it must beat would have made."""
    left, right = merges.spelled(step)
    rival = merges.symbols[key >> 32] + merges.symbols[key & 0xFFFFFFFF]
    return spelled(left + right), spelled(rival)


def _notes(pretokenizer: Pretokenizer, categories: Sequence[Category]) -> list[str]:
    """What the reader should know of how text was cut and where words come from."""
    coarse = [COARSE] if any(category.texts is None for category in categories) else []
    return [*pretokenizer.notes, *coarse]


def _require_several(categories: Sequence[Category]) -> None:
    """Raises where there is nothing to choose between."""
    if len(categories) < 2:
        name = categories[0].name if categories else "none"
        raise UsageError(
            f"one category ({name}) has all of the mixture, whatever the merges say",
            "give at least two --category",
        )


def _hash(table: WordTable) -> str:
    """sha256 of the words and their counts by block."""
    digest = hashlib.sha256(b"".join(len(word).to_bytes(4, "little") for word in table.words))
    digest.update(b"".join(table.words))
    digest.update(table.counts.astype("<i8").tobytes())
    return digest.hexdigest()
