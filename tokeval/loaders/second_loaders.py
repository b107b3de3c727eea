"""Second loaders: other libraries that encode by the same definition, to compare ids with."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import tokenizers

from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import UsageError
from tokeval.loaders.hf import load_whole_file, main_file
from tokeval.loaders.merging_by_rule import ranked_encoder, scored_encoder
from tokeval.loaders.ranked_bpe import RankedTokenizer
from tokeval.loaders.sentencepiece_file import BYTE, MARK, NORMAL, UNUSED, USER_DEFINED
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer
from tokeval.loaders.tokenizers import without_settings
from tokeval.loaders.transformers_library import FAILURES, import_transformers

IdLists = list[list[int]]
Rating = tuple[Fraction, list[int]]

_LOCAL_KINDS = ("json", "spm", "hf", "tiktoken", "tekken")
_BESIDE = (
    "tokenizer.json", "tekken.json", "tokenizer.model", "spiece.model", "sentencepiece.bpe.model",
    "sentencepiece.model",
)  # fmt: skip
"""Names that a model's own folder has for the same tokenizer in several formats."""


@dataclass(frozen=True)
class SecondLoader:
    """Another reading of a tokenizer's definition.

    Attributes:
        title: the library, and the file where it is another one.
        encode: the ids of each text, without special tokens around it.
        rate: what the definition ranks the ids of a text by, exactly; ids with equal ratings are
            equally good by it. `None` where the definition allows one encoding only.
    """

    title: str
    encode: Callable[[Sequence[str]], IdLists]
    rate: Callable[[Sequence[int]], Rating] | None = None


def second_loaders(tokenizer: Tokenizer) -> list[SecondLoader]:
    """What else can encode by the definition of a tokenizer; empty where nothing else is known.

    - A `tokenizer.json`: transformers, where it is installed.
    - Ranks of tiktoken and tekken: the rule of the ranks as tokeval states it; for a tekken file
      also mistral-common, where it is installed.
    - A SentencePiece model: its rule as tokeval states it, or `tokenizers` for a Unigram.
    - Files of the same folder that hold the tokenizer in another format.
    """
    path = definition_path(tokenizer)
    found = [_by_transformers(tokenizer, path)]
    if isinstance(tokenizer, RankedTokenizer):
        found += [SecondLoader("the rule of ranks", ranked_encoder(tokenizer))]
        found += [_by_mistral_common(tokenizer, path)]
    if isinstance(tokenizer, SentencePieceTokenizer):
        found += [_by_pieces(tokenizer)]
    return [loader for loader in found if loader is not None] + list(_beside(tokenizer, path))


def definition_path(tokenizer: Tokenizer) -> Path | None:
    """The local file or folder that a tokenizer was loaded from, `None` where there is none."""
    source = tokenizer.source
    kind, colon, rest = source.partition(":")
    place = Path(without_settings(rest if colon and kind in _LOCAL_KINDS else source))
    return place if place.exists() else None


def _by_transformers(tokenizer: Tokenizer, path: Path | None) -> SecondLoader | None:
    """What transformers makes of a tokenizer.json, and of the configuration where it has one."""
    definition = getattr(tokenizer, "definition", None)
    if not isinstance(definition, str):
        return None
    try:
        library = import_transformers()
    except ImportError:
        return None
    folder = path.parent if path is not None and path.name == "tokenizer.json" else path
    if folder is not None and (folder / "tokenizer_config.json").is_file():
        try:
            made = library.AutoTokenizer.from_pretrained(
                str(folder), trust_remote_code=False, local_files_only=True
            )
        except FAILURES:
            return None
        # Made by a class in Python that joins no tokenizer.json: nothing to compare.
        if getattr(made, "backend_tokenizer", None) is None:
            return None
    else:
        object_of_library = tokenizers.Tokenizer.from_str(definition)
        made = library.PreTrainedTokenizerFast(tokenizer_object=object_of_library)

    def encode(texts: Sequence[str]) -> IdLists:
        given: IdLists = made(list(texts), add_special_tokens=False)["input_ids"]
        return given

    return SecondLoader("transformers", encode)


def _by_mistral_common(tokenizer: RankedTokenizer, path: Path | None) -> SecondLoader | None:
    """Mistral's own reading of its tekken file."""
    if path is None or path.suffix != ".json":
        return None
    try:
        from mistral_common.tokens.tokenizers.tekken import Tekkenizer
    except ImportError:
        return None
    try:
        made = Tekkenizer.from_file(path)
    except (ValueError, KeyError, TypeError, AssertionError):  # a version that it does not know
        return None

    def encode(texts: Sequence[str]) -> IdLists:
        return [list(made.encode(text, bos=False, eos=False)) for text in texts]

    return SecondLoader("mistral-common", encode)


def _by_pieces(tokenizer: SentencePieceTokenizer) -> SecondLoader | None:
    """Another encoder of the pieces of a model; `None` for those with pieces marked unused.

    What the library does with unused pieces is no part of either rule.
    """
    if any(piece.type == UNUSED for piece in tokenizer.definition.pieces):
        return None
    if tokenizer.model == "BPE":
        return SecondLoader("the rule of scores", scored_encoder(tokenizer))
    return _by_unigram(tokenizer) if tokenizer.model == "Unigram" else None


def _by_unigram(tokenizer: SentencePieceTokenizer) -> SecondLoader | None:
    """The `tokenizers` library on the pieces and scores of a Unigram model, as tokeval reads them.

    `None` without an unknown piece, which that library needs.
    """
    stated = tokenizer.definition
    if tokenizer.vocabulary.unknown_id is None:
        return None
    # A control piece is never looked for in text; no normalised text has a NUL.
    pieces = [
        (piece.text if piece.type in (NORMAL, BYTE, USER_DEFINED) else f"\0{i}", piece.score)
        for i, piece in enumerate(stated.pieces)
    ]
    model = tokenizers.models.Unigram(
        pieces, unk_id=tokenizer.vocabulary.unknown_id, byte_fallback=stated.byte_fallback
    )
    made = tokenizers.Tokenizer(model)
    whole = [piece.text for piece in stated.pieces if piece.type == USER_DEFINED]
    made.add_tokens([tokenizers.AddedToken(text, normalized=False) for text in whole])

    def encode(texts: Sequence[str]) -> IdLists:
        normalised = [tokenizer.normalize(text).replace(" ", MARK) for text in texts]
        encoded = made.encode_batch_fast(normalised, add_special_tokens=False)
        return [encoding.ids for encoding in encoded]

    # `tokenizers` sums scores in 64 bits, sentencepiece partly in 32 (as the
    # maintainers of the former say): they part where sums tie, as those of "▁▁" and "▁" twice may.
    def rate(ids: Sequence[int]) -> Rating:
        kinds = [(i, stated.pieces[i]) for i in ids]
        total = sum((Fraction(p.score) for _, p in kinds if p.type == NORMAL), Fraction(0))
        return total, sorted(i for i, p in kinds if p.type != NORMAL)

    return SecondLoader("tokenizers", encode, rate)


def _beside(tokenizer: Tokenizer, path: Path | None) -> Iterator[SecondLoader]:
    """The same tokenizer in other formats in its folder, each as its own library encodes it."""
    if path is None:
        return
    folder = path if path.is_dir() else path.parent
    present = [name for name in _BESIDE if (folder / name).is_file()]
    ranks = sorted(file.name for file in folder.glob("*.tiktoken"))
    present += ranks if len(ranks) == 1 else []
    own = path.name
    if path.is_dir():
        own = main_file(present, str(path)) or ""
    if own not in present:
        return
    for name in present:
        if name != own:
            try:
                other = load_whole_file(str(folder / name), name=tokenizer.name)
            except UsageError:  # ranks that state no pattern cannot be compared
                continue
            yield SecondLoader(f"{other.loader} on {name}", _encoder(other))


def _encoder(tokenizer: Tokenizer) -> Callable[[Sequence[str]], IdLists]:
    """The ids that a tokenizer of tokeval gives, as lists."""

    def encode(texts: Sequence[str]) -> IdLists:
        encoded = tokenizer.encode_batch(texts)
        ids = encoded.ids.tolist()
        return [ids[start:end] for start, end in pairwise(encoded.offsets.tolist())]

    return encode
