"""Scanners against `regex`, the tokenizers library and tiktoken, on hostile and on real text."""

import random
import sysconfig
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import regex
import tiktoken
from tokenizers import Regex, pre_tokenizers

from tokeval.pretokenization.scanners import _RULES, Scanner, scanner_of

PATTERNS = list(_RULES)
NAMES = [
    "gpt2",
    "gpt2-tiktoken",
    "cl100k",
    "llama3",
    "qwen",
    "qwen3.5",
    "o200k",
    "tekken",
    "deepseek",
]
every_pattern = pytest.mark.parametrize("patterns", PATTERNS, ids=NAMES)

HOSTILE = (
    "",
    "   ",
    " a  b   c\td\t e\n f \n g\r\n h\n\n  i \r j  ",
    "trailing \n  ",
    "trailing\n\n",
    "\u00a0a\u00a0 b\u0085\u0085c\u2028\u2029d\u3000e\u200a f\x0b\x0c g\x1c\x1d",
    "don't DON'T 'tis it's  we'RE I'LL 'S's 'ſ x'ſt x'll'd 've'vE ''s ' s",
    "1 22 333 4444 55555٣٣٣٣²½ⅫⅫ 1a a1 1\u0301 3,141.59",
    "e\u0301 \u0301 \u0301a a\u0301\u0301B .\u0301a \u0301A \u0301\u0301ABC'd",
    "ABC abC aBc ABCdef ʰa aʰB 中A 中a A中B ǅungla ǅǅ AǅB \u0295A",
    "日本語テスト・カー゠〇ゝ\u3040 中文abc中 １２ 한국어 ไทย हिन्दी",
    "👩\u200d👧 🇹🇷 \U00010400\U00010428 \U0001e900 \u0378 \ue000 \U0010ffff \ufeff",
    "a/b//c --/\n/x ...\r\n\r\n!!!\n/\n <tag/>\n\t\t}\n $x #y _z -Ab",
    "\x00\x01\x01a\x01 \x7f\n",
)
ALPHABET = [*"aAbsSdmtreLlvVE'''  \t\n\r123.,!/_-$<é", *"Éßǅʰªſ٣½²Ⅻ\u0301\u0300\u200d\u00a0\u0085"]
ALPHABET += [*"\u3000\u2028中文ひカ・ー゠〇한🇹👩\x00\x01\x1c\U00010400\u0378\u0295"]


def cut(scanner: Scanner, text: str) -> list[str]:
    data = np.frombuffer(text.encode(), np.uint8)
    ends = scanner.ends(data, np.array([0, len(data)], np.int64))
    return [data[i:j].tobytes().decode() for i, j in pairwise([0, *ends.tolist()])]


def cut_by_regex(patterns: tuple[str, ...], text: str) -> list[str]:
    """Matches and gaps as `regex` finds them: a capturing split keeps both."""
    pieces = [text]
    for pattern in patterns:
        split = regex.compile(f"({pattern})", regex.V1)
        pieces = [part for piece in pieces for part in split.split(piece) if part]
    return pieces


def cut_by_library(patterns: tuple[str, ...], text: str) -> list[str]:
    splits = [pre_tokenizers.Split(Regex(pattern), "isolated") for pattern in patterns]
    return [piece for piece, _ in pre_tokenizers.Sequence(splits).pre_tokenize_str(text)]


def scanner(patterns: tuple[str, ...], library: str) -> Scanner:
    found = scanner_of(patterns, library)
    assert found is not None
    return found


def random_texts(n: int) -> list[str]:
    choose = random.Random(4)  # noqa: S311 - no secret
    return ["".join(choose.choices(ALPHABET, k=choose.randint(1, 30))) for _ in range(n)]


def real_texts(shared: Path, n_characters: int) -> list[str]:
    flores = sorted((shared / "data" / "flores").glob("*.txt"))
    library = Path(sysconfig.get_paths()["stdlib"])
    sources = [library / name for name in ("argparse.py", "heapq.py", "locale.py", "typing.py")]
    return [path.read_text("utf-8")[:n_characters] for path in (*flores, *sources)]


@every_pattern
def test_is_regex_on_hostile_text(patterns: tuple[str, ...]) -> None:
    own = scanner(patterns, "regex")
    for text in (*HOSTILE, *random_texts(1500)):
        assert cut(own, text) == cut_by_regex(patterns, text), repr(text)


@every_pattern
def test_is_the_tokenizers_library_on_hostile_text(patterns: tuple[str, ...]) -> None:
    own = scanner(patterns, "tokenizers")
    for text in (*HOSTILE, *random_texts(800)):
        assert cut(own, text) == cut_by_library(patterns, text), repr(text)


@every_pattern
def test_is_regex_and_the_library_on_real_text(patterns: tuple[str, ...], shared: Path) -> None:
    for text in real_texts(shared, 12_000):
        assert cut(scanner(patterns, "regex"), text) == cut_by_regex(patterns, text)
        assert cut(scanner(patterns, "tokenizers"), text) == cut_by_library(patterns, text)


@pytest.mark.parametrize("patterns", PATTERNS[:-1], ids=NAMES[:-1])
def test_is_tiktoken_on_hostile_text(patterns: tuple[str, ...]) -> None:
    """A match that is a token stays whole in tiktoken. So with our pieces, and any two neighbours
    joined, as tokens, it gives our pieces back only if it cuts where we do.
    """
    own = scanner(patterns, "tiktoken")
    for text in (*HOSTILE, *random_texts(40)):
        pieces = [piece.encode() for piece in cut(own, text)]
        tokens = dict.fromkeys(bytes([byte]) for byte in range(256))
        tokens |= dict.fromkeys([*pieces, *(a + b for a, b in pairwise(pieces))])
        encoding = tiktoken.Encoding(
            "pieces",
            pat_str=patterns[0],
            mergeable_ranks={token: rank for rank, token in enumerate(tokens)},
            special_tokens={},
        )
        ids = encoding.encode_ordinary(text)
        assert [encoding.decode_single_token_bytes(i) for i in ids] == pieces, repr(text)


@every_pattern
def test_every_character_after_an_apostrophe_and_around_words(patterns: tuple[str, ...]) -> None:
    """No character but those of the contractions, and U+017F, folds into one of them."""
    points = [*range(0xD800), *range(0xE000, 0x20000), *range(0xE0000, 0xE0200)]
    for start in range(0, len(points), 1 << 15):
        text = "".join(f"x'{chr(point)} " for point in points[start : start + (1 << 15)])
        assert cut(scanner(patterns, "regex"), text) == cut_by_regex(patterns, text)


@every_pattern
def test_texts_do_not_see_each_other(patterns: tuple[str, ...]) -> None:
    own = scanner(patterns, "regex")
    texts = ["a  ", "  b", "", "x'", "s\n", "\n12", "345"]
    encoded = [text.encode() for text in texts]
    offsets = np.cumsum([0, *map(len, encoded)])
    data = np.frombuffer(b"".join(encoded), np.uint8)
    apart = [piece for text in texts for piece in cut(own, text)]
    ends = own.ends(data, offsets)
    joined = [data[i:j].tobytes().decode() for i, j in pairwise([0, *ends.tolist()])]
    assert joined == apart


def test_hand_cut() -> None:
    assert cut(scanner(PATTERNS[0], "regex"), "I'm 12  a!\n\n b") == (
        ["I", "'m", " 12", " ", " a", "!", "\n\n", " b"]
    )
    assert cut(scanner(PATTERNS[6], "regex"), "McDonald's 1234") == (
        ["Mc", "Donald's", " ", "123", "4"]
    )
    assert cut(scanner(PATTERNS[8], "regex"), "中文ab ー12\x01\x01") == (
        ["中文", "ab", " ", "ー", "12", "\x01\x01"]
    )


def test_oniguruma_repeats_what_is_possessive_elsewhere() -> None:
    cl100k = PATTERNS[2]
    assert cut(scanner(cl100k, "tiktoken"), "12345") == ["123", "45"]
    assert cut(scanner(cl100k, "tokenizers"), "12345") == ["12345"]
    assert cut_by_library(cl100k, "12345") == ["12345"]


def test_a_pattern_that_is_not_known_has_no_scanner() -> None:
    assert scanner_of([PATTERNS[0][0] + "?"], "regex") is None
    assert scanner_of([], "regex") is None
    assert scanner_of([PATTERNS[0][0], PATTERNS[0][0]], "regex") is None


def test_line_ends_in_a_pattern_may_be_written_out() -> None:
    written = [PATTERNS[8][0], PATTERNS[8][1], PATTERNS[8][2].replace(r"\r\n", "\r\n")]
    assert written[2] != PATTERNS[8][2]
    assert scanner_of(written, "regex") is not None
