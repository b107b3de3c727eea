"""Categories that no merge can tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tokeval.mixture.word_table import WordTable


def indistinct(tables: Mapping[str, WordTable]) -> list[list[int]]:
    """The numbers of categories that have the same words equally often, two or more together."""
    known = list(tables.values())
    alike: list[list[int]] = []
    for number, table in enumerate(known):
        for members in alike:
            if _is_proportional(known[members[0]], table):
                members.append(number)
                break
        else:
            alike.append([number])
    return [members for members in alike if len(members) > 1]


def not_identified(tables: Mapping[str, WordTable]) -> list[str]:
    """A sentence for each set of categories that no merge tells apart."""
    names = list(tables)
    return [
        f"Only the sum of the shares of {_listed([names[i] for i in members])} is identified: "
        "they have the same words equally often."
        for members in indistinct(tables)
    ]


def with_indistinct(members: Sequence[int], alike: Sequence[Sequence[int]]) -> list[int]:
    """The categories, and those that cannot be told from one of them, ascending."""
    doubles = [i for of_set in alike if set(of_set) & set(members) for i in of_set]
    return sorted({*members, *doubles})


def _listed(names: Sequence[str]) -> str:
    """Names in a row: `a, b and c`."""
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _is_proportional(one: WordTable, other: WordTable) -> bool:
    """Whether two tables have the same words with the same frequencies."""
    if one.words != other.words:
        return False
    a, b = one.counts.sum(axis=1), other.counts.sum(axis=1)
    return bool((a * int(b.sum()) == b * int(a.sum())).all())
