"""Directories, the hub's cache, and tokenizers that only transformers can make."""

import importlib
import json
import pickle
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests import toy_tokenizers as toy
from tokeval.core.tokenizer import Tokenizer
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.hf import load_directory, load_hub, main_file
from tokeval.loaders.library_objects import adapt_library_object
from tokeval.loaders.tokenizers import load_tokenizer

huggingface_hub = pytest.importorskip("huggingface_hub", reason="the extra `hf` is not installed")
transformers = pytest.importorskip("transformers", reason="the extra `hf` is not installed")

# The HTTP client that this version of the hub's library uses.
http = importlib.import_module(huggingface_hub.errors.HTTPError.__module__.partition(".")[0])

TRAINING = ["the lowest of the newer and the wider, 123 times", "bir varmış bir yokmuş"] * 5
HOSTILE = ["", " a  b ", "é日👨‍👩‍👧", "a\rb\x00", "The LOWEST", "שלום"]
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def ids_of(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(map(int, tokenizer.encode_batch([text]).ids))


# Directories -------------------------------------------------------------------------------------


def test_the_file_that_is_the_tokenizer() -> None:
    every = ["x.tiktoken", "spiece.model", "tokenizer.model", "tekken.json", "tokenizer.json"]
    while every:
        assert main_file([*reversed(every), "config.json", "vocab.json"], "here") == every[-1]
        every.pop()
    assert main_file(["config.json", "vocab.json", "merges.txt"], "here") is None
    assert main_file(["a.model.v3"], "here") == "a.model.v3"
    with pytest.raises(UsageError, match=r"here holds several tokenizers: a\.model, b\.model\.v3"):
        main_file(["b.model.v3", "a.model"], "here")


def test_a_folder_without_a_tokenizer_says_what_it_holds(tmp_path: Path) -> None:
    with pytest.raises(TokevalError, match="holds no tokenizer"):
        load_directory(str(tmp_path), name="x")
    (tmp_path / "dolly.json").write_text("{}", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "tokenizer.json").write_text("{}", encoding="utf-8")
    with pytest.raises(TokevalError) as caught:
        load_directory(str(tmp_path), name="x")
    assert caught.value.hint.endswith("name it: dolly.json")


# Through transformers ----------------------------------------------------------------------------


def save_parts(tokenizer: Any, folder: Path, **config: Any) -> None:
    """The `vocab.json` and `merges.txt` of a BPE, with a configuration that names its class."""
    model = json.loads(tokenizer.to_str())["model"]
    (folder / "vocab.json").write_text(json.dumps(model["vocab"]), encoding="utf-8")
    merges = "\n".join(["#version: 0.2", *(" ".join(pair) for pair in model["merges"])])
    (folder / "merges.txt").write_text(merges, encoding="utf-8")
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")


def test_parts_are_put_together_by_transformers(tmp_path: Path) -> None:
    library = toy.byte_level_bpe(TRAINING)
    save_parts(library, tmp_path, tokenizer_class="GPT2Tokenizer")
    before = {path: path.read_bytes() for path in tmp_path.iterdir()}
    tokenizer = load_directory(str(tmp_path), name="x")
    for text in HOSTILE:
        assert ids_of(tokenizer, text) == library.encode(text).ids
        assert tokenizer.decode(ids_of(tokenizer, text)).decode() == text
    assert tokenizer.loader == f"transformers-{transformers.__version__}"
    assert any("GPT2Tokenizer" in note for note in tokenizer.notes)
    assert {path: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_parts_behind_a_url(tmp_path: Path) -> None:
    save_parts(toy.byte_level_bpe(TRAINING), tmp_path, tokenizer_class="GPT2Tokenizer")
    tokenizer = load_tokenizer(f"file://{tmp_path}")
    assert tokenizer.source == f"file://{tmp_path}"
    assert tokenizer.decode(ids_of(tokenizer, "the newer")) == b"the newer"


@pytest.mark.parametrize("config", [{}, {"tokenizer_class": "NoSuchTokenizer"}])
def test_parts_that_name_no_class_are_refused(config: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("a\nb\n", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    with pytest.raises(TokevalError, match="transformers makes no tokenizer") as caught:
        load_directory(str(tmp_path), name="x")
    assert str(tmp_path) in caught.value.message
    assert "\n" not in caught.value.message


def test_an_empty_tokenizer_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_parts(toy.byte_level_bpe(TRAINING), tmp_path, tokenizer_class="GPT2Tokenizer")
    monkeypatch.setattr(
        transformers.AutoTokenizer, "from_pretrained", lambda *_args, **_options: {}
    )
    with pytest.raises(TokevalError, match="makes an empty tokenizer of its files") as caught:
        load_directory(str(tmp_path), name="x")
    assert "tokenizer.json" in caught.value.hint


def test_code_in_a_folder_is_not_run(tmp_path: Path) -> None:
    save_parts(
        toy.byte_level_bpe(TRAINING),
        tmp_path,
        tokenizer_class="Own",
        auto_map={"AutoTokenizer": ["own.Own", None]},
    )
    trace = tmp_path / "trace"
    (tmp_path / "own.py").write_text(f"open({str(trace)!r}, 'w')\nclass Own: pass\n", "utf-8")
    with pytest.raises(TokevalError):
        load_directory(str(tmp_path), name="x")
    assert not trace.exists()


def test_without_transformers_its_extra_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save_parts(toy.byte_level_bpe(TRAINING), tmp_path)
    monkeypatch.setitem(__import__("sys").modules, "transformers", None)
    with pytest.raises(TokevalError) as caught:
        load_directory(str(tmp_path), name="x")
    assert "tokeval[hf]" in caught.value.hint


def test_a_fast_object_is_read_by_its_backend() -> None:
    library = toy.lowercase_wordpiece(TRAINING)
    fast = transformers.PreTrainedTokenizerFast(tokenizer_object=library, unk_token="[UNK]")  # noqa: S106
    tokenizer = adapt_library_object(fast, name="x", source="py:a:b")
    assert ids_of(tokenizer, "The lowest") == library.encode("The lowest").ids[1:-1]
    assert tokenizer.loader.startswith("transformers-")
    assert len(tokenizer.notes) == 1


def test_a_tokenizer_of_bytes_in_python() -> None:
    slow = transformers.ByT5Tokenizer()
    tokenizer = adapt_library_object(slow, name="x", source="py:a:b")
    assert isinstance(tokenizer, Tokenizer)
    for text in HOSTILE:
        assert ids_of(tokenizer, text) == slow.encode(text, add_special_tokens=False)
        assert tokenizer.decode(ids_of(tokenizer, text)) == text.encode()
        assert tokenizer.normalize(text) == text
    assert tokenizer.encode_with_spans(["éa"]).spans.tolist() == [[0, 1], [0, 1], [1, 2]]
    assert (tokenizer.bos_id, tokenizer.eos_id) == (None, slow.eos_token_id)
    assert len(tokenizer.vocabulary.byte_tokens) == 128
    assert tokenizer.vocabulary.token_bytes[slow.eos_token_id] == b"</s>"
    again = pickle.loads(pickle.dumps(tokenizer))  # noqa: S301 - our own bytes
    assert ids_of(again, "é") == ids_of(tokenizer, "é")
    assert again.fingerprint == tokenizer.fingerprint
    other = adapt_library_object(transformers.ByT5Tokenizer(extra_ids=7), name="x", source="y")
    assert other.fingerprint != tokenizer.fingerprint


def test_a_wordpiece_in_python(tmp_path: Path) -> None:
    library = toy.lowercase_wordpiece(TRAINING)
    strings = sorted(library.get_vocab(), key=library.get_vocab().__getitem__)
    vocab = tmp_path / "vocab.txt"
    vocab.write_text("\n".join(strings), encoding="utf-8")
    from transformers.models.bert.tokenization_bert_legacy import BertTokenizerLegacy

    slow = BertTokenizerLegacy(str(vocab))
    tokenizer = adapt_library_object(slow, name="x", source="py:a:b")
    fast = adapt_library_object(library, name="y", source="toy")
    assert not tokenizer.keeps_whitespace
    for text in [*HOSTILE, "the newer, wider"]:
        ids = ids_of(tokenizer, text)
        assert ids == ids_of(fast, text)
        assert tokenizer.decode(ids) == fast.decode(ids)
    assert tokenizer.normalize("The  newer,wider") == "the newer , wider"
    assert (tokenizer.bos_id, tokenizer.eos_id) == (2, 3)
    assert tokenizer.vocabulary.unknown_id == 1
    with pytest.raises(TokevalError, match="do not spell"):
        tokenizer.encode_with_spans(["the newer"])


def test_tokens_without_known_bytes_are_refused() -> None:
    slow = transformers.CanineTokenizer()
    with pytest.raises(TokevalError, match="does not say which bytes"):
        adapt_library_object(slow, name="x", source="py:a:b")


# The hub -----------------------------------------------------------------------------------------


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the hub that holds org/toy with a tokenizer and its configuration."""
    folder = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(folder))
    repo = folder / "models--org--toy"
    snapshot = repo / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT, encoding="utf-8")
    library = toy.byte_level_bpe(TRAINING)
    (snapshot / "tokenizer.json").write_text(library.to_str(), encoding="utf-8")
    (snapshot / "tokenizer_config.json").write_text('{"bos_token": "t"}', encoding="utf-8")
    return folder


@pytest.mark.parametrize("argument", ["org/toy", "hf:org/toy", f"hf:org/toy@{COMMIT}"])
@pytest.mark.usefixtures("cache")
def test_what_the_cache_holds_needs_no_download(argument: str) -> None:
    tokenizer = load_tokenizer(argument)
    assert (tokenizer.name, tokenizer.source) == ("toy", argument)
    assert tokenizer.decode(ids_of(tokenizer, "the newer")) == b"the newer"
    assert tokenizer.vocabulary.token_bytes[tokenizer.bos_id or 0] == b"t"


@pytest.mark.usefixtures("cache")
def test_what_it_does_not_hold_is_not_fetched_unasked(monkeypatch: pytest.MonkeyPatch) -> None:
    def forbidden(*_: Any, **__: Any) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("huggingface_hub.HfApi.list_repo_files", forbidden)
    monkeypatch.setattr("huggingface_hub.hf_hub_download", forbidden)
    monkeypatch.setattr(http.Client, "send", forbidden)
    for argument in ("org/other", "hf:org/other", "hf:org/toy@v2"):
        with pytest.raises(UsageError) as caught:
            load_tokenizer(argument)
        assert "--allow-download" in caught.value.hint


def test_only_files_of_the_tokenizer_are_fetched(
    cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    snapshot = cache / "models--org--toy" / "snapshots" / COMMIT
    listed = ["README.md", "model.safetensors", "onnx/tokenizer.json", "vocab.json", "config.json"]
    fetched = []

    def fetch(repo_id: str, name: str, *, revision: str | None) -> str:
        assert (repo_id, revision) == ("org/toy", "v1")
        fetched.append(name)
        target = tmp_path / "fetched" / name
        target.parent.mkdir(exist_ok=True)
        shutil.copy(snapshot / name, target)
        return str(target)

    monkeypatch.setattr(
        "huggingface_hub.HfApi.list_repo_files",
        lambda *_, **__: [*listed, "tokenizer.json", "tokenizer_config.json"],
    )
    monkeypatch.setattr("huggingface_hub.hf_hub_download", fetch)
    tokenizer = load_hub("org/toy@v1", name="x", allow_download=True)
    assert sorted(fetched) == ["tokenizer.json", "tokenizer_config.json"]
    assert tokenizer.decode(ids_of(tokenizer, "the")) == b"the"
    monkeypatch.setattr("huggingface_hub.HfApi.list_repo_files", lambda *_, **__: listed[:3])
    with pytest.raises(TokevalError, match="org/toy holds no tokenizer"):
        load_hub("org/toy@v1", name="x", allow_download=True)


def hub_error(kind: str, status: int) -> Exception:
    """An error as huggingface_hub raises it."""
    request = http.Request("GET", "https://hub.invalid")
    made: Exception = getattr(huggingface_hub.errors, kind)(
        "line one\nline two", response=http.Response(status, request=request)
    )
    return made


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (hub_error("GatedRepoError", 403), "gated"),
        (hub_error("RepositoryNotFoundError", 404), "the hub has no org/x at v9"),
        (hub_error("RevisionNotFoundError", 404), "the hub has no org/x at v9"),
        (hub_error("HfHubHTTPError", 500), "cannot be fetched"),
        (http.ConnectError("no route\nto host"), "cannot be fetched"),
        (ConnectionError("reset"), "cannot be fetched"),
    ],
)
def test_failures_of_the_hub_are_said_in_one_line(
    error: Exception, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr("huggingface_hub.HfApi.list_repo_files", fail)
    with pytest.raises(TokevalError) as caught:
        load_hub("org/x@v9", name="x", allow_download=True)
    assert said in caught.value.message
    assert "\n" not in caught.value.message
