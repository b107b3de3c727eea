"""The tokenizer of a GGUF file: `gguf:PATH`, rebuilt from the metadata of the model.

llama.cpp runs such a file. What the file states decides here too: where the model's own tokenizer
does more (Unicode normalisation, for example), a note says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError
from tokeval.loaders.gguf_file import KEYS, Metadata, read_metadata, token_of
from tokeval.loaders.gguf_patterns import CUTTINGS, Cutting
from tokeval.loaders.gguf_sentencepiece import model_file
from tokeval.loaders.sentencepiece_file import CONTROL, MARK, NORMAL, UNUSED, USER_DEFINED
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer
from tokeval.loaders.tokenizer_json import tokenizer_from_definition

EMBEDDED = "tokenizer.huggingface.json"
_ADDED = (CONTROL, USER_DEFINED)


def load_gguf(path: str, *, name: str) -> Tokenizer:
    """The tokenizer of a GGUF file at a path or fsspec URL; its tensors are not read.

    A `tokenizer.json` in the metadata is used as it is. Else: `llama` is a SentencePiece BPE by
    score, `t5` a SentencePiece Unigram, `gpt2` a byte-level BPE, `bert` a WordPiece.

    Raises:
        TokevalError: the file cannot be read, has no tokenizer, or one that tokeval cannot build.
    """
    metadata = read_metadata(path)
    embedded = metadata.get(EMBEDDED)
    if isinstance(embedded, str) and embedded:
        return _from_json(embedded, metadata, name=name, source=path)
    kind = metadata.get(f"{KEYS}model")
    if kind is None:
        raise TokevalError(f"{path} holds no tokenizer", "give the GGUF of a whole language model")
    if kind not in _MAKERS:
        raise TokevalError(
            f"{path} has a tokenizer of the kind {kind!r}",
            f"tokeval builds {', '.join(_MAKERS)}; give the tokenizer.json of the same model",
        )
    _tokens(metadata, path)
    return _MAKERS[kind](metadata, name, path)


def _tokens(metadata: Metadata, path: str) -> tuple[list[str], list[int]]:
    """The string and the type of each token; an empty one is named by its id, as in llama.cpp.

    Raises:
        TokevalError: there are none, or the lists differ in length.
    """
    strings = metadata.get(f"{KEYS}tokens") or []
    kinds = metadata.get(f"{KEYS}token_type") or [NORMAL] * len(strings)
    if not strings or len(kinds) != len(strings):
        raise TokevalError(
            f"{path} states {len(strings)} tokens and {len(kinds)} types of tokens",
            "convert the model again",
        )
    try:
        "".join(strings).encode()
    except UnicodeEncodeError as error:
        raise TokevalError(f"{path}: a token is not UTF-8", "convert the model again") from error
    named = [string or f"[EMPTY_{i}]" for i, string in enumerate(strings)]
    return named, [kind or NORMAL for kind in kinds]  # 0 is "undefined"


def _from_json(text: str, metadata: Metadata, *, name: str, source: str) -> Tokenizer:
    """The tokenizer of a `tokenizer.json` that the file holds."""
    try:
        definition = json.loads(text)
    except ValueError as error:
        raise TokevalError(
            f"{source}: its {EMBEDDED} is not JSON: {error}", "convert the model again"
        ) from error
    beside = _beside(metadata) if metadata.get(f"{KEYS}tokens") else {}
    notes = ("from the tokenizer.json in a GGUF file",)
    return tokenizer_from_definition(
        text, definition, name=name, source=source, beside=beside, notes=notes
    )


def _beside(metadata: Metadata) -> dict[str, str]:
    """BOS and EOS as the files beside a tokenizer.json would name them."""
    bos = token_of(metadata, "bos") or token_of(metadata, "cls")
    eos = token_of(metadata, "eos") or token_of(metadata, "seperator")  # the key is so misspelled
    return {key: token for key, token in (("bos_token", bos), ("eos_token", eos)) if token}


def _built(
    definition: dict[str, Any], metadata: Metadata, *, name: str, source: str, notes: Sequence[str]
) -> Tokenizer:
    """The tokenizer of the `tokenizers` library with a definition."""
    text = json.dumps(definition, ensure_ascii=False)
    return tokenizer_from_definition(
        text,
        definition,
        name=name,
        source=source,
        beside=_beside(metadata),
        notes=("rebuilt from a GGUF file", *notes),
    )


def _byte_level(metadata: Metadata, name: str, path: str) -> Tokenizer:
    """A byte-level BPE (`gpt2`): tokens and merges in the byte-level alphabet."""
    strings, kinds = _tokens(metadata, path)
    cutting = _cutting(metadata, path)
    known = {s: i for i, (s, kind) in enumerate(zip(strings, kinds, strict=True)) if kind != UNUSED}
    merges = [_merge(line, path) for line in metadata.get(f"{KEYS}merges") or []]
    if not merges:
        raise TokevalError(f"{path} has a byte-level BPE without merges", "convert it again")
    notes = []
    if len(known) < len(strings):
        notes.append(f"{len(strings) - len(known)} unused rows of the vocabulary are left out")
    if cutting.nfc:
        notes.append("the model's own tokenizer puts text in NFC first; a GGUF file does not")
    splits = [
        {"type": "Split", "pattern": {"Regex": regex}, "behavior": "Isolated", "invert": False}
        for regex in cutting.patterns
    ]
    bytes_of = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    definition = {
        "version": "1.0",
        "added_tokens": _added_tokens(strings, kinds),
        "normalizer": None,
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [*splits, {**bytes_of, "use_regex": False}],
        },
        "post_processor": None,
        "decoder": {**bytes_of, "use_regex": True},
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "ignore_merges": cutting.ignore_merges,
            "vocab": known,
            "merges": merges,
        },
    }
    return _built(definition, metadata, name=name, source=path, notes=notes)


def _cutting(metadata: Metadata, path: str) -> Cutting:
    """How the text is cut, by the name in the file; a name that is not known is not guessed."""
    stated = metadata.get(f"{KEYS}pre")
    cutting = CUTTINGS.get(str(stated))
    if cutting is not None:
        return cutting
    said = "names no pre-tokenizer" if stated is None else f"has the pre-tokenizer {stated!r}"
    raise TokevalError(
        f"{path} {said}, so it is not known how it cuts text",
        f"give the tokenizer.json of the same model; tokeval knows {', '.join(sorted(CUTTINGS))}",
    )


def _merge(line: str, path: str) -> list[str]:
    """The two parts of a merge; the first may begin with a space."""
    at = line.find(" ", 1)
    if at < 0:
        raise TokevalError(f"{path}: {line[:40]!r} is no merge", "convert the model again")
    return [line[:at], line[at + 1 :]]


def _added_tokens(strings: Sequence[str], kinds: Sequence[int]) -> list[dict[str, Any]]:
    """Tokens that are cut out of text: control ones are special, user-defined ones are not."""
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    return [
        {"id": i, "content": string, **plain, "special": kind == CONTROL}
        for i, (string, kind) in enumerate(zip(strings, kinds, strict=True))
        if kind in _ADDED
    ]


def _word_piece(metadata: Metadata, name: str, path: str) -> Tokenizer:
    """A WordPiece (`bert`). A GGUF marks the beginning of a word with `▁`, not the rest with `##`.

    The file does not say whether text is put in lower case: it is where no token has a capital.
    """
    strings, kinds = _tokens(metadata, path)
    words = [s for s, kind in zip(strings, kinds, strict=True) if kind == NORMAL]
    if any(word.startswith(MARK) for word in words):
        strings = [
            _with_hashes(s) if kind == NORMAL else s for s, kind in zip(strings, kinds, strict=True)
        ]
    lower = not any(word.lower() != word for word in words)
    unknown = token_of(metadata, "unknown") or "[UNK]"
    if unknown not in strings:
        raise TokevalError(f"{path} has no unknown token", "convert the model again")
    special = [CONTROL if s == unknown else kind for s, kind in zip(strings, kinds, strict=True)]
    definition = {
        "version": "1.0",
        "added_tokens": _added_tokens(strings, special),
        "normalizer": {
            "type": "BertNormalizer",
            "clean_text": True,
            "handle_chinese_chars": True,
            "strip_accents": None,
            "lowercase": lower,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": None,
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": unknown,
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {string: i for i, string in enumerate(strings)},
        },
    }
    case = "no token has a capital: text is put in lower case" if lower else "case is kept"
    return _built(definition, metadata, name=name, source=path, notes=(case,))


def _with_hashes(string: str) -> str:
    """A piece as BERT's own files write it.

    >>> _with_hashes("▁token"), _with_hashes("izer")
    ('token', '##izer')
    """
    return string[1:] if string.startswith(MARK) else f"##{string}"


def _sentencepiece(metadata: Metadata, name: str, path: str) -> Tokenizer:
    """A SentencePiece model: BPE by score (`llama`) or Unigram (`t5`)."""
    strings, kinds = _tokens(metadata, path)
    content = model_file(metadata, strings, kinds, source=path)
    return SentencePieceTokenizer(content, name=name, source=path)


_MAKERS: dict[str, Callable[[Metadata, str, str], Tokenizer]] = {
    "llama": _sentencepiece,
    "gpt2": _byte_level,
    "bert": _word_piece,
    "t5": _sentencepiece,
}
