"""Reachability beside a search by brute force that knows nothing but the `tokenizers` library.

The twin works on the library's own ids and strings. It counts a context as a witness only where the
id stands at exactly the bytes of its token: encode(c + bytes(i) + d) has i there.
"""

import json
from collections.abc import Iterator, Sequence
from itertools import combinations, islice, product
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from tokeval.core.witnesses import find_witnesses
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics.reachability import eligible_ids

FILES = {"dolly-v2-12b": 221, "openchat_3.5": 0, "phi-3-medium-4k-instruct": 0}
"""What tokeval reports as unreachable in the three published files."""

AROUND = (
    *("", " ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u2003", "\u3000", "\u200b"),
    *("a", "s", "t", "A", "e", " a", "a ", "the", "0", "9", "12", ".", ",", "-", "_", "(", "'"),
    *('"', "/", "<", "#", "=", "\\", "é", "ß", "ж", "α", "א", "ع", "क", "ก", "あ", "ア"),
    *("中", "한", "ა", "አ", "ကို", "\u0301", "😀", "\ue000", "\x01", "\x00"),
)
"""Contexts of every kind: nothing, white space, letters, digits, signs, many scripts, controls."""

NEAR = ("", " ", "\n", "a", "0", "中")
"""Contexts that every other one is paired with, on both sides."""

SPACES = tuple(" " * n for n in (4, 7, 8, 15, 16, 23, 24, 25, 47, 48, 49, 96))
N_AT_ONCE = 24
N_COMPLETIONS = 1_500


def byte_alphabet() -> dict[str, int]:
    """The byte that each letter of GPT-2 stands for: itself if printable, else from U+0100."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in printable]
    return {chr(byte): byte for byte in printable} | {
        chr(0x100 + n): byte for n, byte in enumerate(others)
    }


class Twin:
    """What the search needs of a tokenizer: its library object, and the bytes of its ids."""

    def __init__(self, library: Tokenizer) -> None:
        self.library = library
        self.added = self.library.get_added_tokens_decoder()
        by_bytes = self.library.pre_tokenizer is not None  # GPT-NeoX; the two others have none
        self.alphabet = byte_alphabet() if by_bytes else {}
        self.bytes_of = {
            i: self._spelled(string, i) for string, i in self.library.get_vocab().items()
        }
        self.prefix = b"" if by_bytes else b" "

    def _spelled(self, string: str, i: int) -> bytes:
        if i in self.added:
            return string.encode()
        if self.alphabet:
            return bytes(self.alphabet[char] for char in string)
        if string.startswith("<0x") and len(string) == 6:
            return bytes([int(string[3:5], 16)])
        return string.replace("▁", " ").encode()

    def wanted(self) -> list[int]:
        """Every id but special tokens and those that stand for a single byte of a character."""
        left_out = {i for i, token in self.added.items() if token.special}
        if self.alphabet:
            left_out |= {i for i, b in self.bytes_of.items() if len(b) == 1 and b[0] >= 0x80}
        else:
            vocabulary = self.library.get_vocab()
            left_out |= {i for string, i in vocabulary.items() if string.startswith("<0x")}
        return sorted(set(self.bytes_of) - left_out)

    def stands(self, i: int, before: bytes, behind: bytes, ids: Sequence[int]) -> bool:
        """Whether i is exactly the token of the bytes between the two contexts."""
        text = (before + self.bytes_of[i] + behind).decode()
        if self.normalised(text) != self.prefix + text.encode():
            return False
        place, wanted = 0, len(self.prefix) + len(before)
        for own in ids:
            if place == wanted and own == i:
                return True
            place += len(self.bytes_of[own])
        return False

    def normalised(self, text: str) -> bytes:
        """The text that the model is given, `▁` as a space."""
        changed: str = self.library.normalizer.normalize_str(text)
        return changed.encode() if self.alphabet else changed.replace("▁", " ").encode()


def parts(token: bytes) -> tuple[bytes, bytes]:
    """The continuation bytes that begin a token, and the unfinished character that ends it."""
    n = next((n for n, byte in enumerate(token) if byte >> 6 != 2), len(token))
    last = next((k for k in reversed(range(n, len(token))) if token[k] >> 6 != 2), len(token))
    tail = token[last:] if token[last:] >= b"\xc0" else b""
    n_bytes = 2 + (tail >= b"\xe0") + (tail >= b"\xf0")
    return token[:n], tail if tail and len(tail) < n_bytes else b""


def whole_characters() -> list[bytes]:
    points = [*range(0x80, 0xD800), *range(0xE000, 0x1_0000), *range(0x1_0000, 0x2_0000)]
    return [chr(point).encode() for point in [*points, 0x2_0000, 0xE_0001, 0xE_0101, 0x10_0000]]


def completed(tokens: Sequence[bytes]) -> dict[bytes, list[tuple[bytes, bytes]]]:
    """Bytes that complete each part of a character: of all characters, those that have it."""
    heads = {parts(token)[0] for token in tokens}
    tails = {parts(token)[1] for token in tokens}
    left: dict[bytes, list[bytes]] = {head: [] for head in heads if head}
    right: dict[bytes, list[bytes]] = {tail: [] for tail in tails if tail}
    for char in whole_characters():
        for n in range(1, len(char)):
            if char[n:] in left:
                left[char[n:]].append(char[:n])
            if char[:n] in right:
                right[char[:n]].append(char[n:])
    found = {}
    for token in tokens:
        head, tail = parts(token)
        pairs = product(left.get(head, [b""]), right.get(tail, [b""]))
        found[token] = list(islice(pairs, 200_000))
        step = max(1, len(found[token]) // N_COMPLETIONS)
        found[token] = found[token][::step]
    return found


def contexts(
    token: bytes, completions: Sequence[tuple[bytes, bytes]], tokens: Sequence[bytes]
) -> Iterator[tuple[bytes, bytes]]:
    """Contexts on both sides, simple ones first; each makes whole characters of the token."""
    around = [text.encode() for text in (*AROUND, *SPACES)]
    near = [text.encode() for text in NEAR]
    spaces = [text.encode() for text in SPACES]
    plain = completions == [(b"", b"")]
    yield from completions
    holding = (other for other in tokens if token in other and token != other)
    for other in islice(holding, 12):
        place = other.find(token)
        before, behind = other[:place], other[place + len(token) :]
        yield from ((before, behind), (before, b""), (b"", behind))
    if plain:
        yield from product(around, near)
        yield from product(near, around)
        yield from product(spaces, spaces)
        return
    for before, behind in completions[:: max(1, len(completions) // 20)]:
        yield from ((c + before, behind + d) for c, d in product(near, near))


def search(twin: Twin, ids: Sequence[int]) -> dict[int, tuple[bytes, bytes]]:
    """A context of every id that has one among all those tried."""
    found: dict[int, tuple[bytes, bytes]] = {}
    left = list(ids)
    whole = [i for i in left if "\ufffd" not in twin.bytes_of[i].decode(errors="replace")]
    for before, behind in ((b"", b""), (b"\n", b""), (b"a", b""), (b"", b"a"), (b".", b"a")):
        whole = _round(twin, {i: [(before, behind)] for i in whole if i not in found}, found)
    left = [i for i in left if i not in found]
    tokens = [twin.bytes_of[i] for i in left]
    completions = completed(tokens)
    every = list(twin.bytes_of.values())
    streams = {
        i: contexts(token, completions[token], every) for i, token in zip(left, tokens, strict=True)
    }
    while streams:
        drawn = {i: list(islice(stream, N_AT_ONCE)) for i, stream in streams.items()}
        left = _round(twin, drawn, found)
        streams = {i: streams[i] for i in left if drawn[i]}
    return found


def _round(
    twin: Twin,
    drawn: dict[int, list[tuple[bytes, bytes]]],
    found: dict[int, tuple[bytes, bytes]],
) -> list[int]:
    """The ids that none of their contexts shows; the others are put with those found."""
    tried = [(i, *context) for i, contexts in drawn.items() for context in contexts]
    texts: list[Any] = []
    kept = []
    for i, before, behind in tried:
        try:
            texts.append((before + twin.bytes_of[i] + behind).decode())
        except UnicodeDecodeError:  # a context of a longer token that is no text by itself
            continue
        kept.append((i, before, behind))
    encoded = twin.library.encode_batch_fast(texts, add_special_tokens=False)
    for (i, before, behind), encoding in zip(kept, encoded, strict=True):
        ids = encoding.ids
        if i in ids and i not in found and twin.stands(i, before, behind, ids):
            found[i] = (before, behind)
    return [i for i in drawn if i not in found]


@pytest.mark.case(oracle=["unreachable_tokens"])
@pytest.mark.parametrize("file", FILES)
def test_tokens_reported_are_those_without_a_witness_in_a_search_by_brute_force(
    file: str, shared: Path
) -> None:
    path = shared / "data" / "tokenizers" / f"{file}.json"
    twin = Twin(Tokenizer.from_file(str(path)))
    wanted = twin.wanted()
    tokenizer = load_tokenizer(f"own={path}")
    assert eligible_ids(tokenizer.vocabulary) == wanted
    reported = find_witnesses(tokenizer, wanted).unreached
    assert len(reported) == FILES[file]
    found = search(twin, wanted)
    assert set(wanted) - set(found) == set(reported)
    kinds = {tuple(map(bool, parts(twin.bytes_of[i]))) for i in found}
    both = {(False, False), (True, False), (False, True)}
    assert kinds >= (both if twin.alphabet else {(False, False)})


def test_the_search_finds_the_same_tokens_once_nothing_keeps_them(shared: Path) -> None:
    """Without the added tokens of spaces, all that GPT-NeoX cannot reach has a witness."""
    path = shared / "data" / "tokenizers" / "dolly-v2-12b.json"
    whole = Twin(Tokenizer.from_file(str(path)))
    definition = json.loads(path.read_text(encoding="utf-8"))
    definition["added_tokens"] = [t for t in definition["added_tokens"] if t["special"]]
    twin = Twin(Tokenizer.from_str(json.dumps(definition)))
    # The added tokens, of 2 to 24 spaces, take every pair of spaces before the model sees it.
    spaced = [i for i in twin.wanted() if b"  " in whole.bytes_of[i]]
    assert len(spaced) == FILES["dolly-v2-12b"]
    assert set(search(twin, spaced)) == set(spaced)


@pytest.mark.parametrize("text", ["é", "€", "a😀", "中文"])
def test_parts_of_a_cut_text_are_found_by_trying_to_decode(text: str) -> None:
    whole = text.encode()
    for start, end in combinations(range(len(whole) + 1), 2):
        head, tail = parts(whole[start:end])
        inside = whole[start + len(head) : end - len(tail)]
        assert inside.decode() in text  # what is left is whole characters
        assert all(byte >> 6 == 2 for byte in head)
