"""One merge for each token, in the order of training, from lists that say more or other things."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field

from tokeval.core.tokenizer import Merges
from tokeval.errors import TokevalError
from tokeval.loaders.ranked_bpe import last_parts
from tokeval.mixture.merge_detection import inserted_runs, white_space_run

MOST_UNMADE = 0.05
Pair = tuple[bytes, bytes]


@dataclass(frozen=True)
class CleanedMerges:
    """The merges of a training, each of whose parts exists when it is made.

    Attributes:
        pairs: the merges in order.
        inserted: tokens among their results that were put in by hand; they stand first.
        notes: what was found and done, in whole sentences.
    """

    pairs: list[Pair]
    inserted: frozenset[bytes] = frozenset()
    notes: list[str] = field(default_factory=list)


def clean(
    merges: Merges,
    *,
    split: Callable[[bytes], list[bytes]],
    initial: Collection[bytes],
    ids: Mapping[bytes, int],
    source: str,
) -> CleanedMerges:
    """The merges that training made, from those that a tokenizer lists.

    A list that makes every token once is taken as it stands. Where tokens are made several times
    (conversions of SentencePiece and tiktoken files list every way to cut a token in two), or
    stand elsewhere than training put them, the merges are recovered from the order of the tokens.

    Args:
        merges: as listed.
        split: cuts a token into bytes or characters.
        initial: bytes or characters that words may begin as.
        ids: of the tokens.
        source: the tokenizer, for messages.

    Raises:
        TokevalError: more than 5% of the tokens cannot be made in this order.
    """
    listed = list(dict.fromkeys(left + right for left, right in merges))
    inserted = inserted_runs(listed)
    trained, notes = order_of_training([token for token in listed if token not in inserted], ids)
    order = [*sorted(inserted, key=lambda token: (token[:1], len(token))), *trained]
    if len(merges) == len(listed) and order == listed:
        pairs = made_in_order(merges, initial)
    else:
        pairs = recover(order, split=split, initial=initial)
    if len(merges) > len(listed):
        notes.append(
            f"{len(merges) - len(listed):,} of {len(merges):,} merges make a token again that "
            "another one makes, as conversions list them: one was kept for each token."
        )
    kept = {left + right for left, right in pairs}
    _require_order([token for token in trained if token not in kept], listed, merges, source)
    notes += _what_is_left_out(order, kept, inserted)
    return CleanedMerges(pairs, inserted & kept, notes)


def order_of_training(
    results: Sequence[bytes], ids: Mapping[bytes, int]
) -> tuple[list[bytes], list[str]]:
    """The tokens in the order of their ids where only runs of white space at the end are not.

    Llama 2 and Mistral gave runs of `▁` the score -10⁹ after training, so that they come last in a
    list by score. Their ids, and the gaps in the other scores, keep the place where they were made.

    Args:
        results: the tokens, each once.
        ids: of the tokens.

    Returns:
        The tokens, and a note where they moved.
    """
    order = list(results)
    last = next((i for i in reversed(range(len(order))) if not white_space_run(order[i])), -1)
    head, tail = order[: last + 1], order[last + 1 :]
    if not tail or not ids.keys() >= set(order) or head != sorted(head, key=ids.__getitem__):
        return order, []
    by_id = sorted(order, key=ids.__getitem__)
    if by_id == [*head, *sorted(tail, key=ids.__getitem__)]:
        return order, []
    return by_id, [
        f"{len(tail)} runs of white space stand at the end of the list, though their ids say that "
        "training made them earlier: they were put back by id."
    ]


def recover(
    order: Sequence[bytes], *, split: Callable[[bytes], list[bytes]], initial: Collection[bytes]
) -> list[Pair]:
    """The merge that makes each token, from the order of the tokens alone.

    It joins the two parts that are left when the tokens before it are joined inside it, the
    earliest first. A token of which more than two are left was not made by training in this
    order; it is left out, and nothing later is made of it.

    Args:
        order: the tokens.
        split: cuts a token into bytes or characters.
        initial: those that words may begin as.
    """
    ranks: dict[bytes, int] = {}
    pairs = []
    for rank, token in enumerate(order):
        units = split(token)
        parts = last_parts(units, ranks)
        if len(parts) == 2 and all(unit in initial for unit in units):
            pairs.append((parts[0], parts[1]))
            ranks[token] = rank
    return pairs


def made_in_order(merges: Merges, initial: Collection[bytes]) -> list[Pair]:
    """The merges both of whose parts are initial or made before."""
    made = set(initial)
    pairs = []
    for left, right in merges:
        if left in made and right in made:
            pairs.append((left, right))
            made.add(left + right)
    return pairs


def _require_order(
    unmade: Sequence[bytes], listed: Sequence[bytes], merges: Merges, source: str
) -> None:
    """Raises TokevalError where too many tokens cannot be made when their turn comes."""
    if len(unmade) <= MOST_UNMADE * len(listed):
        return
    place = {token: i for i, token in reversed(list(enumerate(map(b"".join, merges))))}
    first = min(place[token] for token in unmade)
    left, right = merges[first]
    later = [part for part in (left, right) if place.get(part, -1) > first]
    reason = (
        f"{shown(later[0])} is made only by merge {place[later[0]]}"
        if later
        else "the merges before it do not make both parts"
    )
    raise TokevalError(
        f"{source}: merge {first} joins {shown(left)} and {shown(right)}, but {reason}; with "
        f"{len(unmade):,} of {len(listed):,} tokens like that, the list does not look like a "
        "trained order",
        "give the tokenizer as it was trained, with its merges in their order",
    )


def _what_is_left_out(
    order: Sequence[bytes], kept: Collection[bytes], inserted: Collection[bytes]
) -> list[str]:
    """What to say of tokens put in by hand, and of those that no merge makes."""
    notes = []
    if inserted:
        characters = sorted({token.decode()[0] for token in inserted})
        notes.append(
            f"{len(inserted)} runs of white space ({', '.join(map(repr, characters))}) were put in "
            "by hand, in rising lengths: they say nothing about the text of the training."
        )
    cut = sum(token in inserted and token not in kept for token in order)
    if cut:
        notes.append(f"{cut} of them repeat an added token, at which text is cut: left out.")
    unmade = [token for token in order if token not in kept and token not in inserted]
    if unmade:
        notes.append(
            f"{len(unmade):,} tokens, the first is {shown(unmade[0])}, cannot be made of the "
            "tokens before them: they were not trained in this order and are left out."
        )
    return notes


def shown(token: bytes) -> str:
    """The token as Python writes its text, or its bytes where it is none."""
    try:
        return repr(token.decode())
    except UnicodeDecodeError:
        return repr(token)
