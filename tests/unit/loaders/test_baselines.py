"""The byte and character baselines against Python's own codecs."""

import pickle
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokeval.errors import TokevalError
from tokeval.loaders.baselines import (
    ByteTokenizer,
    CharacterTokenizer,
    CodePoints,
    spans_of_bytes,
    utf8,
)

TEXTS = st.lists(st.text(), max_size=6)


@given(TEXTS)
def test_bytes_are_those_of_utf8_and_cover_their_character(texts):
    encoded = ByteTokenizer().encode_with_spans(texts)
    assert encoded.ids.dtype == np.int32
    for text, (a, b) in zip(texts, pairwise(encoded.offsets), strict=True):
        assert encoded.ids[a:b].tolist() == list(text.encode())
        expected = [[i, i + 1] for i, character in enumerate(text) for _ in character.encode()]
        assert encoded.spans[a:b].tolist() == expected
        assert ByteTokenizer().decode(encoded.ids[a:b]) == text.encode()


@given(TEXTS)
def test_characters_are_code_points_in_their_place(texts):
    encoded = CharacterTokenizer().encode_with_spans(texts)
    assert encoded.ids.dtype == np.int32
    for text, (a, b) in zip(texts, pairwise(encoded.offsets), strict=True):
        assert encoded.ids[a:b].tolist() == list(map(ord, text))
        assert encoded.spans[a:b].tolist() == [[i, i + 1] for i in range(len(text))]
        assert CharacterTokenizer().decode(encoded.ids[a:b]) == text.encode()
        assert CharacterTokenizer().normalize(text) == text


@pytest.mark.parametrize("kind", [ByteTokenizer, CharacterTokenizer])
def test_no_texts_are_no_tokens(kind):
    encoded = kind().encode_with_spans([])
    assert (encoded.ids.shape, encoded.offsets.tolist(), encoded.spans.shape) == ((0,), [0], (0, 2))


def test_the_vocabulary_of_characters_is_every_character_and_holds_none_of_them():
    tracemalloc.start()
    vocabulary = CharacterTokenizer().vocabulary
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000  # a million bytes objects would take over 35 MB
    assert len(vocabulary.token_bytes) == 0x110000
    assert len(vocabulary) == 0x110000 - 2048
    assert vocabulary.token_bytes[0xD800] is None
    assert vocabulary.token_bytes[-1] == chr(0x10FFFF).encode()
    assert vocabulary.n_bytes[[0x7F, 0x80, 0x7FF, 0x800, 0xDFFF, 0xFFFF, 0x10000]].tolist() == [
        1, 2, 2, 3, 0, 3, 4,
    ]  # fmt: skip
    assert vocabulary.join([0x1F600, 0x41]) == "😀A".encode()


def test_code_points_are_a_sequence():
    points = CodePoints()
    assert points[0x41:0x44] == (b"A", b"B", b"C")
    assert points[0xD7FF:0xD801] == (chr(0xD7FF).encode(), None)
    with pytest.raises(IndexError):
        points[0x110000]


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        (ByteTokenizer, 256),
        (ByteTokenizer, -1),
        (CharacterTokenizer, 0xD800),
        (CharacterTokenizer, -1),
        (CharacterTokenizer, 0x110000),
    ],
)
def test_an_id_without_a_token_is_a_key_error(kind, wrong):
    with pytest.raises(KeyError, match=str(wrong)):
        kind().decode([0x41, wrong])


@pytest.mark.parametrize("kind", [ByteTokenizer, CharacterTokenizer])
def test_another_process_gets_the_same_tokenizer(kind):
    again = pickle.loads(pickle.dumps(kind("mine")))  # noqa: S301 - our own bytes
    assert type(again) is kind
    assert (again.name, again.fingerprint) == ("mine", kind().fingerprint)
    assert kind().name in ("bytes", "characters")


def test_the_baselines_are_told_apart():
    assert ByteTokenizer().fingerprint != CharacterTokenizer().fingerprint
    assert ByteTokenizer().vocabulary.byte_tokens == set(range(128, 256))


@pytest.mark.parametrize("kind", [ByteTokenizer, CharacterTokenizer])
def test_a_lone_surrogate_is_one_error_that_says_where(kind):
    with pytest.raises(TokevalError, match=r"text 2 of 2 .* U\+DC00 at character 1"):
        kind().encode_batch(["a", "b\udc00"])


def test_a_token_without_bytes_has_an_empty_span_where_it_stands():
    texts = utf8(["é", "", "b"])
    spans = spans_of_bytes(texts, np.array([0, 2, 0, 1, 0], np.int32), np.array([0, 3, 3, 5]))
    assert spans.tolist() == [[0, 0], [0, 1], [1, 1], [0, 1], [1, 1]]
