"""Second loaders: two readings of real files agree, and of files that differ they do not."""

import base64
import io
import os
import random
import struct
import subprocess
import sys
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import sentencepiece
import tiktoken
from tokenizers import Tokenizer, pre_tokenizers

from tests.toy_tokenizers import byte_level_bpe
from tokeval.errors import TokevalError
from tokeval.loaders.merging_by_rule import joined
from tokeval.loaders.packaged import packaged_arguments
from tokeval.loaders.second_loaders import second_loaders
from tokeval.loaders.sentencepiece_model import SentencePieceTokenizer
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.metrics import audit_files

TEXTS = [
    "",
    " ",
    "The cat's 12345 hats, naïve café!",
    "  two  spaces\n\n\tand a tab\r\n",
    "日本語 👩‍👩‍👧 ไทย हिन्दी Ünïcode",
    "def f(x):\n    return x_1 + 67e-9",
    "<s>[INST] a</s> <|endoftext|> ▁x\x01",
]
LIBRARIES = {
    "deepseek-v3": ["transformers"],
    "mistral-nemo": ["the rule of ranks", "mistral-common"],
    "mistral-7b": ["the rule of scores"],
    "qwen": ["the rule of ranks"],
    "jurassic-2": ["tokenizers"],
}


@cache
def packaged() -> dict[str, str]:
    """Arguments by name of the tokenizers that installed packages ship."""
    try:
        return {argument.partition("=")[0]: argument for argument in packaged_arguments()}
    except TokevalError as error:
        pytest.skip(str(error))


def lists(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    return [tokenizer.encode_batch([text]).ids.tolist() for text in texts]


@pytest.mark.case(golden=["loader_disagreements"])
@pytest.mark.parametrize("name", LIBRARIES)
def test_files_of_real_packages_are_read_alike(name: str) -> None:
    pytest.importorskip("transformers")
    tokenizer = load_tokenizer(packaged()[name])
    loaders = second_loaders(tokenizer)
    assert [loader.title for loader in loaders] == LIBRARIES[name]
    own = lists(tokenizer, TEXTS)
    assert sum(map(len, own)) > 60
    for loader in loaders:
        assert loader.encode(TEXTS) == own


def in_two_formats(folder: Path, *, split_digits: bool) -> Any:
    """A toy's ranks, with GPT-2's pattern, beside a tokenizer.json that may cut digits apart."""
    library = byte_level_bpe(["low lower lowest 12 123 the cat"] * 9)
    # GPT-2's letter of a byte: printable ones themselves, the others from U+0100 on.
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(0x100) if byte not in printable]
    byte_of = {chr(byte): byte for byte in printable}
    byte_of |= {chr(0x100 + n): byte for n, byte in enumerate(others)}
    lines = []
    for letters, i in sorted(library.get_vocab().items(), key=lambda item: item[1])[1:]:
        spelled = base64.b64encode(bytes(byte_of[letter] for letter in letters)).decode()
        lines.append(f"{spelled} {i}\n")
    (folder / "toy.tiktoken").write_text("".join(lines), encoding="ascii")
    if split_digits:
        digits = pre_tokenizers.Digits(individual_digits=True)
        library.pre_tokenizer = pre_tokenizers.Sequence([digits, library.pre_tokenizer])
    library.save(str(folder / "tokenizer.json"))
    return load_tokenizer(f"toy={folder / 'toy.tiktoken'}?pattern=gpt2")


@pytest.mark.parametrize("split_digits", [False, True])
def test_ranks_beside_a_tokenizer_json_are_compared_with_it(
    tmp_path: Path, split_digits: bool
) -> None:
    tokenizer = in_two_formats(tmp_path, split_digits=split_digits)
    texts = ["the cat é", "low 12 123", "lowest"]
    beside = second_loaders(tokenizer)[-1]
    assert beside.title.startswith("tokenizers-")
    assert beside.title.endswith("on tokenizer.json")
    library = Tokenizer.from_file(str(tmp_path / "tokenizer.json"))
    assert beside.encode(texts) == [library.encode(text).ids for text in texts]
    differ = [a != b for a, b in zip(lists(tokenizer, texts), beside.encode(texts), strict=True)]
    assert differ == [False, split_digits, False]


def test_ranks_without_a_known_pattern_are_left_out(tmp_path: Path) -> None:
    in_two_formats(tmp_path, split_digits=False)
    tokenizer = load_tokenizer(f"toy={tmp_path / 'tokenizer.json'}")
    assert all("toy.tiktoken" not in loader.title for loader in second_loaders(tokenizer))


@pytest.mark.parametrize("seed", range(20))
def test_joins_by_rank_are_those_of_tiktoken(seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - no secret
    ranks = {bytes([byte]): byte for byte in range(256)}
    while len(ranks) < 300:
        pair = draw.choice([t for t in ranks if t in b"abc" or len(t) > 1])
        ranks.setdefault(pair + draw.choice([b"a", b"b", b"c", pair]), len(ranks))
    library = tiktoken.Encoding("toy", pat_str=r"(?s).+", mergeable_ranks=ranks, special_tokens={})
    text = "".join(draw.choice("abcd") for _ in range(200))
    parts = joined([bytes([byte]) for byte in text.encode()], ranks)
    assert [ranks[part] for part in parts] == library.encode_ordinary(text)


@pytest.mark.parametrize("model_type", ["bpe", "unigram"])
@pytest.mark.parametrize("byte_fallback", [False, True])
def test_pieces_of_a_trained_model_give_the_ids_of_the_library(
    model_type: str, byte_fallback: bool
) -> None:
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(["low lower lowest 12 123 the cat sat", "the mat is new"] * 30),
        model_writer=written,
        model_type=model_type,
        vocab_size=330 if byte_fallback else 45,
        byte_fallback=byte_fallback,
        user_defined_symbols=["<x>", "<xy>"],
        hard_vocab_limit=False,
        minloglevel=2,
    )
    tokenizer = SentencePieceTokenizer(written.getvalue(), name="toy", source="toy")
    (loader,) = second_loaders(tokenizer)
    texts = [*TEXTS, "the <xy> low<x>er", "日本 語日 the 😀😀"]
    assert loader.encode(texts) == lists(tokenizer, texts)


def unigram(scores: dict[str, float]) -> bytes:
    """A `.model` file of these pieces, as its protobuf is written; the text is left as it is."""

    def field(number: int, content: bytes) -> bytes:
        return bytes([number << 3 | 2, len(content)]) + content

    def piece(text: str, score: float, kind: int) -> bytes:
        stated = field(1, text.encode()) + b"\x15" + struct.pack("<f", score)
        return field(1, stated + bytes([3 << 3, kind]))

    written = piece("<unk>", 0.0, 2) + b"".join(piece(t, s, 1) for t, s in scores.items())
    as_it_is = field(1, b"identity") + bytes([3 << 3, 0, 4 << 3, 0, 5 << 3, 1])
    return written + field(2, bytes([3 << 3, 1])) + field(3, as_it_is)


def test_ties_of_a_unigram_are_told_from_other_differences() -> None:
    """Doubling a float is exact, so "xx" ties with "x" twice; "b" adds what has to be rounded."""
    single = -2.1716766357421875
    content = unigram(
        {"x": single, "xx": 2 * single, "xxxx": 4 * single, "{b}": -9.190211296081543}
    )
    tokenizer = SentencePieceTokenizer(content, name="toy", source="toy")
    texts = ["{b}" * n + "xxxx" for n in range(60)]
    own = lists(tokenizer, texts)
    (loader,) = second_loaders(tokenizer)
    theirs = loader.encode(texts)
    library = sentencepiece.SentencePieceProcessor(model_proto=content)
    parted = [(a, b) for a, b in zip(own, theirs, strict=True) if a != b]
    assert parted
    for a, b in parted:
        sums = [sum(Fraction(library.get_score(i)) for i in ids) for ids in (a, b)]
        assert sums[0] == sums[1]
        assert library.decode(a) == library.decode(b)
    checked = audit_files.loader_disagreements(tokenizer, texts)
    assert checked.n == len(parted)
    said = checked.findings[0].message
    assert f"{len(parted)} of {len(parted)} are ties" in said
    mine, other = ([library.id_to_piece(i) for i in ids if i != 4] for ids in parted[0])
    shown = [" ".join(map(repr, pieces)) for pieces in (other, mine)]
    assert f"tokenizers ({shown[0]} instead of {shown[1]};" in said
    assert loader.rate is not None
    assert loader.rate([1]) != loader.rate([2])


def test_transformers_is_imported_without_advice_and_with_its_warnings() -> None:
    pytest.importorskip("transformers")
    code = (
        "import os\n"
        "from tokeval.loaders.transformers_library import import_transformers\n"
        "library = import_transformers()\n"
        "assert 'TRANSFORMERS_NO_ADVISORY_WARNINGS' not in os.environ\n"
        "library.utils.logging.get_logger('transformers').warning('a true warning')\n"
    )
    kept = {k: v for k, v in os.environ.items() if not k.startswith("TRANSFORMERS_")}
    ran = subprocess.run(
        [sys.executable, "-c", code], env=kept, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0
    assert ran.stdout == ""
    assert [line for line in ran.stderr.splitlines() if line] == ["[transformers] a true warning"]
