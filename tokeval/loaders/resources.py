"""Resources: the word lists that a run was asked to use, read and hashed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

from tokeval.core.resources import GoldWord, Lexicon, Resources
from tokeval.errors import UsageError
from tokeval.loaders.gold import bundled_gold, read_gold
from tokeval.loaders.lexicons import load_lexicon
from tokeval.loaders.logged_ids import read_logged_ids
from tokeval.loaders.terms import read_terms

UNASKED_LEXICON = "tr"
"""The language whose lexicon is taken without being asked for, where its extra is installed."""


def read_resources(
    *,
    gold: Sequence[str] = (),
    lexicons: Sequence[str] = (),
    terms: str | None = None,
    logged_ids: str | None = None,
    needed: frozenset[str] = frozenset(),
) -> Resources:
    """Everything that was asked for, with hashes of what was read.

    Args:
        gold: `TAG=PATH` for each list of gold segmentations; it replaces the bundled list.
        lexicons: `TAG=PATH`, or `TAG` for that of an installed library.
        terms: path of a list of domain terms.
        logged_ids: path of logged ids.
        needed: which of `gold` and `lexicon` the run looks at; bundled and installed ones are
            taken for these only.

    Raises:
        UsageError: a request is malformed or given twice, or no library knows the language.
        TokevalError: a file cannot be read.
    """
    by_language: dict[str, tuple[GoldWord, ...]] = bundled_gold() if "gold" in needed else {}
    for tag, path in _requests("--gold", gold).items():
        if path is None:
            raise UsageError(f"--gold {tag} names no file", f"write --gold {tag}=FILE")
        by_language[tag] = read_gold(path, tag)
    known = _unasked_lexicons() if "lexicon" in needed else {}
    for tag, source in _requests("--lexicon", lexicons).items():
        known[tag] = load_lexicon(tag, source)
    listed = read_terms(terms) if terms else ()
    sequences = read_logged_ids(logged_ids) if logged_ids else ()
    hashes = {f"gold:{tag}": _hash(map(repr, words)) for tag, words in by_language.items()}
    hashes |= {f"lexicon:{tag}": _lexicon_hash(lexicon) for tag, lexicon in known.items()}
    if terms:
        hashes["terms"] = _hash(listed)
    if logged_ids:
        hashes["logged_ids"] = _hash(map(repr, sequences))
    return Resources(by_language, known, listed, sequences, hashes)


def _requests(option: str, given: Sequence[str]) -> dict[str, str | None]:
    """The path by tag of each request, `None` where only a tag is given."""
    found: dict[str, str | None] = {}
    for request in given:
        tag, equals, path = request.partition("=")
        if not tag or (equals and not path):
            raise UsageError(f"{option} {request!r} is not TAG=FILE", f"write {option} tr=FILE")
        if tag in found:
            raise UsageError(f"{option} is given twice for {tag!r}", "give it once a language")
        found[tag] = path or None
    return found


def _unasked_lexicons() -> dict[str, Lexicon]:
    """The Turkish lexicon where its libraries are installed."""
    try:
        return {UNASKED_LEXICON: load_lexicon(UNASKED_LEXICON)}
    except UsageError:
        # Nobody asked for it: the metrics say that there is none and how to get it.
        return {}


def _lexicon_hash(lexicon: Lexicon) -> str:
    """sha256 of a lexicon's name and words; a library's are those of its version, in its name."""
    return _hash([lexicon.name, *sorted(lexicon.words), "", *sorted(lexicon.morphemes)])


def _hash(items: Iterable[str]) -> str:
    """sha256 of what was read, hex: the same for the same content in another file."""
    digest = hashlib.sha256()
    for item in items:
        digest.update(item.encode() + b"\0")
    return digest.hexdigest()
