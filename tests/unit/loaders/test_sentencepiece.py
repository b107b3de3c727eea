"""SentencePiece models against the library's own ids, pieces, alignment and decoding."""

import io
import pickle
import re
import unicodedata
from functools import cache
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import sentencepiece
from hypothesis import given, settings
from hypothesis import strategies as st

from tokeval.errors import TokevalError
from tokeval.loaders.sentencepiece_file import parse_model
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer, load_sentencepiece

mistral_common = pytest.importorskip("mistral_common", reason="the extra `demo` is not installed")
ai21_tokenizer = pytest.importorskip("ai21_tokenizer", reason="the extra `demo` is not installed")
protobuf = pytest.importorskip(
    "sentencepiece.sentencepiece_model_pb2", reason="the protobuf package is not installed"
)
MISTRAL = Path(mistral_common.__file__).parent / "data"
PUBLISHED = {
    "v1": MISTRAL / "tokenizer.model.v1",
    "v3": MISTRAL / "mistral_instruct_tokenizer_240323.model.v3",
    "j2": Path(ai21_tokenizer.__file__).parent / "resources/j2-tokenizer/j2-tokenizer.model",
}

HOSTILE = (
    "",
    " ",
    "   ",
    "\0",
    "a\0b\x01\x1b\x7f",
    "\r",
    "a\rb\r\nc\n\r\n\n d",
    "\t\t x  \u00a0\u2003y \u3000 ",
    "👩‍👩‍👧‍👦 🇹🇷🏳️‍🌈 👍🏽",
    "e\u0301 a\u0323\u0302 o\u0308\u0304\u0301 \u1100\u1161\u11a8 \u0958 \u09c7\u09be",
    "שלום \u202bعربي\u202c \u200fمرحبا١٢٣",
    "\u0301 \ufeff",
    "𝒳𐍈𒀀 \U0010ffff \ufdfa ﬁ ½ x\ufdfay㎏",
    "▁a ▁▁ b▁",
    "<s>[INST] </s><unk> <0x41>",
    "def f(x):\n    return 12345.67e-8\n",
)


def parallel_lines(shared: Path) -> list[str]:
    """Twelve lines of each of the sixteen languages."""
    files = sorted((shared / "data" / "flores").glob("*.txt"))
    assert len(files) == 16
    return [line for file in files for line in file.read_text().splitlines()[:12]]


@cache
def published(file: str) -> SentencePieceTokenizer:
    """Our tokenizer of a published model; the big one takes a second and a half to load."""
    tokenizer = load_sentencepiece(str(PUBLISHED[file]), name=file)
    assert isinstance(tokenizer, SentencePieceTokenizer)
    return tokenizer


@pytest.fixture(scope="module", params=list(PUBLISHED))
def pair(request):
    """Our tokenizer, and the library's processor of the same file."""
    theirs = sentencepiece.SentencePieceProcessor()
    theirs.LoadFromSerializedProto(PUBLISHED[request.param].read_bytes())
    return published(request.param), theirs


CORPUS = "The cat sat on the mat, the dog too. It was 1987 or 2024: thirty-three cats sat there."


@cache
def trained(**options) -> bytes:
    """A small model trained on one sentence."""
    model = io.BytesIO()
    arguments = {"vocab_size": 60, "hard_vocab_limit": False, "minloglevel": 2} | options
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([CORPUS] * 20), model_writer=model, **arguments
    )
    return model.getvalue()


def loaded(content: bytes):
    """Our tokenizer of a model, and the library's."""
    theirs = sentencepiece.SentencePieceProcessor()
    theirs.LoadFromSerializedProto(content)
    return SentencePieceTokenizer(content, name="t", source="t.model"), theirs


# --- ids and bytes ---------------------------------------------------------------------------


def test_ids_and_bytes_are_those_of_the_library(shared, pair):
    ours, theirs = pair
    texts = [*parallel_lines(shared), *HOSTILE]
    encoded = ours.encode_batch(texts)
    assert (encoded.ids.dtype, encoded.offsets.dtype) == (np.int32, np.int64)
    for text, (a, b) in zip(texts, pairwise(encoded.offsets), strict=True):
        ids = encoded.ids[a:b].tolist()
        assert ids == theirs.encode(text)
        assert ours.decode(ids) == ours.normalize(text).encode()
        # The library's decoder drops the one space that its own prefix put in.
        prefixed = ours.pretokenization.prefix_space and bool(ids)
        assert ours.normalize(text) == " " * prefixed + theirs.decode(ids)


def test_every_token_is_that_of_the_protobuf(pair):
    ours, theirs = pair
    model = protobuf.ModelProto()
    model.ParseFromString(theirs.serialized_model_proto())
    types = model.SentencePiece.Type
    for i, piece in enumerate(model.pieces):
        token = ours.vocabulary.token_bytes[i]
        if piece.type == types.UNKNOWN:
            assert (token, i) == (b"", ours.vocabulary.unknown_id)
        elif piece.type == types.CONTROL:
            assert token == piece.piece.encode()
        elif piece.type == types.BYTE:
            assert piece.piece == f"<0x{token[0]:02X}>"
        else:
            assert token == piece.piece.replace("▁", " ").encode()
    assert len(ours.vocabulary) == len(model.pieces)
    special = {i for i, piece in enumerate(model.pieces) if piece.type in (2, 3)}
    assert ours.vocabulary.special == special
    assert ours.vocabulary.byte_tokens == {
        i for i, piece in enumerate(model.pieces) if piece.type == types.BYTE
    }
    assert (ours.bos_id, ours.eos_id) == (theirs.bos_id(), theirs.eos_id())
    user_defined = [piece.piece for piece in model.pieces if piece.type == types.USER_DEFINED]
    assert list(ours.added_texts) == user_defined


@pytest.mark.parametrize("file", ["v1", "v3", "j2"])
def test_our_reader_of_the_protobuf_agrees_with_google_s(file):
    content = PUBLISHED[file].read_bytes()
    model = protobuf.ModelProto()
    model.ParseFromString(content)
    ours = parse_model(content)
    assert [(p.text, p.score, p.type) for p in ours.pieces] == [
        (p.piece, p.score, p.type) for p in model.pieces
    ]
    trainer, normalizer = model.trainer_spec, model.normalizer_spec
    assert (ours.model_type, ours.split_digits, ours.byte_fallback) == (
        trainer.model_type,
        trainer.split_digits,
        trainer.byte_fallback,
    )
    assert (ours.split_by_whitespace, ours.split_by_number, ours.whitespace_as_suffix) == (
        trainer.split_by_whitespace,
        trainer.split_by_number,
        trainer.treat_whitespace_as_suffix,
    )
    assert (ours.normalizer, ours.dummy_prefix, ours.remove_extra_whitespaces) == (
        normalizer.name,
        normalizer.add_dummy_prefix,
        normalizer.remove_extra_whitespaces,
    )


OPTIONS = (
    {"model_type": "bpe"},
    {"model_type": "bpe", "byte_fallback": True, "vocab_size": 320},
    {"model_type": "unigram", "normalization_rule_name": "nmt_nfkc_cf"},
    {
        "model_type": "unigram",
        "remove_extra_whitespaces": False,
        "byte_fallback": True,
        "vocab_size": 320,
    },
    {"model_type": "bpe", "treat_whitespace_as_suffix": True},
    {"model_type": "bpe", "add_dummy_prefix": False, "split_digits": True},
    {"model_type": "bpe", "user_defined_symbols": "cat,<sep>,▁sat"},
    {"model_type": "word", "vocab_size": 20},
    {"model_type": "char"},
)
EVERY_KIND = pytest.mark.parametrize(
    "options", OPTIONS, ids=lambda options: "-".join(map(str, options.values()))
)
TEXTS = (*HOSTILE, CORPUS, "  The cat   sat<sep>on ﬁ 12 cats  ", "Δ the Δω cat", "THE CAT", "ΔΔ")


@EVERY_KIND
def test_every_kind_of_model_gives_the_library_s_ids_and_bytes(options):
    ours, theirs = loaded(trained(**options))
    names = {"bpe": "BPE", "unigram": "Unigram", "word": "Word", "char": "Character"}
    assert ours.model == names[options["model_type"]]
    assert ours.pretokenization.digits == ("individual" if "split_digits" in options else None)
    assert (ours.merges is None) == (ours.model != "BPE")
    for text in TEXTS:
        ids = ours.encode_batch([text]).ids.tolist()
        assert ids == theirs.encode(text)
        pieces = theirs.encode(text, out_type=str)
        unknown = ours.vocabulary.unknown_id
        # What is unknown spells nothing; everything else spells its piece.
        known = [p for i, p in zip(ids, pieces, strict=True) if i != unknown]
        known = [
            chr(int(p[3:5], 16)).encode("latin-1")
            if re.fullmatch("<0x..>", p) and i in ours.vocabulary.byte_tokens
            else p.replace("▁", " ").encode()
            for p, i in zip(known, [i for i in ids if i != unknown], strict=True)
        ]
        assert ours.decode(ids) == b"".join(known)
        if unknown not in ids:
            assert ours.decode(ids) == ours.normalize(text).encode()


# --- spans -----------------------------------------------------------------------------------


def library_spans(theirs, text: str) -> list[tuple[int, int]]:
    """The library's own spans, from bytes to characters."""
    character = [i for i, c in enumerate(text) for _ in c.encode()] + [len(text)]
    pieces = theirs.encode(text, out_type="proto").pieces
    return [(character[piece.begin], character[piece.end]) for piece in pieces]


def test_spans_are_those_of_the_library_and_whole_characters(shared, pair):
    ours, theirs = pair
    texts = [*parallel_lines(shared), *HOSTILE]
    encoded = ours.encode_with_spans(texts)
    assert np.array_equal(encoded.ids, ours.encode_batch(texts).ids)
    for text, (a, b) in zip(texts, pairwise(encoded.offsets), strict=True):
        spans, expected = encoded.spans[a:b].tolist(), library_spans(theirs, text)
        covered = set()
        for (start, end), (low, high), i in zip(spans, expected, encoded.ids[a:b], strict=True):
            # The library gives a character that became several to its last part alone.
            assert start <= low <= high <= end
            covered |= set(range(start, end))
            whole = unicodedata.normalize("NFKC", text[start:end]) == text[start:end]
            if whole and int(i) not in ours.vocabulary.byte_tokens:
                assert (start, end) == (low, high)
        if ours.model == "BPE" or ours.normalize(text) == text:
            assert covered == set(range(len(text)))


@EVERY_KIND
def test_spans_of_every_kind_of_model_contain_the_library_s(options):
    ours, theirs = loaded(trained(**options))
    encoded = ours.encode_with_spans(TEXTS)
    for text, (a, b) in zip(TEXTS, pairwise(encoded.offsets), strict=True):
        spans, expected = encoded.spans[a:b].tolist(), library_spans(theirs, text)
        for (start, end), (low, high) in zip(spans, expected, strict=True):
            assert 0 <= start <= low <= high <= end <= len(text)


def shown(tokenizer, text: str) -> list[tuple[str, str]]:
    """Each token with the text that it stands for."""
    encoded = tokenizer.encode_with_spans([text])
    tokens = [tokenizer.vocabulary.token_bytes[i].decode("latin-1") for i in encoded.ids]
    return [(t, text[a:b]) for t, (a, b) in zip(tokens, encoded.spans.tolist(), strict=True)]


def test_a_part_of_a_character_covers_it_and_an_added_space_covers_nothing():
    ours = published("v3")
    assert shown(ours, "ﬀx") == [(" ", ""), ("ï", "ﬀ"), ("¬", "ﬀ"), ("\x80", "ﬀ"), ("x", "x")]
    assert shown(ours, "x") == [(" x", "x")]
    assert shown(ours, " x") == [(" ", ""), (" x", " x")]


def test_what_one_character_became_covers_it_in_each_part():
    ours = published("j2")
    assert shown(ours, "½") == [("1", "½"), ("\u2044".encode().decode("latin-1"), "½"), ("2", "½")]


def test_dropped_spaces_belong_to_the_space_that_is_left():
    ours, _ = loaded(trained(model_type="char"))
    assert shown(ours, "  cat   a ") == [
        (" ", ""),
        *zip("cat", "cat", strict=True),
        (" ", "   "),
        ("a", "a"),
    ]


def test_a_space_that_is_added_at_the_end_covers_nothing():
    ours, _ = loaded(trained(model_type="bpe", treat_whitespace_as_suffix=True))
    assert shown(ours, "  cat   a ") == [("c", "c"), ("at ", "at   "), ("a", "a"), (" ", "")]
    assert not ours.pretokenization.prefix_space


def test_an_unknown_token_covers_the_run_that_it_hides():
    ours, _ = loaded(trained(model_type="unigram", normalization_rule_name="nmt_nfkc_cf"))
    assert shown(ours, "THE ΔΔ cat") == [(" the", "THE"), (" ", " "), ("", "ΔΔ"), (" cat", " cat")]


@settings(max_examples=60)
@given(st.lists(st.text(st.sampled_from("cat 1▁\u0301éΔ\n\0 \u3000½ﬁ\ufdfa😀")), max_size=3))
def test_any_text_keeps_the_contract(texts):
    for options in (OPTIONS[1], OPTIONS[3]):  # byte fallback: nothing is unknown
        ours, _ = loaded(trained(**options))
        encoded = ours.encode_with_spans(texts)
        for text, (a, b) in zip(texts, pairwise(encoded.offsets), strict=True):
            assert ours.decode(encoded.ids[a:b]) == ours.normalize(text).encode()
            spans = encoded.spans[a:b]
            assert np.all(np.diff(spans[:, 0]) >= 0)
            assert np.all((spans[:, 0] <= spans[:, 1]) & (spans[:, 1] <= len(text)))


# --- merges ----------------------------------------------------------------------------------


def by_merges(text: str, order: dict[tuple[bytes, bytes], int]) -> list[bytes]:
    """Textbook BPE: apply the earliest merge that is possible, leftmost first, until none is."""
    parts = [character.encode() for character in text]
    while candidates := [(order[p], i) for i, p in enumerate(pairwise(parts)) if p in order]:
        _, i = min(candidates)
        parts[i : i + 2] = [parts[i] + parts[i + 1]]
    return parts


@pytest.mark.parametrize("file", ["v1", "v3"])
def test_textbook_bpe_with_the_merges_is_the_library(shared, file):
    ours = published(file)
    order = {pair: place for place, pair in enumerate(ours.merges)}
    assert len(order) == len(ours.merges) > 28_000
    assert ours.ids_without_merge == ()
    tokens = ours.vocabulary.token_bytes
    n_words = 0
    for word in sorted({word for line in parallel_lines(shared) for word in line.split()})[::2]:
        ids = ours.encode_batch([word]).ids.tolist()
        if not ours.vocabulary.byte_tokens.isdisjoint(ids):
            continue  # a character without a piece becomes bytes after the merges
        n_words += 1
        assert by_merges(ours.normalize(word), order) == [tokens[i] for i in ids]
    assert n_words > 1000


def test_merges_are_in_order_of_score_and_join_to_their_piece():
    content = PUBLISHED["v1"].read_bytes()
    model = protobuf.ModelProto()
    model.ParseFromString(content)
    longer = sorted(
        (p for p in model.pieces if p.type == 1 and len(p.piece) > 1), key=lambda p: -p.score
    )
    merges = SentencePieceTokenizer(content, name="t", source="t").merges
    assert [(a + b).decode() for a, b in merges] == [p.piece.replace("▁", " ") for p in longer]


def test_pieces_that_joining_cannot_make_are_counted():
    model = protobuf.ModelProto()
    model.ParseFromString(trained(model_type="bpe", user_defined_symbols="cat"))
    for text, score in (("xyz", -500.0), ("acatb", -501.0)):
        model.pieces.add(piece=text, score=score)
    ours, theirs = loaded(model.SerializeToString())
    assert ours.ids_without_merge == (len(model.pieces) - 2, len(model.pieces) - 1)
    assert not {len(model.pieces) - 2, len(model.pieces) - 1} & set(theirs.encode("xyz acatb"))
    assert ours.added_texts == ("cat",)


# --- the tokenizer as a whole ----------------------------------------------------------------


def test_another_process_gets_the_same_tokenizer(tmp_path):
    path = tmp_path / "small.model"
    path.write_bytes(trained(model_type="bpe"))
    tokenizer = load_sentencepiece(str(path), name="t")
    path.unlink()
    again = pickle.loads(pickle.dumps(tokenizer))  # noqa: S301 - our own bytes
    for key in ("name", "source", "fingerprint", "vocabulary", "merges", "notes", "loader"):
        assert getattr(again, key) == getattr(tokenizer, key), key
    assert (
        again.encode_batch([CORPUS]).ids.tolist() == tokenizer.encode_batch([CORPUS]).ids.tolist()
    )


def test_notes_say_what_happens_to_spaces_and_unknown_characters():
    lossy = SentencePieceTokenizer(trained(model_type="bpe"), name="t", source="t").notes
    assert any("drops leading, trailing and repeated spaces" in note for note in lossy)
    assert any("no byte pieces" in note for note in lossy)
    plain = published("j2").notes
    assert len(plain) == 1


# --- bad input -------------------------------------------------------------------------------


def test_a_lone_surrogate_is_one_error(pair):
    ours, _ = pair
    for encode in (ours.encode_batch, ours.encode_with_spans):
        with pytest.raises(TokevalError, match=r"text 2 of 2 has the lone surrogate U\+D83D"):
            encode(["ok", "ab\ud83d"])
    with pytest.raises(TokevalError, match="lone surrogate"):
        ours.normalize("\ud83d")


@pytest.mark.parametrize(
    "content",
    [
        b"hello",
        b"{}",
        b"\x0a\x00",
        b"\x0a\xff\xff",
        bytes(range(256)) * 4,
        PUBLISHED["v1"].read_bytes()[:100_000],
        PUBLISHED["v1"].read_bytes()[1:],
    ],
    ids=["text", "json", "empty-piece", "cut-off", "all-bytes", "truncated", "shifted"],
)
def test_what_is_no_model_is_one_error(tmp_path, content):
    path = tmp_path / "broken.model"
    path.write_bytes(content)
    with pytest.raises(TokevalError, match="is no SentencePiece model") as error:
        load_sentencepiece(str(path), name="t")
    assert str(path) in error.value.message
    assert "\n" not in str(error.value)


@settings(max_examples=80)
@given(st.data())
def test_a_damaged_model_is_an_error_or_a_model_and_never_a_traceback(data):
    content = bytearray(trained(model_type="bpe"))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    try:
        tokenizer = SentencePieceTokenizer(bytes(content), name="t", source="t")
    except TokevalError:
        return
    assert len(tokenizer.vocabulary.token_bytes) > 0


def test_a_tiktoken_file_called_model_is_pointed_to_its_loader(tmp_path):
    path = tmp_path / "tokenizer.model"
    path.write_bytes(b"IQ== 0\nIg== 1\n")
    with pytest.raises(TokevalError) as error:
        load_sentencepiece(str(path), name="t")
    assert f"tiktoken:{path}" in error.value.hint


def test_an_empty_file_a_missing_one_and_a_folder_are_named(tmp_path):
    (tmp_path / "empty.model").touch()
    for name, message in (
        ("empty.model", "is empty"),
        ("none.model", "no such file"),
        ("", "directory"),
    ):
        with pytest.raises(TokevalError, match=message):
            load_sentencepiece(str(tmp_path / name), name="t")
