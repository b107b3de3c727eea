"""Held-out information: bits per byte of text that the token statistics have not seen."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from tokeval.core.corpus import Document
from tokeval.core.held_out import N_SPLITS, Events, bigram_bits, held_out_bits, unigram_bits
from tokeval.core.metric import Context, Folds
from tokeval.core.study import Sample, Study, Subject, Tally
from tokeval.core.tokenizer import Encoded, Tokenizer
from tokeval.document import Undefined
from tokeval.metrics.entries import Entries, tally_constant, tally_ratio

FAMILY = "information"

LZMA_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "dict_size": 1 << 22}]
ZSTD_LEVEL = 19


def measure_codes(subject: Subject) -> Tally | Undefined:
    """Bits and bytes of every text of the sample, each coded by what four fifths of it teach.

    Where some text is lossy there are no bits, and the lossy texts are counted: then the whole
    corpus has no code either, rather than one of the slices that happen to be lossless.
    """
    sample = subject.sample
    if sample is None or len(sample.documents) < N_SPLITS:
        return _TOO_LITTLE
    encoded = subject.tokenizer.encode_batch(sample.texts)
    is_lossy = lossy_texts(subject.tokenizer, sample.texts, encoded)
    weights = {"lossy": is_lossy, "texts": np.ones(len(is_lossy))}
    if not is_lossy.any():
        events = Events.of(encoded, subject.tokenizer.vocabulary)
        splits = _splits(sample)
        weights |= {
            "unigram_bits": held_out_bits(events, splits, unigram_bits),
            "bigram_bits": held_out_bits(events, splits, bigram_bits),
            "bytes": np.array([len(line(text)) for text in sample.texts]),
        }
    blocks, n_blocks = sample.text_blocks, sample.n_blocks
    return Tally(
        n_blocks,
        {name: np.bincount(blocks, weight, n_blocks) for name, weight in weights.items()},
    )


def measure_markers(subject: Subject) -> Tally | Undefined:
    """Bits of the compressors on the held-out texts of all splits, and the bytes of these."""
    sample = subject.sample
    if sample is None or len(sample.documents) < N_SPLITS:
        return _TOO_LITTLE
    return _markers(sample.documents)


@lru_cache(maxsize=64)
def _markers(documents: tuple[Document, ...]) -> Tally:
    """The same for every tokenizer, so made once for each sample."""
    written = [b"".join(map(line, document)) for document in documents]
    bits = dict.fromkeys(COMPRESSORS, 0)
    for split in range(N_SPLITS):
        known = b"".join(text for d, text in enumerate(written) if d % N_SPLITS != split)
        new = b"".join(written[split::N_SPLITS])
        for name, size in COMPRESSORS.items():
            bits[name] += 8 * size(known, new)
    columns = {f"{name}_bits": np.array([n]) for name, n in bits.items()}
    return Tally(0, columns | {"bytes": np.array([sum(map(len, written))])})


def lossy_texts(tokenizer: Tokenizer, texts: Sequence[str], encoded: Encoded) -> NDArray[np.bool_]:
    """Which texts are spelled by their tokens neither exactly nor with one space before."""
    vocabulary = tokenizer.vocabulary
    ends = encoded.offsets.tolist()
    spelled = [vocabulary.join(encoded.ids[ends[t] : ends[t + 1]]) for t in range(len(texts))]
    exact = [text.encode() for text in texts]
    pairs = zip(spelled, exact, strict=True)
    return np.array([s not in (e, b" " + e) for s, e in pairs], dtype=np.bool_)


def line(text: str) -> bytes:
    """A text and its end, as compressors read it; one byte stands for the end that codes have."""
    return text.encode() + b"\n"


def zlib_size(known: bytes, new: bytes) -> int:
    """Bytes of raw deflate, level 9, with the last 32 KiB of the known text as dictionary."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS, zdict=known[-(1 << 15) :])
    return len(compressor.compress(new) + compressor.flush())


def xz_size(known: bytes, new: bytes) -> int:
    """size(known + new) − size(known) of raw LZMA2, which has no dictionary to set."""
    both, one = (
        len(lzma.compress(text, lzma.FORMAT_RAW, filters=LZMA_FILTERS))
        for text in (known + new, known)
    )
    return both - one


def zstd_size(known: bytes, new: bytes) -> int:
    """Bytes of Zstandard at level 19 with the known text as raw dictionary, no content size."""
    import zstandard

    dictionary = zstandard.ZstdCompressionDict(known, dict_type=zstandard.DICT_TYPE_RAWCONTENT)
    compressor = zstandard.ZstdCompressor(
        ZSTD_LEVEL, dict_data=dictionary, write_content_size=False, write_dict_id=False
    )
    return len(compressor.compress(new))


COMPRESSORS: dict[str, Callable[[bytes, bytes], int]] = {
    "zlib": zlib_size,
    "xz": xz_size,
    "zstd": zstd_size,
}
"""Bytes that the new text takes when the known one was seen before, by name."""


def _splits(sample: Sample) -> NDArray[np.int64]:
    """The split in which each text is held out, shape (n_texts,)."""
    sizes = np.array([len(document) for document in sample.documents])
    return np.repeat(np.arange(len(sizes)) % N_SPLITS, sizes)


_TOO_LITTLE = Undefined(f"the slice has fewer than {N_SPLITS} documents: none can be held out")

CODES = Study("held_out_codes", measure_codes)
MARKERS = Study("held_out_markers", measure_markers)
CODED = Entries(FAMILY, CODES, parameters=("sample",))
MARKED = Entries(FAMILY, MARKERS, parameters=("sample",))


def unigram_bits_per_byte(context: Context) -> Folds | Undefined:
    """Σ bits of held-out texts by their unigrams / Σ bytes."""
    return _code(context, "unigram_bits")


def bigram_bits_per_byte(context: Context) -> Folds | Undefined:
    """Σ bits of held-out texts by their bigrams / Σ bytes."""
    return _code(context, "bigram_bits")


def _code(context: Context, column: str) -> Folds | Undefined:
    """Σ bits / Σ bytes, all texts held out once."""
    tally = context.tally(CODES)
    if isinstance(tally, Tally) and tally.sums("lossy")[0]:
        n_lossy, n_texts = (int(tally.sums(name)[0]) for name in ("lossy", "texts"))
        return Undefined(
            f"{n_lossy} of {n_texts} sampled texts are not spelled byte for byte by their tokens; "
            "only lossless codes compare"
        )
    return tally_ratio(context, CODES, (column, "bytes"), what="bytes")


def zlib_bits_per_byte(context: Context) -> Folds | Undefined:
    """Bits of deflate for held-out texts / bytes."""
    return _marker(context, "zlib_bits")


def xz_bits_per_byte(context: Context) -> Folds | Undefined:
    """Bits of LZMA2 for held-out texts / bytes."""
    return _marker(context, "xz_bits")


def zstd_bits_per_byte(context: Context) -> Folds | Undefined:
    """Bits of Zstandard for held-out texts / bytes."""
    return _marker(context, "zstd_bits")


def _marker(context: Context, column: str) -> Folds | Undefined:
    """Σ bits / Σ bytes of a compressor."""
    return tally_constant(
        context,
        MARKERS,
        (column, "bytes"),
        nothing="the slice has no bytes",
        no_interval="the held-out text is compressed as a whole, no block can be left out",
    )


_INTERVAL = (
    " The interval is that of which texts are coded; the statistics are not learned anew without "
    "a block. Over disjoint samples of 64 sentences the values spread 0.5 to 1.2 times as far as "
    "it says."
)
_SMALL = (
    " Learned from a sample, so a small one favours small vocabularies. Tokens that were not seen "
    "are spelled in bytes, and the end of each text is coded, too."
)
_MARKER = (
    " A marker beside the codes of tokens, no floor, and the same for every tokenizer: a "
    "compressor sees long repetitions that unigrams cannot."
)


METRICS = (
    CODED.entry(
        "unigram_bits_per_byte",
        unigram_bits_per_byte,
        unit="bits/byte",
        title="Held-out unigram code",
        direction="lower",
        formula="Σ −log2 P(token) / Σ bytes; five splits of 80/20 by document, each document "
        "held out once; absolute discounting, escape to bytes, end of text coded",
        source="Ney, Essen and Kneser 1994; a proper code, its words sum to 1",
        reading="Bits for each byte of unseen text when token frequencies are all that is "
        "known; vocabularies of different sizes compare. A tokenizer of long units can win "
        "here without being easier to model." + _SMALL + _INTERVAL,
    ),
    CODED.entry(
        "bigram_bits_per_byte",
        bigram_bits_per_byte,
        unit="bits/byte",
        title="Held-out bigram code",
        direction="lower",
        formula="Σ −log2 P(token | token before) / Σ bytes; splits and escape as for unigrams; "
        "absolute discounting interpolated with the unigrams",
        source="Ney, Essen and Kneser 1994; a proper code in every context",
        reading="Bits for each byte of unseen text when one token of context is known; far "
        "more than a large model needs, but the same task for every tokenizer."
        + _SMALL
        + _INTERVAL,
    ),
    MARKED.entry(
        "zlib_bits_per_byte",
        zlib_bits_per_byte,
        unit="bits/byte",
        title="Deflate on the same text",
        formula="8 · bytes of raw deflate / bytes of held-out text; dictionary: the last "
        "32 KiB of the training split",
        source="RFC 1951; zlib level 9",
        reading="How small a common compressor makes the held-out text." + _MARKER,
    ),
    MARKED.entry(
        "xz_bits_per_byte",
        xz_bits_per_byte,
        unit="bits/byte",
        title="LZMA on the same text",
        formula="8 · (size(training + held-out) − size(training)) / bytes of held-out text; "
        "raw LZMA2",
        source="liblzma preset 9 extreme; it has no preset dictionary, hence the difference",
        reading="How small a strong compressor makes the held-out text." + _MARKER,
    ),
    MARKED.entry(
        "zstd_bits_per_byte",
        zstd_bits_per_byte,
        unit="bits/byte",
        title="Zstandard on the same text",
        formula="8 · bytes of Zstandard / bytes of held-out text; dictionary: the training split",
        source="RFC 8878; zstandard level 19",
        reading="How small a modern compressor makes the held-out text." + _MARKER,
    ),
)
