"""Segmentations that a file states: `seg:PATH`, JSON lines of texts with byte spans."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import msgspec
import numpy as np
from numpy.typing import NDArray

from tokeval.core.tokenizer import Encoded, EncodedSpans, Merges, Pretokenization, Vocabulary
from tokeval.errors import TokevalError
from tokeval.loaders.baselines import utf8
from tokeval.loaders.corpus_files import File
from tokeval.loaders.text_files import line_batches

SHAPE = 'write {"text": "to day", "spans": [[0, 2], [2, 6]]}: bytes of the text in UTF-8, in order'


class UnknownTextError(TokevalError):
    """A text that a segmentation file does not have, so that nothing is known of it."""


class _Record(msgspec.Struct):
    """A line of the file."""

    text: str
    spans: list[tuple[int, int]]


@dataclass(frozen=True)
class _Segments:
    """The segments of one text.

    Attributes:
        ids: shape (n_tokens,), int32.
        spans: [start, end) bytes of the text, shape (n_tokens, 2), int64.
    """

    ids: NDArray[np.int32]
    spans: NDArray[np.int64]


class SegmentationTokenizer:
    """Looks texts up: it knows the texts of its file and no others.

    The vocabulary is the distinct byte strings of the segments, in order of first appearance.
    White space between segments belongs to none of them; `normalize` then leaves it out.
    `whole_texts_only` says that no part of a text may be asked for.
    """

    whole_texts_only = True
    merges: Merges | None = None
    pretokenization: Pretokenization | None = None
    added_texts: tuple[str, ...] = ()
    bos_id: int | None = None
    eos_id: int | None = None
    model = "Segmentation"
    loader = "tokeval"

    def __init__(
        self,
        segments: dict[str, _Segments],
        vocabulary: Vocabulary,
        *,
        name: str,
        source: str,
    ) -> None:
        self._segments = segments
        self.name = name
        self.source = source
        self.vocabulary = vocabulary
        self.fingerprint = _fingerprint(segments)
        gaps = any(_has_gap(text, known.spans) for text, known in segments.items())
        spaced = any(token and token.split() != [token] for token in vocabulary.token_bytes)
        self.keeps_whitespace = spaced or not gaps
        self.notes = (
            f"segments of {len(segments)} texts from a file; it cannot cut other texts",
            *(("white space between segments belongs to none",) if gaps else ()),
        )

    def encode_batch(self, texts: Sequence[str]) -> Encoded:
        """The ids of each text.

        Raises:
            UnknownTextError: a text is not in the file.
        """
        found = [self._look_up(text).ids for text in texts]
        offsets = np.cumsum([0, *map(len, found)], dtype=np.int64)
        return Encoded(np.concatenate([np.empty(0, dtype=np.int32), *found]), offsets)

    def encode_with_spans(self, texts: Sequence[str]) -> EncodedSpans:
        """The ids of each text and the characters that each segment touches; errors as above."""
        encoded = self.encode_batch(texts)
        spans = [_in_characters(text, self._look_up(text).spans) for text in texts]
        flat = np.concatenate([np.empty((0, 2), dtype=np.int64), *spans])
        return EncodedSpans(encoded.ids, encoded.offsets, flat)

    def decode(self, ids: Sequence[int] | NDArray[np.int32]) -> bytes:
        """The bytes that the ids spell; `KeyError` for an id without a segment."""
        return self.vocabulary.join(ids)

    def normalize(self, text: str) -> str:
        """The text without what lies between its segments; UnknownTextError for another text."""
        return self.vocabulary.join(self._look_up(text).ids).decode()

    def _look_up(self, text: str) -> _Segments:
        """The segments of a text; an empty one has none."""
        found = self._segments.get(text)
        if found is not None:
            return found
        utf8([text])
        if not text:
            return _Segments(np.empty(0, dtype=np.int32), np.empty((0, 2), dtype=np.int64))
        raise UnknownTextError(
            f"{self.source} has no text {text[:40]!r}{'...' if len(text) > 40 else ''}",
            "segment every text of the corpus as tokeval reads it: whole lines without the line "
            "end, or whole records",
        )


def load_segmentations(path: str, *, name: str) -> SegmentationTokenizer:
    """The tokenizer of a file of JSON lines, each with a `text` and its `spans`.

    Spans are [start, end) bytes of the text in UTF-8, in order, not empty; only white space may
    lie between them. They may cut characters. Other fields of a line are passed over.

    Raises:
        TokevalError: the file cannot be read, a line is not of this form, or two lines cut one
            text differently; names the line.
    """
    numbers: dict[bytes, int] = {}
    segments: dict[str, _Segments] = {}
    for where, record in _records(path):
        encoded = record.text.encode()
        _check_spans(encoded, record.spans, where)
        spans = np.array(record.spans, dtype=np.int64).reshape(-1, 2)
        known = segments.get(record.text)
        if known is not None and not np.array_equal(known.spans, spans):
            raise TokevalError(
                f"{where} cuts {record.text[:40]!r} otherwise than an earlier line",
                "keep one segmentation of each text in a file",
            )
        tokens = [encoded[start:end] for start, end in record.spans]
        ids = [numbers.setdefault(token, len(numbers)) for token in tokens]
        segments[record.text] = _Segments(np.array(ids, dtype=np.int32), spans)
    if not segments:
        raise TokevalError(f"{path} has no segmented text", SHAPE)
    high = frozenset(i for token, i in numbers.items() if len(token) == 1 and token[0] >= 0x80)
    vocabulary = Vocabulary(tuple(numbers), byte_tokens=high)
    return SegmentationTokenizer(segments, vocabulary, name=name, source=path)


def _records(path: str) -> Iterator[tuple[str, _Record]]:
    """Each line that is not blank, with where it stands."""
    decoder = msgspec.json.Decoder(_Record)
    for first, lines in line_batches(File(path)):
        for number, line in enumerate(lines, first):
            if not line or line.isspace():
                continue
            where = f"{path}:{number}"
            try:
                record = decoder.decode(line)
                record.text.encode()
            except (msgspec.DecodeError, UnicodeError, RecursionError) as error:
                raise TokevalError(f"{where}: no segmented text: {error}", SHAPE) from error
            yield where, record


def _check_spans(text: bytes, spans: Sequence[tuple[int, int]], where: str) -> None:
    """Raises unless the spans lie in the text in order, with nothing but white space between."""
    last = 0
    for start, end in spans:
        if not 0 <= start < end <= len(text):
            raise TokevalError(
                f"{where}: the span [{start}, {end}] is empty or leaves the {len(text)} bytes of "
                "its text",
                SHAPE,
            )
        if start < last:
            raise TokevalError(
                f"{where}: the span [{start}, {end}] begins before the one before it ends", SHAPE
            )
        _check_gap(text, (last, start), where)
        last = end
    _check_gap(text, (last, len(text)), where)


def _check_gap(text: bytes, gap: tuple[int, int], where: str) -> None:
    """Raises when something other than white space lies between two spans."""
    left_out = text[slice(*gap)]
    if not _is_blank(left_out):
        raise TokevalError(
            f"{where}: no span covers bytes {gap[0]} to {gap[1]}, {left_out[:20]!r}",
            "cover all text; only white space may lie between spans",
        )


def _is_blank(gap: bytes) -> bool:
    """Whether these bytes are nothing but whole characters of white space."""
    try:
        return not gap or gap.decode().isspace()
    except UnicodeDecodeError:
        return False


def _has_gap(text: str, spans: NDArray[np.int64]) -> bool:
    """Whether the spans leave something of the text out."""
    return int((spans[:, 1] - spans[:, 0]).sum()) != len(text.encode())


def _in_characters(text: str, spans: NDArray[np.int64]) -> NDArray[np.int64]:
    """The characters that byte spans touch, [start, end), shape (n_tokens, 2)."""
    stream = np.frombuffer(text.encode() + b"\0", dtype=np.uint8)
    character = np.cumsum((stream & 0xC0) != 0x80) - 1
    return np.stack((character[spans[:, 0]], character[spans[:, 1] - 1] + 1), axis=1)


def _fingerprint(segments: dict[str, _Segments]) -> str:
    """sha256 over all texts and their spans; the order of the lines does not matter."""
    digest = hashlib.sha256()
    for text in sorted(segments):
        encoded = text.encode()
        cuts = segments[text].spans.astype("<i8").tobytes()
        digest.update(len(encoded).to_bytes(8, "little") + encoded)
        digest.update(len(cuts).to_bytes(8, "little") + cuts)
    return digest.hexdigest()
