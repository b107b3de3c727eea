"""Small BPE definitions of every kind that a fast encoder must take, or must leave alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, pre_tokenizers

from tests import toy_tokenizers as toy
from tokeval.loaders.json_encoding import JsonTokenizer
from tokeval.loaders.tiktoken_files import PATTERNS
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object

TRAINING = (
    "the lowest of the newer and the wider, 123 times don't DON'T",
    "Über naïve coöp été e\u0301te\u0301 \u212b",
    "bir varmış bir yokmuş, evvel zaman içinde",
    "жили были старик со старухой 日本語 日本 นที",
    "a\tb  c   d    e\n\n\nf <s> </s>",
) * 4


def adapted(tokenizer: Tokenizer, **changes: Any) -> JsonTokenizer:
    """A library's tokenizer as tokeval sees it, with changes to its model's definition."""
    definition = json.loads(tokenizer.to_str())
    definition["model"].update(changes)
    changed = Tokenizer.from_str(json.dumps(definition))
    return adapt_tokenizers_object(changed, name="toy", source="toy")


def byte_level(pattern: str = "", *, form: Any = None, added: Sequence[Any] = ()) -> Tokenizer:
    """A byte-level BPE, cut by a pattern where one is given, else by GPT-2's."""
    tokenizer = toy.byte_level_bpe(TRAINING)
    if pattern:
        split = pre_tokenizers.Split(Regex(pattern), "isolated")
        plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence([split, plain])
    if form is not None:
        tokenizer.normalizer = form
    tokenizer.add_tokens(list(added))
    return tokenizer


def of_characters(scheme: str | None = None, *, split: bool = True) -> Tokenizer:
    """A BPE as Llama 2 has it, by default with a normaliser that puts the marks, else Metaspace."""
    tokenizer = toy.sentencepiece_bpe(TRAINING)
    if scheme is not None:
        tokenizer.normalizer = normalizers.Sequence([])
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme=scheme, split=split)
    return tokenizer


def without_bytes(*, fuses: bool, unknown: str | None = "<unk>") -> JsonTokenizer:
    """A BPE of few characters; others are unknown, or dropped where there is no unknown token."""
    letters = ["<unk>", "▁", *"ablowert", "lo", "▁lo", "low", "er", "▁▁"]
    merges = [("l", "o"), ("▁", "lo"), ("lo", "w"), ("e", "r"), ("▁", "▁")]
    model = models.BPE(
        {letter: i for i, letter in enumerate(letters)}, merges, unk_token=unknown, fuse_unk=fuses
    )
    tokenizer = Tokenizer(model)
    tokenizer.normalizer = normalizers.Replace(" ", "▁")
    return adapted(tokenizer)


def fast_ones() -> dict[str, JsonTokenizer]:
    """Tokenizers that a fast encoder must take, by what is special about them."""
    gpt2_space = byte_level()
    gpt2_space.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=True)
    runs = [AddedToken(" " * n, normalized=True) for n in (2, 4)]
    special = [AddedToken("<s>", special=True), AddedToken("é", normalized=True)]
    return {
        "gpt2": adapted(byte_level()),
        "gpt2 with a space before": adapted(gpt2_space),
        "llama 3, whole pieces": adapted(byte_level(PATTERNS["llama3"]), ignore_merges=True),
        "cl100k": adapted(byte_level(PATTERNS["cl100k"])),
        "NFC and added tokens": adapted(byte_level(form=normalizers.NFC(), added=special)),
        "added runs of spaces": adapted(byte_level(form=normalizers.NFC(), added=runs)),
        "NFKC, text by text": adapted(byte_level(form=normalizers.NFKC())),
        "marks by normaliser": adapted(of_characters()),
        "marks, whole pieces": adapted(of_characters(), ignore_merges=True),
        "Metaspace first": adapted(of_characters("first")),
        "Metaspace always": adapted(of_characters("always")),
        "Metaspace never": adapted(of_characters("never")),
        "Metaspace unsplit": adapted(of_characters("first", split=False)),
        "unknown fused": without_bytes(fuses=True),
        "unknown apart": without_bytes(fuses=False),
    }


def slow_ones() -> dict[str, JsonTokenizer]:
    """Tokenizers that must be left to the library."""
    suffixed = Tokenizer(
        models.BPE(
            {"a": 0, "b</w>": 1, "ab</w>": 2, "b": 3, "a</w>": 4},
            [("a", "b</w>")],
            end_of_word_suffix="</w>",
        )
    )
    mapped = toy.byte_level_bpe(TRAINING)
    mapped.normalizer, mapped.pre_tokenizer = normalizers.ByteLevel(), pre_tokenizers.Whitespace()
    return {
        "unigram": adapted(toy.unigram(TRAINING)),
        "wordpiece": adapted(toy.lowercase_wordpiece(TRAINING)),
        "words": adapted(toy.word_level(TRAINING)),
        "dropout": adapted(byte_level(), dropout=0.1),
        "suffix": adapted(suffixed),
        "unknown pattern": adapted(byte_level(r"[a-z]+|.")),
        "bytes by normaliser": adapted(mapped),
        "unknown dropped": without_bytes(fuses=False, unknown=None),
    }
