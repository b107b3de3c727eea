"""Outputs: refused before the work, written whole or not at all, and never in place of an input."""

import os
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from tokeval.cli.output import check_outputs, check_writable, write_atomically
from tokeval.errors import ExitCode, TokevalError, UsageError

only_unprivileged = pytest.mark.skipif(
    os.name != "posix" or os.geteuid() == 0, reason="permission bits do not bind root"
)


def refused(path: Path) -> TokevalError:
    """The error of both functions, which must agree, for a path that cannot be written."""
    with pytest.raises(TokevalError) as checked:
        check_writable(path)
    with pytest.raises(TokevalError) as written:
        write_atomically(path, b"x")
    for error in (checked.value, written.value):
        assert error.code == ExitCode.UNREADABLE
        assert str(path) in error.message
        assert error.hint
        assert "\n" not in str(error)
    return checked.value


def test_a_missing_folder_is_named_with_the_command_that_makes_it(tmp_path: Path) -> None:
    error = refused(tmp_path / "no" / "such" / "report.html")
    assert error.message.endswith(f"there is no folder {tmp_path / 'no' / 'such'}")
    assert error.hint == f"create it with `mkdir -p {tmp_path / 'no' / 'such'}`"
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "it is a folder" in refused(tmp_path).message


def test_a_parent_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "is a file, not a folder" in refused(tmp_path / "file" / "report.html").message


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="there is no /proc here")
def test_a_folder_that_takes_no_files_even_from_root() -> None:
    refused(Path("/proc/self/report.json"))


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    refused(tmp_path / ("x" * 300))


def test_a_name_with_a_nul_byte(tmp_path: Path) -> None:
    with pytest.raises(TokevalError, match="cannot write"):
        check_writable(tmp_path / "a\0b")


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    refused(tmp_path / "a")


@only_unprivileged
def test_a_read_only_folder(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    try:
        refused(tmp_path / "report.json")
    finally:
        tmp_path.chmod(0o700)


@only_unprivileged
def test_a_write_protected_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    path.chmod(0o400)
    assert "write-protected" in refused(path).message
    assert path.read_text() == "old"


def test_checking_changes_nothing(tmp_path: Path) -> None:
    old = tmp_path / "old.json"
    old.write_text("old")
    before = old.stat().st_mtime_ns
    check_writable(old)
    check_writable(tmp_path / "new.json")
    check_writable(Path("-"))
    assert [path.name for path in tmp_path.iterdir()] == ["old.json"]
    assert (old.read_text(), old.stat().st_mtime_ns) == ("old", before)


def test_text_is_written_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    write_atomically(path, "ä\r\n\n")
    assert path.read_bytes() == "ä\r\n\n".encode()
    write_atomically(path, b"\xff\x00")
    assert path.read_bytes() == b"\xff\x00"
    write_atomically(path, "name\udc80")
    assert path.read_bytes() == rb"name\udc80"


def test_a_new_file_has_the_permissions_of_any_new_file(tmp_path: Path) -> None:
    plain = tmp_path / "plain"
    plain.write_text("x")
    write_atomically(tmp_path / "new", "x")
    assert (tmp_path / "new").stat().st_mode == plain.stat().st_mode


def test_an_old_file_keeps_its_permissions(tmp_path: Path) -> None:
    path = tmp_path / "secret.json"
    path.write_text("old")
    path.chmod(0o640)
    write_atomically(path, "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert path.read_text() == "new"


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.json", tmp_path / "link.json"
    target.write_text("old")
    link.symlink_to(target.name)
    write_atomically(link, "new")
    assert link.is_symlink()
    assert target.read_text() == "new"


@pytest.mark.parametrize("wrong", [OSError(28, "No space left on device"), KeyboardInterrupt()])
@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_nothing_half_written_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, wrong: BaseException, moment: str
) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")

    def fail(*_: object) -> None:
        raise wrong

    monkeypatch.setattr(os, moment, fail)
    expected = TokevalError if isinstance(wrong, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as raised:
        write_atomically(path, "new" * 1000)
    if isinstance(raised.value, TokevalError):
        assert raised.value.message == f"cannot write {path}: No space left on device"
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["report.json"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_pipe_is_written_to_and_not_replaced(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    check_writable(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    write_atomically(pipe, "through")
    assert reader.communicate(timeout=10)[0] == b"through"
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="there is no /dev/fd here")
def test_a_pipe_that_only_a_descriptor_names() -> None:
    reader, writer = os.pipe()
    path = Path(f"/dev/fd/{writer}")  # what `--json >(jq .)` passes
    check_writable(path)
    write_atomically(path, "through")
    os.close(writer)
    assert os.read(reader, 100) == b"through"
    os.close(reader)


@pytest.mark.skipif(not Path("/dev/stdout").exists(), reason="there is no /dev/stdout here")
def test_dev_stdout_is_stdout_even_when_it_is_a_file(tmp_path: Path) -> None:
    code = (
        "from pathlib import Path\n"
        "from tokeval.cli.output import *\n"
        "print('first')\n"
        "check_writable(Path('/dev/stdout'))\n"
        "write_atomically(Path('/dev/stdout'), 'second\\n')\n"
        "print('third')\n"
    )
    with (tmp_path / "out").open("w") as out:
        run_with_stdout(code, out.fileno())
    assert (tmp_path / "out").read_text() == "first\nsecond\nthird\n"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_device_is_reported_in_one_line() -> None:
    with pytest.raises(TokevalError, match="cannot write /dev/full: No space left on device"):
        write_atomically(Path("/dev/full"), "x")


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="this system has no sockets in folders")
def test_a_socket_is_not_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        with pytest.raises(TokevalError):
            write_atomically(Path("socket"), "x")
        assert stat.S_ISSOCK(Path("socket").stat().st_mode)


def test_a_dash_is_stdout(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_atomically(Path("-"), "ä\n")
    write_atomically(Path("-"), b"\xff")
    assert capfdbinary.readouterr().out == b"\xc3\xa4\n\xff"


def run_with_stdout(code: str, stdout: int) -> subprocess.CompletedProcess[str]:
    """A Python program in its own process, with its stdout there."""
    return subprocess.run(
        [sys.executable, "-c", code], stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=30
    )


WRITES_MUCH = (
    "from pathlib import Path\n"
    "from tokeval.cli.output import write_atomically\n"
    "write_atomically(Path('-'), 'x' * 10_000_000)\n"
    "write_atomically(Path('-'), 'y' * 10)\n"
)


def test_a_reader_who_has_gone_away_is_no_error() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = run_with_stdout(WRITES_MUCH, writer)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_stdout_is_reported() -> None:
    with Path("/dev/full").open("w") as full:
        done = run_with_stdout(WRITES_MUCH, full.fileno())
    assert "TokevalError: cannot write stdout: No space left on device" in done.stderr


def test_two_options_may_not_write_one_file(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    same = {"--json": tmp_path / "r", "--html": tmp_path / "sub" / ".." / "r"}
    with pytest.raises(UsageError, match="--json and --html both write") as raised:
        check_outputs(same)
    assert raised.value.code == ExitCode.USAGE
    with pytest.raises(UsageError, match="--json and --csv both write -"):
        check_outputs({"--json": Path("-"), "--csv": Path("-")})


def test_an_input_is_never_overwritten(tmp_path: Path) -> None:
    text, link = tmp_path / "corpus.txt", tmp_path / "link.txt"
    text.write_text("precious")
    link.symlink_to(text)
    with pytest.raises(UsageError, match=r"--json .* would overwrite the input"):
        check_outputs({"--json": link}, [text])


def test_good_outputs_pass_and_bad_ones_are_refused_beside_them(tmp_path: Path) -> None:
    good = {"--json": Path("-"), "--html": tmp_path / "r.html"}
    check_outputs(good, [tmp_path / "corpus.txt", Path("-")])
    with pytest.raises(TokevalError, match="there is no folder"):
        check_outputs({**good, "--csv": tmp_path / "no" / "r.csv"})
