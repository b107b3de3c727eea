"""`tokeval cache`, and what `tokeval metrics` takes from the cache: the same bytes, sooner."""

import json
import os
import shutil

import pytest

from tests.toy_tokenizers import byte_level_bpe, sentencepiece_bpe
from tokeval.cli.app import run
from tokeval.core.cache import Cache, cache_directory, entries, key_of
from tokeval.loaders import tokenizers as loaders
from tokeval.metrics import chunk_counts, report

TEXT = [f"The {n}th wolf ran over {n * n} hills, and don't ask why\n" for n in range(200)]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A folder with two tokenizers and two texts, and an empty cache."""
    monkeypatch.setenv("TOKEVAL_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.delenv("TOKEVAL_CACHE_MAX_SIZE")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    monkeypatch.setattr("sys.argv", ["tokeval"])
    monkeypatch.chdir(tmp_path)
    byte_level_bpe(TEXT).save("byte.json")
    sentencepiece_bpe(TEXT).save("piece.json")
    for name, lines in (("en", TEXT), ("de", TEXT[::-2])):
        (tmp_path / f"{name}.txt").write_text("".join(lines))
    return tmp_path


@pytest.fixture
def counted(monkeypatch):
    """The tokenizers that each chunk was counted for."""
    calls = []
    original = chunk_counts.CountChunks._counted

    def noted(self, chunk, missing):
        calls.append((chunk.slice, missing))
        return original(self, chunk, missing)

    monkeypatch.setattr(chunk_counts.CountChunks, "_counted", noted)
    return calls


def metrics(capsysbinary, *arguments: str) -> bytes:
    """The document of a run."""
    assert run(["metrics", *arguments, "--json", "-", "-q"]) == 0
    return capsysbinary.readouterr().out


BOTH = ("byte.json", "piece.json", "-c", "en.txt", "-c", "de.txt")


def test_a_second_run_loads_and_counts_nothing(capsysbinary, monkeypatch):
    plain = metrics(capsysbinary, *BOTH, "--no-cache")
    assert entries(cache_directory()) == [], "--no-cache keeps nothing"
    first = metrics(capsysbinary, *BOTH)

    def never(*_arguments, **_options):
        raise AssertionError

    monkeypatch.setattr(loaders, "load_tokenizers", never)
    monkeypatch.setattr(report, "measure", never)
    assert metrics(capsysbinary, *BOTH) == first == plain


@pytest.mark.parametrize("kind", ["results", "evidence", "tokenizers"])
def test_a_damaged_entry_of_any_kind_is_made_again(capsysbinary, kind):
    first = metrics(capsysbinary, *BOTH)
    bad = [entry for entry in entries(cache_directory()) if entry.kind == kind]
    if kind == "evidence":
        shutil.rmtree(cache_directory() / "results")
    for entry in bad:
        content = bytearray(entry.path.read_bytes())
        content[len(content) // 2] ^= 16
        entry.path.write_bytes(content)
    assert metrics(capsysbinary, *BOTH) == first
    assert run(["cache", "verify"]) == 0


def test_other_metrics_of_the_same_text_are_not_counted_again(capsysbinary, counted):
    metrics(capsysbinary, *BOTH)
    assert counted == [("en", (0, 1)), ("de", (0, 1))]
    fewer = metrics(capsysbinary, *BOTH, "-m", "tokens")
    assert len(counted) == 2
    assert fewer == metrics(capsysbinary, *BOTH, "-m", "tokens", "--no-cache")


def test_another_tokenizer_or_slice_is_counted_alone(capsysbinary, counted):
    metrics(capsysbinary, "byte.json", "-c", "en.txt")
    counted.clear()
    more = metrics(capsysbinary, *BOTH)
    assert counted == [("en", (1,)), ("de", (0, 1))]
    assert more == metrics(capsysbinary, *BOTH, "--no-cache")


def test_a_file_that_changed_is_counted_again_whatever_its_time_says(capsysbinary, folder):
    path = folder / "en.txt"
    before = metrics(capsysbinary, *BOTH)
    status = path.stat()
    path.write_text("".join(TEXT).replace("wolf", "fowl"))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size
    after = metrics(capsysbinary, *BOTH)
    assert after != before
    assert after == metrics(capsysbinary, *BOTH, "--no-cache")


def test_a_tokenizer_that_changed_and_its_configuration_are_noticed(capsysbinary, folder):
    arguments = ("byte.json", "-c", "en.txt", "--special", "eos", "-f", "information")
    found = [metrics(capsysbinary, *arguments)]
    (folder / "tokenizer_config.json").write_text(json.dumps({"eos_token": "a"}))
    found.append(metrics(capsysbinary, *arguments))
    byte_level_bpe(TEXT, vocab_size=300).save("byte.json")
    found.append(metrics(capsysbinary, *arguments))
    assert len(set(found)) == 3
    assert found[2] == metrics(capsysbinary, *arguments, "--no-cache")


def test_every_choice_is_part_of_the_key(capsysbinary):
    base = ("byte.json", "-c", "en.txt")
    choices = [
        (),
        ("--alpha", "3"),
        ("--unit", "line"),
        ("--max-length", "5"),
        ("--price", "2"),
        ("--words", "icu-dictionary"),
        ("-m", "tokens"),
    ]
    for choice in choices:
        assert metrics(capsysbinary, *base, *choice) == metrics(
            capsysbinary, *base, *choice, "--no-cache"
        )
    named = metrics(capsysbinary, "other=byte.json", "-c", "text=en.txt")
    assert named == metrics(capsysbinary, "other=byte.json", "-c", "text=en.txt", "--no-cache")


def test_a_cache_that_cannot_be_written_costs_one_line(capsysbinary, folder, monkeypatch):
    (folder / "file").write_text("")
    plain = metrics(capsysbinary, *BOTH, "--no-cache")
    monkeypatch.setenv("TOKEVAL_CACHE_DIR", str(folder / "file" / "cache"))
    assert run(["metrics", *BOTH, "--json", "-", "-q"]) == 0
    said = capsysbinary.readouterr()
    assert said.out == plain
    (line,) = said.err.decode().splitlines()
    assert "cannot be written" in line
    assert "--no-cache" in line


def keep_some() -> list[Cache]:
    """Three entries of two kinds."""
    caches = [Cache.of("evidence"), Cache.of("replays")]
    for n, cache in enumerate((*caches, caches[0])):
        cache.put(key_of(n), b"content")
    return caches


def test_info_names_the_directory_and_counts_each_kind(capsys):
    keep_some()
    assert run(["cache", "info"]) == 0
    output = capsys.readouterr().out
    assert f"directory: {cache_directory()}" in output
    rows = dict(line.split()[:2] for line in output.splitlines() if len(line.split()) > 2)
    counts = {kind: rows[kind] for kind in ("evidence", "replays", "results", "tokenizers", "all")}
    assert counts == {
        "evidence": "2",
        "replays": "1",
        "results": "0",
        "tokenizers": "0",
        "all": "3",
    }
    assert str(cache_directory() / "numba") in output


def test_verify_lists_damaged_entries_and_deletes_them_on_request(capsys):
    evidence, _ = keep_some()
    assert run(["cache", "verify"]) == 0
    assert "3 entries checked, 0 damaged" in capsys.readouterr().out
    path = evidence.path(key_of(0))
    path.write_bytes(path.read_bytes()[:-1])
    assert run(["cache", "verify"]) == 1
    output = capsys.readouterr().out
    assert output.splitlines() == [str(path), "3 entries checked, 1 damaged"]
    assert path.exists()
    assert run(["cache", "verify", "--delete"]) == 0
    assert "1 damaged, 1 removed" in capsys.readouterr().out
    assert not path.exists()
    assert run(["cache", "verify"]) == 0


def test_clear_removes_all_or_a_kind_or_the_oldest(capsys):
    keep_some()
    compiled = cache_directory() / "numba" / "code"
    compiled.parent.mkdir()
    compiled.write_text("")
    assert run(["cache", "clear", "--kind", "replays"]) == 0
    assert [entry.kind for entry in entries(cache_directory())] == ["evidence", "evidence"]
    size = entries(cache_directory())[0].n_bytes
    assert run(["cache", "clear", "--max-size", str(size)]) == 0
    assert len(entries(cache_directory())) == 1
    capsys.readouterr()
    assert run(["cache", "clear"]) == 0
    assert capsys.readouterr().out == f"removed 1 entry, {size} bytes\n"
    assert entries(cache_directory()) == []
    assert compiled.exists(), "compiled code is numba's"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("clear", "--kind", "results", "--max-size", "1"), "give one of the two"),
        (("clear", "--kind", "evidense"), "there is no kind 'evidense'"),
        (("clear", "--max-size", "much"), "--max-size 'much' is no size"),
    ],
)
def test_wrong_options_are_refused(arguments, said, capsys):
    assert run(["cache", *arguments]) == 2
    assert said in capsys.readouterr().err
