"""Tekken files against mistral-common's own Tekkenizer, token by token."""

import base64
import json
import pickle
from itertools import pairwise
from pathlib import Path

import pytest

from tokeval.errors import TokevalError
from tokeval.loaders.ranked_bpe import RankedTokenizer
from tokeval.loaders.tekken import load_tekken

tekken = pytest.importorskip(
    "mistral_common.tokens.tokenizers.tekken", reason="the extra `demo` is not installed"
)
FILES = Path(tekken.__file__).parents[2] / "data"
KEEP = tekken.SpecialTokenPolicy.KEEP

HOSTILE = (
    "",
    " ",
    "\0\x01\x1b\x7f",
    "a\rb\r\nc\n\r\n\n d/\n",
    "\t\t x  \u00a0\u2003y \u3000",
    "👩‍👩‍👧‍👦 🇹🇷🏳️‍🌈 👍🏽",
    "e\u0301 a\u0323\u0302 \u1100\u1161\u11a8 \u0958",
    "שלום \u202bعربي\u202c \u200fمرحبا١٢٣",
    "𝒳𐍈𒀀 \U0010ffff \ufdfa ﬁ ½ \ufeff",
    "<s>[INST] </s> <SPECIAL_20>",
    "HTTPServer camelCase 12345.67 isn't",
)


@pytest.fixture(scope="module", params=["tekken_240718.json", "tekken_240911.json"])
def pair(request):
    """Our tokenizer and mistral-common's, of the same file."""
    path = FILES / request.param
    return load_tekken(str(path), name="t"), tekken.Tekkenizer.from_file(path)


def test_ids_and_bytes_are_those_of_mistral_common(shared, pair):
    ours, theirs = pair
    files = sorted((shared / "data" / "flores").glob("*.txt"))
    assert len(files) == 16
    texts = [line for file in files for line in file.read_text().splitlines()[:12]]
    texts += HOSTILE
    encoded = ours.encode_batch(texts)
    expected = [theirs.encode(text, bos=False, eos=False) for text in texts]
    assert [encoded.ids[a:b].tolist() for a, b in pairwise(encoded.offsets)] == expected
    for text, ids in zip(texts, expected, strict=True):
        assert ours.decode(ids) == text.encode() == ours.normalize(text).encode()


def test_every_token_is_that_of_mistral_common(pair):
    ours, theirs = pair
    tokens = ours.vocabulary.token_bytes
    assert len(tokens) == len(ours.vocabulary) == theirs.n_words
    expected = [theirs.id_to_byte_piece(i, KEEP) for i in range(theirs.n_words)]
    assert expected[0] == b"<unk>"
    expected[0] = b""  # the unknown token spells nothing
    assert list(tokens) == expected
    assert ours.vocabulary.special == theirs.special_ids
    assert ours.vocabulary.unknown_id == theirs.unk_id
    assert (ours.bos_id, ours.eos_id) == (theirs.bos_id, theirs.eos_id) == (1, 2)
    assert ours.vocabulary.byte_tokens == {
        i for i in range(theirs.n_words) if theirs.is_byte(i) and tokens[i] >= b"\x80"
    }


def test_merges_name_only_tokens_in_use(pair):
    ours, _ = pair
    assert isinstance(ours, RankedTokenizer)
    assert len(ours.merges) + len(ours.ids_without_merge) == 131072 - 1000 - 256
    known = set(ours.vocabulary.token_bytes)
    assert all({a, b, a + b} <= known for a, b in ours.merges)


def test_digits_and_pattern_are_stated(pair):
    ours, _ = pair
    assert ours.pretokenization.digits == "individual"
    assert ours.pretokenization.byte_level
    assert any("beyond its vocabulary size" in note for note in ours.notes)


# --- small files -----------------------------------------------------------------------------


def stated(*tokens: bytes, n_special: int = 3, **changes) -> dict:
    """A tekken file of all bytes and then the tokens."""
    ranked = [*(bytes([i]) for i in range(256)), *tokens]
    special = [
        {"rank": i, "token_str": text, "is_control": True}
        for i, text in enumerate(("<unk>", "<s>", "</s>"))
    ]
    return {
        "config": {
            "pattern": r"\w+|\W",
            "default_vocab_size": len(ranked) + n_special,
            "default_num_special_tokens": n_special,
            "version": "v11",
        },
        "vocab": [
            {"rank": i, "token_bytes": base64.b64encode(token).decode(), "token_str": None}
            for i, token in enumerate(ranked)
        ],
        "special_tokens": special,
    } | changes


def write(folder: Path, content: object) -> str:
    path = folder / "tekken.json"
    path.write_text(json.dumps(content))
    return str(path)


def test_stated_special_tokens_are_filled_up_to_their_number(tmp_path):
    path = write(tmp_path, stated(b"th", n_special=5))
    ours, theirs = load_tekken(path, name="t"), tekken.Tekkenizer.from_file(path)
    assert ours.vocabulary.token_bytes[1:5] == (b"<s>", b"</s>", b"<SPECIAL_3>", b"<SPECIAL_4>")
    assert ours.encode_batch(["the"]).ids.tolist() == theirs.encode("the", bos=False, eos=False)
    assert ours.merges == ((b"t", b"h"),)


def test_tokens_beyond_the_vocabulary_size_are_not_used(tmp_path):
    content = stated(b"th", b"the")
    content["config"]["default_vocab_size"] -= 1
    path = write(tmp_path, content)
    ours, theirs = load_tekken(path, name="t"), tekken.Tekkenizer.from_file(path)
    expected = theirs.encode("the", bos=False, eos=False)
    assert ours.encode_batch(["the"]).ids.tolist() == expected == [259, ord("e") + 3]
    assert len(ours.vocabulary) == 260


def test_another_process_gets_the_same_tokenizer(tmp_path):
    tokenizer = load_tekken(write(tmp_path, stated(b"th")), name="t")
    again = pickle.loads(pickle.dumps(tokenizer))  # noqa: S301 - our own bytes
    assert again.fingerprint == tokenizer.fingerprint
    assert (again.bos_id, again.eos_id, again.vocabulary) == (1, 2, tokenizer.vocabulary)
    assert again.encode_with_spans(["thé"]).spans.tolist() == [[0, 2], [2, 3], [2, 3]]


def without(content: dict, *keys: str) -> dict:
    """The content with one entry deep inside taken out."""
    inner = content
    for key in keys[:-1]:
        inner = inner[key]
    del inner[keys[-1]]
    return content


def with_entry(place: int, changes: dict) -> dict:
    content = stated(b"th")
    content["vocab"][place] |= changes
    return content


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "has no `config` and `vocab`"),
        ({"config": {}}, "has no `config` and `vocab`"),
        ({"model": {"vocab": {}}}, "has no `config` and `vocab`"),
        (without(stated(), "config", "pattern"), "`config` lacks `pattern`"),
        (without(stated(), "config", "default_vocab_size"), "`config` lacks"),
        (stated(vocab=[]), "do not fit `vocab`, which has 0 entries"),
        (without(stated(), "special_tokens"), "has no `special_tokens`, which version v11 needs"),
        (stated(special_tokens=[{"rank": 0}]), "an entry of `special_tokens`"),
        (stated(special_tokens=5), "an entry of `special_tokens`"),
        (
            stated(special_tokens=[{"rank": 0, "token_str": "a"}, {"rank": 0, "token_str": "b"}]),
            "repeats a token or a rank",
        ),
        (stated(n_special=2), "has 3 special tokens, but says 2"),
        (with_entry(7, {"rank": 8}), "entry 7 of `vocab` has rank 8"),
        (with_entry(7, {"token_bytes": "A"}), "entry 7 of `vocab` has no rank and no base64"),
        (with_entry(7, {"token_bytes": None}), "entry 7 of `vocab` has no rank and no base64"),
        (with_entry(256, {"token_bytes": "Bw=="}), "repeats the token of entry 7"),
        (
            with_entry(7, {"token_bytes": "dGhl"}),
            "no token for 1 of the bytes of UTF-8, the first is 0x07",
        ),
        (stated() | {"vocab": [1] * 300}, "entry 0 of `vocab`"),
    ],
)
def test_a_broken_file_is_one_error(tmp_path, content, message):
    path = write(tmp_path, content)
    with pytest.raises(TokevalError, match=message) as error:
        load_tekken(path, name="t")
    assert path in error.value.message
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("content", "message"), [(b"", "is empty"), (b"{", "is not JSON"), (b"\xff", "is not JSON")]
)
def test_what_is_not_json_is_one_error(tmp_path, content, message):
    (tmp_path / "tekken.json").write_bytes(content)
    with pytest.raises(TokevalError, match=message):
        load_tekken(str(tmp_path / "tekken.json"), name="t")


def test_an_invalid_pattern_is_one_error(tmp_path):
    content = stated()
    content["config"]["pattern"] = "("
    with pytest.raises(TokevalError, match="the pattern '\\(' is invalid"):
        load_tekken(write(tmp_path, content), name="t")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(TokevalError, match="no such file"):
        load_tekken(str(tmp_path / "tekken.json"), name="t")
