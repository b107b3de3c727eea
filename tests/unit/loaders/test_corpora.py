"""From arguments to slices: names, folders, patterns, URLs, standard input, parallel slices."""

import gzip
import io
import os
import pickle
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from tokeval.core.corpus import Slice, chunks
from tokeval.errors import TokevalError, UsageError
from tokeval.loaders.corpora import ReadOptions, check_parallel, read_corpus


def texts(part: Slice) -> list[str]:
    return [text for document in part.documents() for text in document]


def contents(*arguments: str, **options: str | bool) -> dict[str, list[str]]:
    slices = read_corpus(arguments, ReadOptions(**options))  # type: ignore[arg-type]
    return {part.name: texts(part) for part in slices}


def failure(
    *arguments: str, kind: type[TokevalError] = TokevalError, **options: str | bool
) -> TokevalError:
    with pytest.raises(kind) as caught:
        contents(*arguments, **options)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder that is the current one."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, files: dict[str, str]) -> None:
    """Writes files by path below a folder, with the folders that they need."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def test_names_come_from_the_argument_or_from_the_file(here: Path) -> None:
    write(here, {"a/tr.txt": "bir\n", "en.jsonl": '{"text": "one"}\n'})
    (here / "de.txt.gz").write_bytes(gzip.compress(b"eins\n"))
    assert contents("türk çe=a/tr.txt", "en.jsonl", "de.txt.gz", "en/news=./en.jsonl") == {
        "türk çe": ["bir"],
        "en": ["one"],
        "de": ["eins"],
        "en/news": ["one"],
    }


def test_an_equals_sign_in_a_path_is_part_of_the_path(here: Path) -> None:
    (here / "lang=tr").mkdir()
    (here / "lang=tr" / "x.txt").write_text("a\n")
    (here / "k=v.txt").write_text("b\n")
    assert contents("lang=tr/x.txt") == {"x": ["a"]}
    assert contents("lang=tr/*.txt") == {"x": ["a"]}
    assert contents("k=v.txt") == {"k=v": ["b"]}
    assert contents("n=k=v.txt") == {"n": ["b"]}
    (here / "v.txt").write_text("c\n")
    assert contents("k=v.txt") == {"k": ["c"]}
    assert contents("./k=v.txt") == {"k=v": ["b"]}


@pytest.mark.parametrize("argument", ["=a.txt", "tr=", "="])
def test_half_a_name_is_refused(here: Path, argument: str) -> None:
    assert failure(argument, kind=UsageError).hint == "write name=path"


def test_a_folder_is_one_slice_for_each_entry(here: Path) -> None:
    write(
        here,
        {"d/tr.txt": "bir\n", "d/en.txt": "one\n", "d/.hidden.txt": "no\n", "d/.git/x.txt": "no\n"},
    )
    write(
        here, {"d/python/a.py": "a = 1\n", "d/python/sub/b.py": "b = 2\n", "d/python/.c.py": "no"}
    )
    write(here, {"d/v1.0/x.txt": "x\n", "d/__pycache__/a.pyc": "no"})
    (here / "d" / "python" / "logo.png").write_bytes(b"\x89PNG\0")
    assert contents("d") == {
        "en": ["one"],
        "python": ["a = 1\n", "b = 2\n"],
        "tr": ["bir"],
        "v1.0": ["x"],
    }
    assert contents("d/") == contents("d")
    by_name = {part.name: part for part in read_corpus(["d"])}
    assert (by_name["python"].unit, by_name["python"].n_documents) == ("file", 2)
    assert by_name["tr"].unit == "lines"
    assert by_name["tr"].n_documents is None


def test_names_that_collide_in_a_folder_keep_their_suffix(here: Path) -> None:
    write(here, {"d/tr.txt": "a\n", "d/tr.csv": "text\nb\n", "d/en.txt": "c\n", "d/de.txt": "d\n"})
    write(here, {"d/de/x.txt": "e\n"})
    assert contents("d") == {
        "tr.txt": ["a"],
        "tr.csv": ["b"],
        "en": ["c"],
        "de.txt": ["d"],
        "de": ["e"],
    }


def test_a_named_folder_and_a_named_pattern_are_one_slice(here: Path) -> None:
    write(here, {"s/b.py": "b", "s/a/c.py": "c", "s/a.py": "a", "s/x.txt": "x", "s/.hid.py": "no"})
    assert contents("py=s/**/*.py") == {"py": ["c", "a", "b"]}
    assert contents("py=s/*.py") == {"py": ["a", "b"]}
    (here / "s" / "x.txt").unlink()
    assert contents("py=s") == {"py": ["c", "a", "b"]}


def test_a_pattern_is_one_slice_for_each_file(here: Path) -> None:
    write(here, {"s/a/x.py": "1", "s/b/x.py": "2", "s/b/y.py": "3", "s/top.py": "4"})
    assert contents("s/**/*.py") == {"a/x": ["1"], "b/x": ["2"], "y": ["3"], "top": ["4"]}
    assert contents(f"{here}/s/[ab]/x.py") == {"a/x": ["1"], "b/x": ["2"]}


def test_a_file_whose_name_looks_like_a_pattern(here: Path) -> None:
    (here / "x[1].txt").write_text("a\n")
    assert contents("x[1].txt") == {"x[1]": ["a"]}


def test_a_document_never_spans_two_files(here: Path) -> None:
    write(here, {"d/a.txt": "1\n2\n", "d/b.txt": "3\n" * 17})
    (part,) = read_corpus(["x=d"])
    assert [len(document) for document in part.documents()] == [2, 16, 1]
    assert part.n_bytes == 4 + 34


def test_empty_files_of_a_slice_hold_no_document(here: Path) -> None:
    write(here, {"d/p/__init__.py": "", "d/p/a.py": "a = 1"})
    (part,) = read_corpus(["d"])
    assert list(part.documents()) == [("a = 1",)]
    assert part.n_documents == 1
    (part,) = read_corpus(["d"], ReadOptions(parallel=True))
    assert part.n_documents == len(list(part.documents()))
    # A byte order mark alone is no text either, which the size does not tell.
    (here / "d" / "p" / "b.py").write_bytes(b"\xef\xbb\xbf")
    (part,) = read_corpus(["d"])
    assert list(part.documents()) == [("a = 1",)]
    assert part.n_documents is None


def test_slices_travel_to_other_processes(here: Path) -> None:
    write(here, {"a.txt": "a\n", "b.py": "b", "c.csv": "text\nc\n"})
    for part in read_corpus(["a.txt", "b.py", "c.csv"]):
        again = pickle.loads(pickle.dumps(part))  # noqa: S301 - our own bytes
        assert list(again.documents()) == list(part.documents())
        assert [chunk.sha256 for chunk in chunks(again)] == [c.sha256 for c in chunks(part)]


@pytest.mark.parametrize(
    ("arguments", "message", "hint"),
    [
        (["a/tr.txt", "b/tr.txt"], "two slices are called 'tr': a/tr.txt and b/tr.txt", "tr2=b"),
        (["x=a/tr.txt", "x=b/tr.txt"], "two slices are called 'x'", "x2=b/tr.txt"),
        (["a/tr.txt", "a"], "two slices are called 'tr'", "tr2=a/tr.txt"),
        (["all=a/tr.txt"], "called 'all'", "another name"),
        (["a\tb=a/tr.txt"], "cannot be printed", "letters and digits"),
        (["-", "x=-"], "standard input can be read only once", "save its text to a file"),
    ],
)
def test_names_that_cannot_stand(here: Path, arguments: list[str], message: str, hint: str) -> None:
    write(here, {"a/tr.txt": "a\n", "b/tr.txt": "b\n"})
    error = failure(*arguments, kind=UsageError)
    assert message in error.message
    assert hint in error.hint


@pytest.mark.parametrize(
    ("argument", "message", "hint"),
    [
        ("data/tr.tx", "data/tr.tx: no such file or folder", "did you mean data/tr.txt?"),
        ("data/TR.TXT", "no such file", "did you mean data/tr.txt?"),
        ("data/tr.jsonl", "no such file", "did you mean data/tr.txt?"),
        ("dta/tr.txt", "there is no folder dta", "did you mean data?"),
        ("x=data/tr.tx", "data/tr.tx: no such", "did you mean data/tr.txt?"),
        ("data/tr.txt/more", "no such file", ""),
        ("zzzzzz", "zzzzzz: no such file or folder", "check the path"),
        ("data/*.jsonl", "data/*.jsonl: matches no file", "quote it"),
        ("nowhere/**/*.txt", "matches no file", ""),
        ("empty", "empty: no text file", "put text"),
        ("x=empty", "empty: no text file", "put text"),
        ("partly", "partly/gone: no text file", ""),
        ("", "is empty", ""),
        ("a\0b", "not a path", "that exists"),
        ("data/t**/x", "malformed pattern", "`**` as a whole part"),
    ],
)
def test_a_place_where_nothing_is(here: Path, argument: str, message: str, hint: str) -> None:
    write(here, {"data/tr.txt": "a\n", "data/en.txt": "b\n", "partly/a.txt": "a\n"})
    (here / "partly" / "gone").mkdir()
    (here / "empty").mkdir()
    (here / "empty" / "photo.jpg").write_bytes(b"\xff\xd8")
    (here / "empty" / ".hidden").write_text("a")
    error = failure(argument)
    assert message in error.message
    assert hint in error.hint


def test_a_link_to_nothing_is_not_passed_over(here: Path) -> None:
    write(here, {"d/en.txt": "a\n"})
    (here / "d" / "tr.txt").symlink_to("gone.txt")
    assert "tr.txt: a link to nothing" in failure("d").message


def test_a_slice_of_two_kinds_needs_a_unit(here: Path) -> None:
    write(here, {"d/a.py": "a\nb\n", "d/readme.txt": "c\n", "d/z.csv": "text\nd\n"})
    assert "mixes kinds" in failure("x=d", kind=UsageError).message
    (here / "d" / "z.csv").unlink()
    assert "--unit" in failure("x=d", kind=UsageError).hint
    assert contents("x=d", unit="line") == {"x": ["a", "b", "c"]}
    assert contents("x=d", unit="file") == {"x": ["a\nb\n", "c\n"]}


@pytest.mark.parametrize(
    ("argument", "options", "message"),
    [
        ("a.txt", {"unit": "lnies"}, "there is no unit 'lnies'"),
        ("a.txt", {"unit": "record"}, "has no records"),
        ("c.csv", {"unit": "lines"}, "the unit of a csv file is record"),
        ("a.txt", {"field": "text"}, "--field text has no effect"),
    ],
)
def test_options_that_do_not_fit(
    here: Path, argument: str, options: dict[str, str], message: str
) -> None:
    write(here, {"a.txt": "a\n", "c.csv": "text\na\n"})
    assert message in failure(argument, kind=UsageError, **options).message


class TestStandardInput:
    @staticmethod
    def pipe(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))

    def test_is_read_as_often_as_needed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pipe(monkeypatch, b"bir\r\niki\n")
        (part,) = read_corpus(["-"])
        assert part.name == "stdin"
        assert part.unit == "lines"
        assert texts(part) == ["bir", "iki"] == texts(part)

    def test_holds_records_when_a_field_is_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.pipe(monkeypatch, b'{"body": "a", "id": "b"}\n')
        assert contents("tr=-", field="body") == {"tr": ["a"]}

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"", "no text in standard input"),
            (b"a\n\xff", "standard input:2: not UTF-8"),
            (gzip.compress(b"a"), "standard input: not text but gzip data"),
        ],
    )
    def test_is_called_by_its_name(
        self, monkeypatch: pytest.MonkeyPatch, content: bytes, message: str
    ) -> None:
        self.pipe(monkeypatch, content)
        assert message in failure("-").message

    def test_may_be_closed(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "stdin", None)
        assert "closed" in failure("-", kind=UsageError).message

    def test_leaves_no_file_behind(self, tmp_path: Path) -> None:
        program = (
            "from tokeval.loaders.corpora import read_corpus\n"
            "part, = read_corpus(['-'])\n"
            "assert list(part.documents()) == [('a', 'b')] == list(part.documents())\n"
            "import os, tempfile; assert os.listdir(tempfile.gettempdir())\n"
        )
        environment = {**os.environ, "TMPDIR": str(tmp_path)}
        subprocess.run(
            [sys.executable, "-c", program], input=b"a\nb\n", env=environment, check=True
        )
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
    def test_a_named_pipe_is_read_once_and_kept(self, here: Path) -> None:
        os.mkfifo(here / "p")
        writer = threading.Thread(target=(here / "p").write_text, args=("a\nb\n",))
        writer.start()
        (part,) = read_corpus(["x=p"])
        writer.join()
        assert texts(part) == ["a", "b"] == texts(part)


class TestUrls:
    @pytest.fixture(autouse=True)
    def memory(self) -> Iterator[None]:
        """A few files in fsspec's memory, and none afterwards."""
        files = {
            "d/tr.txt": b"bir\n",
            "d/en.jsonl.gz": gzip.compress(b'{"text": "one"}\n'),
            "d/py/a.py": b"a",
            "d/py/b/c.py": b"c",
            "d/.hidden.txt": b"no",
        }
        system = fsspec.filesystem("memory")
        for path, content in files.items():
            system.pipe_file("/corpus/" + path, content)
        yield
        system.rm("/corpus", recursive=True)

    def test_files_folders_and_patterns(self) -> None:
        whole = {"tr": ["bir"], "en": ["one"], "py": ["a", "c"]}
        assert contents("memory://corpus/d") == whole
        assert contents("memory://corpus/d/tr.txt") == {"tr": ["bir"]}
        assert contents("x=memory://corpus/d/*.gz") == {"x": ["one"]}
        assert contents("memory://corpus/**/*.py") == {"a": ["a"], "c": ["c"]}
        (part,) = read_corpus(["memory://corpus/d/tr.txt"])
        assert (part.n_bytes, part.source) == (4, "memory://corpus/d/tr.txt")

    def test_file_urls_and_chains(self, here: Path) -> None:
        write(here, {"d/tr.txt": "bir\n"})
        assert contents(f"file://{here}/d/*.txt") == {"tr": ["bir"]}
        assert contents(f"file://{here}/d") == {"tr": ["bir"]}
        with zipfile.ZipFile(here / "x.zip", "w") as archive:
            archive.writestr("a/de.txt", "eins\n")
        assert contents(f"zip://a/*.txt::file://{here}/x.zip") == {"de": ["eins"]}
        assert contents(f"zip://a/de.txt::file://{here}/x.zip") == {"de": ["eins"]}
        (here / "y.zip").write_bytes(b"PK\x03\x04 and then nothing")
        assert "cannot be read" in failure(f"zip://a/*.txt::file://{here}/y.zip").message

    @pytest.mark.parametrize(
        ("url", "message", "hint"),
        [
            ("memory://corpus/d/tr.tx", "no such file", "did you mean memory://corpus/d/tr.txt?"),
            ("memory://corpus/d/*.csv", "matches no file", ""),
            ("https://example.org/tr.txt", "https is a download", "--allow-download"),
            ("simplecache::s3://bucket/tr.txt", "s3 is a download", "--allow-download"),
            ("hf://datasets/a/b/c.txt", "hf is a download", "--allow-download"),
        ],
    )
    def test_what_is_not_there_or_not_allowed(self, url: str, message: str, hint: str) -> None:
        error = failure(url)
        assert message in error.message
        assert hint in error.hint

    def test_an_unknown_protocol(self) -> None:
        error = failure("nonsense://x.txt", kind=UsageError, allow_download=True)
        assert "nonsense" in error.message


class TestParallel:
    def test_equal_slices_pass(self, here: Path) -> None:
        write(here, {"tr.txt": "a\nb\n" * 20, "en.txt": "c\nd\n" * 20})
        (here / "de.csv").write_text("text\n" + "e\n" * 40)
        slices = read_corpus(["tr.txt", "en.txt", "de.csv"], ReadOptions(parallel=True))
        check_parallel(slices)
        assert [len(document) for document in slices[0].documents()] == [16, 16, 8]

    def test_other_counts_name_both_slices(self, here: Path) -> None:
        write(here, {"tr.txt": "a\n" * 20, "en.txt": "c\n" * 20, "de.txt": "c\n" * 21})
        slices = read_corpus(["tr.txt", "en.txt", "de.txt"], ReadOptions(parallel=True))
        with pytest.raises(TokevalError, match="'tr' and 'de' are not parallel: 20 and 21 texts"):
            check_parallel(slices)

    @pytest.mark.parametrize("unit", ["lines", "line"])
    def test_an_empty_line_is_named(self, here: Path, unit: str) -> None:
        write(here, {"tr.txt": "a\n" * 36, "en.txt": "c\n" * 18 + "\r\n" + "c\n" * 17})
        write(here, {"de.txt": "c\n" * 33 + "\n" + "c\n" * 2})
        options = ReadOptions(parallel=True, unit=unit)
        with pytest.raises(TokevalError) as caught:
            check_parallel(read_corpus(["tr.txt", "de.txt", "en.txt"], options))
        assert "slice 'en': line 19 of en.txt is empty" in caught.value.message
        assert caught.value.hint == "drop this line from every slice"

    def test_an_empty_record_is_named(self, here: Path) -> None:
        write(
            here, {"tr.jsonl": '{"text": "a"}\n' * 2, "en.jsonl": '{"text": "a"}\n{"text": ""}\n'}
        )
        with pytest.raises(TokevalError, match=r"record 2 of en\.jsonl is empty"):
            check_parallel(read_corpus(["tr.jsonl", "en.jsonl"], ReadOptions(parallel=True)))

    def test_a_language_code_that_is_a_code_suffix_is_explained(self, here: Path) -> None:
        write(here, {"corpus.fi": "a\nb\n", "corpus.cs": "c\nd\n"})
        with pytest.raises(TokevalError) as caught:
            check_parallel(read_corpus(["corpus.fi", "corpus.cs"], ReadOptions(parallel=True)))
        assert "set --unit line" in caught.value.hint
        check_parallel(read_corpus(["corpus.fi", "corpus.cs"], ReadOptions(unit="line")))

    def test_one_slice_is_not_parallel_to_itself(self, here: Path) -> None:
        write(here, {"tr.txt": "a\n"})
        with pytest.raises(UsageError, match="only 'tr' is given"):
            check_parallel(read_corpus(["tr.txt"]))
        with pytest.raises(UsageError, match="none is given"):
            check_parallel([])


def test_reading_a_corpus_imports_nothing_heavy(here: Path) -> None:
    write(here, {"a.txt": "a\n", "b.jsonl": '{"text": "b"}\n'})
    program = (
        "import sys\n"
        "from tokeval.loaders.corpora import read_corpus\n"
        "for part in read_corpus(['a.txt', 'b.jsonl']): list(part.documents())\n"
        "heavy = {'datasets', 'pyarrow', 'fsspec', 'numpy', 'icu', 'zstandard'}\n"
        "assert not heavy & sys.modules.keys(), heavy & sys.modules.keys()\n"
    )
    subprocess.run([sys.executable, "-c", program], cwd=here, check=True)
