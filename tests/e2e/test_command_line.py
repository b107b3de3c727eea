"""The installed command as a user types it: results, every kind of bad input, and interruption."""

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.toy_tokenizers import byte_level_bpe

TEXT = "the quick brown fox jumps over the lazy dog\n" * 20 + "çok güzel bir gün\n" * 20

WANTED = {
    *("tokens", "fertility", "chars_per_token", "bytes_per_token", "tokens_per_line"),
    *("strr_types", "strr_occurrences", "continued_words", "shannon_entropy"),
    *("renyi_efficiency_observed", "renyi_efficiency_declared", "type_token_ratio"),
    *("average_token_rank", "premium", "gini", "round_trip", "unk_rate", "byte_fallback_rate"),
    *("char_split_rate", "vocab_size", "vocab_used"),
}


def run(*arguments: object, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command, run in a folder."""
    return subprocess.run(
        [sys.executable, "-c", "from tokeval.cli.app import main; main()", *map(str, arguments)],
        cwd=folder,
        env=os.environ | {"COLUMNS": "80"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a small tokenizer and text in two parallel slices."""
    byte_level_bpe([TEXT]).save(str(tmp_path / "toy.json"))
    (tmp_path / "en.txt").write_text(TEXT, encoding="utf-8")
    (tmp_path / "tr.txt").write_text(TEXT.upper(), encoding="utf-8")
    return tmp_path


def test_metrics_writes_the_document_of_the_contract(folder: Path) -> None:
    done = run(
        *("metrics", "a=toy.json", "b=toy.json", "--parallel", "--unit", "line"),
        *("--corpus", "tr=tr.txt", "--corpus", "en=en.txt", "--json", "out.json"),
        folder=folder,
    )
    assert done.returncode == 0, done.stderr
    document = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    assert document["schema"] == 2
    assert set(document["provenance"]["tokenizers"]) == {"a", "b"}
    assert set(document["provenance"]["corpus"]) == {"tr", "en"}
    (result,) = document["results"]
    assert result["type"] == "metrics"
    cells = {(c["metric"], c["tokenizer"], c["slice"]): c for c in result["cells"]}
    assert {metric for metric, _, _ in cells} >= WANTED
    assert cells["gini", "a", "all"]["value"]["type"] == "measured"
    assert ("gini", "a", "tr") not in cells
    assert cells["premium", "a", "en"]["value"]["value"] == 1
    premium = cells["premium", "b", "tr"]["value"]
    assert premium["stderr"] >= 0
    assert premium["n_blocks"] == 40
    assert len(cells["premium", "b", "tr"]["leave_one_out"]) == 40
    assert cells["fertility", "a", "tr"]["signature"].startswith("fertility|words:uax29-icu")


def test_equal_runs_write_equal_bytes(folder: Path) -> None:
    arguments = ("metrics", "toy.json", "--corpus", "en.txt", "-q", "--html", "r.html")
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    try:
        seen = []
        for engine in ("serial", "serial", "processes"):
            done = run(*arguments, "--json", "r.json", "--engine", engine, folder=folder)
            assert done.returncode == 0, done.stderr
            document = json.loads((folder / "r.json").read_text(encoding="utf-8"))
            document["provenance"].pop("argv")
            seen.append(document)
        assert seen[0] == seen[1] == seen[2]
    finally:
        del os.environ["SOURCE_DATE_EPOCH"]


BAD_INPUT = [
    (("metrics", "missing.json", "--corpus", "en.txt"), 3, "missing.json: no such file"),
    (("metrics", "empty", "--corpus", "en.txt"), 3, "empty holds no tokenizer"),
    (("metrics", "cut.json", "--corpus", "en.txt"), 3, "cut.json is not whole JSON"),
    (("metrics", "vocab.json", "--corpus", "en.txt"), 3, "vocab.json is a vocabulary alone"),
    (("metrics", "toy.json", "--corpus", "binary.txt"), 3, "looks like a binary file"),
    (("metrics", "toy.json", "--corpus", "nothing.txt"), 3, "no text in nothing.txt"),
    (("metrics", "toy.json", "--corpus", "absent.txt"), 3, "absent.txt"),
    (("metrics", "a=toy.json", "a=toy.json", "--corpus", "en.txt"), 2, "two tokenizers"),
    (("metrics", "toy.json", "-c", "a=en.txt", "-c", "a=tr.txt"), 2, "two slices"),
    (("metrics", "toy.json", "-c", "en.txt", "-m", "fertilty"), 2, "did you mean 'fertility'?"),
    (("metrics", "toy.json", "-c", "en.txt", "-f", "fairnes"), 2, "did you mean 'fairness'?"),
    (("metrics", "toy.json", "-c", "en.txt", "--special", "bos"), 2, "declares no BOS"),
    (("metrics", "toy.json", "-c", "en.txt", "--json", "en.txt/x"), 3, "en.txt"),
    (("metrics", "toy.json", "-c", "en.txt", "--json", "no/x.json"), 3, "there is no folder"),
    (("metrics", "toy.json", "-c", "en.txt", "--json", "en.txt"), 2, "en.txt"),
    (("metrics", "toy.json", "-c", "en.txt", "-m", "premium"), 5, "nothing was measured"),
    (("metrics", "toy.json", "-c", "en.txt", "--terms", "tr.txt"), 2, "add --family terms"),
    (("metrics",), 2, "Missing argument"),
    (("metrics", "toy.json", "--corpuss", "x"), 2, "--corpuss"),
    (("metrcs",), 2, "Did you mean 'metrics'?"),
    (("tokens", "toy.json"), 2, "a text are needed"),
    (("corpora", "show", "trr"), 2, "did you mean 'tr'?"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), BAD_INPUT)
def test_bad_input_gets_one_clear_line(
    folder: Path, arguments: tuple[str, ...], code: int, said: str
) -> None:
    (folder / "empty").mkdir()
    (folder / "cut.json").write_bytes((folder / "toy.json").read_bytes()[:500])
    (folder / "vocab.json").write_text('{"a": 0, "b": 1}', encoding="utf-8")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 8)
    (folder / "nothing.txt").write_bytes(b"")
    before = _contents(folder)
    done = run(*arguments, folder=folder)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("tokeval: ")
    assert done.stdout == ""
    assert _contents(folder) == before


@pytest.mark.parametrize(
    "arguments",
    [
        ("metrics", "json:toy.json", "-c", "en.txt", "--json", "toy.json"),
        ("metrics", "x=json:toy.json", "-c", "en.txt", "--json", "toy.json"),
        ("metrics", "model", "-c", "en.txt", "--html", "model/tokenizer.json"),
        ("metrics", "toy.json", "-c", "texts", "--csv", "texts/a.txt"),
        ("metrics", "toy.json", "-c", "texts/*", "--md", "texts/a.txt"),
        ("tokens", "toy.json", "a text", "--html", "toy.json"),
    ],
)
def test_an_output_never_overwrites_an_input(folder: Path, arguments: tuple[str, ...]) -> None:
    for name, source in (("model/tokenizer.json", "toy.json"), ("texts/a.txt", "en.txt")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes((folder / source).read_bytes())
    before = _contents(folder)
    done = run(*arguments, folder=folder)
    assert done.returncode == 2, done.stderr
    assert "would overwrite the input" in done.stderr
    assert _contents(folder) == before


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")
@pytest.mark.parametrize("engine", ["serial", "processes"])
def test_interrupting_leaves_nothing_half_written(folder: Path, engine: str) -> None:
    with (folder / "long.txt").open("w", encoding="utf-8") as file:
        file.writelines(f"{n} {n * n} words of line {n}\n" for n in range(1_000_000))
    before = _contents(folder)
    # Where a shell starts the tests in the background, interrupts are ignored by inheritance.
    heeding = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", f"{heeding}\nfrom tokeval.cli.app import main; main()"),
            *("metrics", "toy.json", "-c", "long.txt", "--json", "out.json", "--engine", engine),
        ],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(2.5)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130
    assert said == "tokeval: interrupted; nothing more was written\n"
    assert _contents(folder) == before


def test_tokens_shows_every_tokenizer_under_the_other(folder: Path) -> None:
    done = run("tokens", "a=toy.json", "b=toy.json", "the quick gün", folder=folder)
    assert done.returncode == 0, done.stderr
    assert "a " in done.stdout
    assert "quick" in done.stdout.replace("│", "").replace("␣", " ")


def test_schema_is_json_schema_that_the_document_fits(folder: Path) -> None:
    done = run("schema", folder=folder)
    assert done.returncode == 0
    schema = json.loads(done.stdout)
    assert "Report" in schema["$defs"]
    assert set(schema["$defs"]["Report"]["required"]) == {"provenance", "results"}


def test_bundled_corpora_are_sound_and_shown(folder: Path) -> None:
    assert run("corpora", "check", folder=folder).returncode == 0
    shown = run("corpora", "show", "tr", folder=folder)
    assert len(shown.stdout.splitlines()) >= 60
    listed = run("corpora", "list", folder=folder)
    assert "Turkish" in listed.stdout


def _contents(folder: Path) -> dict[str, str]:
    """Hash of every file in the folder."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_numbers_in_the_readme_are_those_of_the_command(folder: Path) -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    block = readme.split("```console\n$ tokeval demo\n")[1].split("\n...\n")[0]
    done = run("demo", "--out", "report", folder=folder)
    assert done.returncode == 0, done.stderr
    said = {line.rstrip() for line in done.stdout.splitlines()}
    assert [line for line in block.splitlines() if line not in said] == []
    assert (folder / "report" / "report.html").is_file()
