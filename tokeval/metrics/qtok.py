"""Qtok: the twelve classes of tokens that Qtok counts, by its own rules, for comparison with it.

Chelombitko et al. 2024, arXiv 2410.12989; the rules are those of version 0.11.0 of the program.
They look at the strings of a `tokenizer.json`, not at the bytes that tokens stand for, and at names
of characters instead of their properties.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import icu
import numpy as np

from tokeval.core.metric import Metric
from tokeval.core.study import Study, Subject, Tally
from tokeval.document import Undefined
from tokeval.metrics.entries import Entries, tally_count

FAMILY = "vocabulary"

SCRIPTS = frozenset(
    """
    ADLAM ARABIC ARABIC-INDIC ARMENIAN BALINESE BAMUM BATAK BENGALI BLACK-LETTER BOPOMOFO BRAILLE
    BUGINESE CANADIAN CHAKMA CHAM CHEROKEE CJK COPTIC CYRILLIC DESERET DEVANAGARI DINGBAT EGYPTIAN
    ETHIOPIC GEORGIAN GLAGOLITIC GOTHIC GREEK GUJARATI GURMUKHI HALFWIDTH HANGUL HEBREW HIRAGANA
    INSCRIPTIONAL JAVANESE KAITHI KANGXI KANNADA KATAKANA KHMER LAO LATIN LEPCHA LIMBU LISU
    MALAYALAM MANDAIC MEETEI MODI MONGOLIAN MYANMAR NKO OGHAM OL OLD ORIYA PHAGS-PA PHOENICIAN
    RUNIC SAMARITAN SHAVIAN SINHALA SUNDANESE SYRIAC TAGALOG TAGBANWA TAI TAMIL TELUGU THAANA THAI
    TIBETAN TIFINAGH YI
    """.split()  # noqa: SIM905 - a list of 75 literals would fill a page
)
"""First words of Unicode character names that Qtok takes for a script."""

TAGS = frozenset(
    ("b", "br", "em", "h1", "h2", "h3", "h4", "h5", "h6", "img", "li", "p", "td", "th", "tr", "u")
)
"""HTML tags that Qtok does not take for control tokens, with or without a slash."""

CLASSES = (
    "control", "pure_unicode", "char_alpha", "spaced_alpha", "inner_alpha", "char_other",
    "spaced_other", "inner_other", "unicode_flanks", "char_errors", "spaced_errors",
    "inner_errors",
)  # fmt: skip
"""In the order of the published table; each token is in one."""

_MARKS = ("\t", "Ġ", "▁")
_CYRILLIC_SIGN = "ма"
_NOT_UTF8 = "<0y"
_BYTE_TOKEN = re.compile(r"<0x([0-9a-f]+)>", re.IGNORECASE)

NOT_JSON = Undefined("Qtok reads a tokenizer.json, and this was loaded from something else")
NO_MAPPING = Undefined("Qtok reads a vocabulary only where its file maps strings to ids")


def loaded_tokens(text: str, definition: dict[str, Any]) -> list[str]:
    """The distinct tokens as Qtok's loader hands them on, those of the model first.

    The mark for a space is whichever of tab, `Ġ` and `▁` the file's text holds most often. Where
    the text has Cyrillic letters in clear, strings are taken as they are; elsewhere they are read
    as GPT-2's byte alphabet, and those that are not UTF-8 by themselves are bracketed in `<0y` `>`.
    Added tokens stay as they are. A string that only begins like a byte token is taken as any
    other here; Qtok stops there.

    Args:
        text: of the `tokenizer.json`.
        definition: the same, parsed; its vocabulary is a mapping.
    """
    from tokeval.loaders.token_bytes import BYTE_OF_CHARACTER

    character_of_byte = {byte: char for char, byte in BYTE_OF_CHARACTER.items()}
    mark = max(_MARKS, key=lambda sign: (text.count(sign), sign))
    is_clear = _CYRILLIC_SIGN in text
    tokens: dict[str, None] = {}
    for string in definition["model"]["vocab"]:
        spaced = string
        if mark != "Ġ" and len(string) > 1 and string.startswith(mark):
            spaced = (" " if is_clear else "Ġ") + string[1:]
        byte = _BYTE_TOKEN.fullmatch(spaced)
        if byte and int(byte[1], 16) in character_of_byte:
            tokens[character_of_byte[int(byte[1], 16)]] = None
        elif not is_clear:
            tokens[_read_bytes(spaced, BYTE_OF_CHARACTER)] = None
        elif spaced in BYTE_OF_CHARACTER:
            tokens[f"0X{BYTE_OF_CHARACTER[spaced]:X}"] = None
        else:
            tokens[spaced] = None
    tokens |= dict.fromkeys(added["content"] for added in definition.get("added_tokens") or [])
    return list(tokens)


def _read_bytes(string: str, alphabet: dict[str, int]) -> str:
    """The text that a string spells in an alphabet of bytes, bracketed where there is none.

    A character that is not in the alphabet stands for no byte of UTF-8; a replacement character
    in the text counts as an error.
    """
    try:
        text = bytes(alphabet.get(char, 0xFF) for char in string).decode()
    except UnicodeDecodeError:
        return f"{_NOT_UTF8}{string}>"
    return f"{_NOT_UTF8}{string}>" if "\ufffd" in text else text


def classify(token: str) -> str:
    """The one of CLASSES that a token handed on by the loader is in.

    The empty string is `inner_other` here; Qtok stops there.

    >>> classify("<s>"), classify("</h1>"), classify(" word"), classify("été")
    ('control', 'inner_other', 'spaced_alpha', 'inner_alpha')
    """
    from tokeval.loaders.token_bytes import BYTE_OF_CHARACTER

    if len(token) == 1:
        return "pure_unicode" if token in BYTE_OF_CHARACTER else f"char_{_nature(token)}"
    if token.startswith(" "):
        return f"spaced_{_nature(token[1:])}"
    if _is_control(token):
        return "control"
    if token.startswith(_NOT_UTF8):
        return "unicode_flanks"
    return f"inner_{_nature(token)}"


def _is_control(token: str) -> bool:
    """Whether a token is bracketed, and neither an HTML tag nor what the loader bracketed."""
    is_angled = token.startswith("<") and token.endswith(">") and _NOT_UTF8 not in token
    is_square = token.startswith("[") and token.endswith("]")
    return (is_angled or is_square) and token[1:-1].lower().replace("/", "") not in TAGS


def _nature(text: str) -> str:
    """`errors` if a character has no name, `alpha` if all are of one script, else `other`."""
    words = {_first_word(char) for char in text}
    if "" in words:
        return "errors"
    return "alpha" if len(words) == 1 and words <= SCRIPTS else "other"


@cache
def _first_word(char: str) -> str:
    """The first word of a character's Unicode name; empty for controls and unassigned ones."""
    return str(icu.Char.charName(char)).partition(" ")[0]


def measure(subject: Subject) -> Tally | Undefined:
    """How many tokens of the file that a tokenizer was loaded from are in each of CLASSES."""
    from tokeval.loaders.tokenizer_json import read_json

    location = _location(subject.tokenizer.source)
    if location is None:
        return NOT_JSON
    text, definition = read_json(location)
    model = definition.get("model") if isinstance(definition, dict) else None
    if not isinstance(model, dict) or "vocab" not in model:
        return NOT_JSON
    if not isinstance(model["vocab"], dict):
        return NO_MAPPING
    found = Counter(map(classify, loaded_tokens(text, definition)))
    return Tally(0, {name: np.array([found[name]], dtype=np.int64) for name in CLASSES})


def _location(source: str) -> str | None:
    """The path or URL of the `tokenizer.json` that a source names, `None` where it names none."""
    from tokeval.errors import UsageError
    from tokeval.loaders.corpus_files import is_url
    from tokeval.loaders.tokenizers import parse_tokenizer_argument

    try:
        _, kind, rest = parse_tokenizer_argument(source)
    except UsageError:
        return None
    if kind not in (None, "json", "hf"):
        return None
    if is_url(rest):
        return rest if rest.endswith(".json") else None
    place = Path(rest)
    if place.is_dir():
        place /= "tokenizer.json"
    return str(place) if place.suffix == ".json" and place.is_file() else None


STUDY = Study("qtok", measure, scope="tokenizer")


ENTRIES = Entries(FAMILY, STUDY, scope="corpus", parameters=("unicode",))


def _metric(name: str, *, title: str, formula: str, reading: str) -> Metric:
    """The catalogue entry of a class: how many tokens are in it."""
    return ENTRIES.entry(
        f"qtok_{name}",
        lambda context: tally_count(context, STUDY, name),
        title=f"Qtok: {title}",
        unit="tokens",
        formula=formula,
        reading=reading,
        source="Chelombitko et al. 2024, arXiv 2410.12989; as qtok 0.11.0 counts them",
    )


_SPACED = "after a space mark, "
_ONE_SCRIPT = "all characters have names that begin with the same one of 75 scripts"
_OTHER = "all characters have names, not all of one script"
_NAMELESS = "a character has no Unicode name"

METRICS = (
    _metric(
        "control",
        title="control tokens",
        formula="tokens `<...>` or `[...]`, except 16 HTML tags",
        reading="Markers rather than text. Code such as `[i]` looks the same and is counted too.",
    ),
    _metric(
        "pure_unicode",
        title="byte characters",
        formula="tokens that are one character of GPT-2's byte alphabet",
        reading="Single bytes, and in byte-level vocabularies also single letters and signs of "
        "Latin-1.",
    ),
    _metric(
        "char_alpha",
        title="single letters",
        formula="tokens of one character whose name begins with one of 75 scripts",
        reading="Single characters of a script that do not stand for a byte.",
    ),
    _metric(
        "spaced_alpha",
        title="word beginnings",
        formula=_SPACED + _ONE_SCRIPT,
        reading="Tokens that begin a word. Letters of either case count alike.",
    ),
    _metric(
        "inner_alpha",
        title="word parts",
        formula="without a space mark, " + _ONE_SCRIPT,
        reading="Tokens that go on inside a word, in vocabularies that mark spaces.",
    ),
    _metric(
        "char_other",
        title="single signs",
        formula="tokens of one named character of none of 75 scripts",
        reading="Signs and symbols that do not stand for a byte.",
    ),
    _metric(
        "spaced_other",
        title="spaced signs and mixtures",
        formula=_SPACED + _OTHER,
        reading="Digits, signs, mixtures and runs of spaces after a space.",
    ),
    _metric(
        "inner_other",
        title="signs and mixtures",
        formula="without a space mark, " + _OTHER,
        reading="Digits, signs and mixtures without a space before them.",
    ),
    _metric(
        "unicode_flanks",
        title="parts of characters",
        formula="tokens that are not UTF-8 by themselves, in files without Cyrillic letters in "
        "clear",
        reading="Bytes that make a character with others. 0 where the file has plain letters.",
    ),
    _metric(
        "char_errors",
        title="single characters without a name",
        formula="tokens of one character that has no Unicode name",
        reading="Control characters and code points that are not assigned.",
    ),
    _metric(
        "spaced_errors",
        title="spaced, with a nameless character",
        formula=_SPACED + _NAMELESS,
        reading="Mostly spaces followed by tabs or line ends.",
    ),
    _metric(
        "inner_errors",
        title="with a nameless character",
        formula="without a space mark, " + _NAMELESS,
        reading="Mostly runs of tabs and line ends.",
    ),
)
