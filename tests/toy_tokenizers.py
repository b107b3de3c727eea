# ruff: noqa: S106 - `unk_token="<unk>"` is no password
"""Small real tokenizers, trained by the `tokenizers` library on the text that a test passes in.

The same text and size give the same tokenizer. Each is of a kind that is published: byte-level
BPE (GPT-2), BPE with `▁` and byte fallback (Llama), lowercase WordPiece (BERT), Unigram (T5, XLM-R)
and a vocabulary of whole words.
"""

import json
from collections.abc import Iterable

from tokenizers import (
    AddedToken,
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)

BYTE_TOKENS = [f"<0x{byte:02X}>" for byte in range(256)]


def byte_level_bpe(texts: Iterable[str], *, vocab_size: int = 400) -> Tokenizer:
    """A BPE over bytes as GPT-2 has it; id 0 is `<|endoftext|>`, which no template adds."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def sentencepiece_bpe(texts: Iterable[str], *, vocab_size: int = 500) -> Tokenizer:
    """A BPE as Llama 2 has it: `▁` before a text and for spaces, byte fallback, `<s>` before.

    Ids 0 to 2 are `<unk>`, `<s>` and `</s>`; the 256 byte tokens follow. The normaliser puts the
    marks, there is no pre-tokenizer; words bound the merges while it trains, as in SentencePiece.
    """
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="never")
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=["<unk>", "<s>", "</s>", *BYTE_TOKENS],
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer = without_added(tokenizer, set(BYTE_TOKENS))
    tokenizer.pre_tokenizer = None
    tokenizer.decoder = decoders.Sequence(
        [
            decoders.Replace("▁", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A", pair="<s> $A <s> $B", special_tokens=[("<s>", 1)]
    )
    return tokenizer


def lowercase_wordpiece(texts: Iterable[str], *, vocab_size: int = 400) -> Tokenizer:
    """A WordPiece as BERT's uncased one: `[PAD]`, `[UNK]`, `[CLS]`, `[SEP]`, `[MASK]` are 0 to 4.

    The library's trainer of WordPiece numbers its pieces in another order in each run. So the
    pieces are those of its BPE trainer, each with and without `##`.
    """
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = Tokenizer(models.BPE())
    pieces.normalizer = normalizers.BertNormalizer(lowercase=True)
    pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    size = (vocab_size - len(special)) // 2
    pieces.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=size, show_progress=False))
    ordered = sorted(pieces.get_vocab(), key=pieces.get_vocab().__getitem__)
    vocabulary = [*special, *ordered, *(f"##{piece}" for piece in ordered)]
    numbered = {piece: number for number, piece in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(numbered, unk_token="[UNK]"))
    tokenizer.normalizer = pieces.normalizer
    tokenizer.pre_tokenizer = pieces.pre_tokenizer
    tokenizer.decoder = decoders.WordPiece()
    tokenizer.add_special_tokens(special)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B [SEP]",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    return tokenizer


def unigram(
    texts: Iterable[str], *, vocab_size: int = 400, prepend_scheme: str = "always"
) -> Tokenizer:
    """A Unigram with Metaspace, as T5 has it; ids 0 to 2 are `<unk>`, `<s>` and `</s>`."""
    tokenizer = Tokenizer(models.Unigram())
    metaspace = pre_tokenizers.Metaspace(prepend_scheme=prepend_scheme)
    tokenizer.pre_tokenizer = metaspace
    tokenizer.decoder = decoders.Metaspace(prepend_scheme=prepend_scheme)
    trainer = trainers.UnigramTrainer(
        vocab_size=vocab_size,
        special_tokens=["<unk>", "<s>", "</s>"],
        unk_token="<unk>",
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer = _ordered_unigram(tokenizer)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 2)]
    )
    return tokenizer


def word_level(texts: Iterable[str], *, vocab_size: int = 400) -> Tokenizer:
    """A vocabulary of whole words and runs of punctuation; id 0 is `[UNK]`."""
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    trainer = trainers.WordLevelTrainer(
        vocab_size=vocab_size, special_tokens=["[UNK]"], show_progress=False
    )
    tokenizer.train_from_iterator(texts, trainer)
    return tokenizer


def with_added(tokenizer: Tokenizer, *tokens: AddedToken) -> Tokenizer:
    """A copy with further added tokens, not special ones."""
    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.add_tokens(list(tokens))
    return copy


def without_added(tokenizer: Tokenizer, contents: set[str]) -> Tokenizer:
    """A copy in which tokens of the vocabulary are no longer cut out of text as added ones."""
    definition = json.loads(tokenizer.to_str())
    definition["added_tokens"] = [
        token for token in definition["added_tokens"] if token["content"] not in contents
    ]
    return Tokenizer.from_str(json.dumps(definition))


def _ordered_unigram(tokenizer: Tokenizer) -> Tokenizer:
    """A copy with scores to six digits, and pieces of equal score in the order of Unicode.

    The trainer gives the characters that it must keep falling scores below all others, and orders
    these and all ties anew in each run.
    """
    definition = json.loads(tokenizer.to_str())
    special, trained = definition["model"]["vocab"][:3], definition["model"]["vocab"][3:]
    floor = round(min(score for piece, score in trained if len(piece) > 1), 6)
    pieces = [(-round(score, 6), piece) for piece, score in trained]
    kept = sorted(pair for pair in pieces if -pair[0] >= floor)
    below = sorted(cost for cost, _ in pieces if -cost < floor)
    characters = sorted(piece for cost, piece in pieces if -cost < floor)
    ordered = [*kept, *zip(below, characters, strict=True)]
    definition["model"]["vocab"] = [*special, *([piece, -cost] for cost, piece in ordered)]
    return Tokenizer.from_str(json.dumps(definition))
