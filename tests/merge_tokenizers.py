"""Byte-level BPE tokenizers whose tokens a test writes down."""

from collections.abc import Iterable, Sequence

from tokenizers import Regex, Tokenizer, models, pre_tokenizers

from tests import toy_tokenizers as toy
from tokeval.core.study import Sample
from tokeval.core.tokenizer import Tokenizer as AnyTokenizer
from tokeval.loaders.tokenizer_json import adapt_tokenizers_object

EVERYTHING = r"[\s\S]+"

LLAMA_3 = r"\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+|\s+"
"""Numbers in threes from the left."""

FROM_THE_RIGHT = r"\p{N}{1,3}(?=(?:\p{N}{3})*(?!\p{N}))|[^\p{N}]+"

ALL_NUMBERS = [str(number) for number in range(1000)] + [f"{number:03}" for number in range(100)]


def byte_bpe(tokens: Iterable[str] = (), *, pattern: str = EVERYTHING) -> AnyTokenizer:
    """A tokenizer with all bytes and the given tokens (ASCII), each built from its left end.

    Earlier tokens are merged first. Text is cut by the pattern before that; where there is one, a
    piece that is a token is kept whole, as in Llama 3.
    """
    byte_of = {" ": "Ġ", "\n": "Ċ", "\t": "ĉ"}
    vocabulary = {piece: i for i, piece in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merges: dict[tuple[str, str], None] = {}
    for token in tokens:
        spelled = "".join(byte_of.get(character, character) for character in token)
        for end in range(1, len(spelled)):
            merges[spelled[:end], spelled[end]] = None
            vocabulary.setdefault(spelled[: end + 1], len(vocabulary))
    tokenizer = Tokenizer(models.BPE(vocabulary, list(merges), ignore_merges=pattern != EVERYTHING))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    return adapt_tokenizers_object(tokenizer, name="written", source="test")


def words(texts: Sequence[str]) -> AnyTokenizer:
    """A tokenizer of whole words; what it has not seen is unknown."""
    return adapt_tokenizers_object(toy.word_level(texts), name="words", source="test")


def one_block_each(texts: Sequence[str], *, name: str = "en", **labels: str) -> Sample:
    """A sample with a document, and so a block, for each text."""
    return Sample(name, tuple((text,) for text in texts), labels)
