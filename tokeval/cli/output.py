"""Writing the files that a command was asked for: checked before any work, whole or not at all."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from tokeval.errors import TokevalError, UsageError

STDOUT = Path("-")

STDOUT_NAMES = frozenset((STDOUT, Path("/dev/stdout"), Path("/dev/fd/1"), Path("/proc/self/fd/1")))
"""Paths that are stdout. Where it goes to a file, moving another file there would lose the rest."""


def check_outputs(outputs: Mapping[str, Path], inputs: Iterable[Path] = ()) -> None:
    """Refuse outputs that cannot be written, that are one file, or that would destroy an input.

    Args:
        outputs: paths by the option that asked for them, such as `--json`.
        inputs: files that the command reads.

    Raises:
        UsageError: two options name one file, or an option names an input.
        TokevalError: as `check_writable`.
    """
    read = {_target(path): path for path in inputs if path not in STDOUT_NAMES}
    taken: dict[Path, str] = {}
    for option, path in outputs.items():
        place = STDOUT if path in STDOUT_NAMES else _target(path)
        if place in taken:
            raise UsageError(
                f"{taken[place]} and {option} both write {path}",
                f"give {option} another path",
            )
        if place in read:
            raise UsageError(
                f"{option} {path} would overwrite the input {read[place]}",
                f"give {option} another path",
            )
        taken[place] = option
        check_writable(path)


def check_writable(path: Path) -> None:
    """Refuse a path that cannot be written, before any work is done for it; `-` is stdout.

    Nothing is changed: that the folder can take a file is tried with a temporary one.

    Raises:
        TokevalError: the folder is missing or takes no files, or the path is a folder or a
            write-protected file.
    """
    if path in STDOUT_NAMES:
        return
    with _reported(path):
        target = _target(path)
        _check_target(path, target)
        if not _is_special(target):
            temporary, descriptor = _create_beside(target)
            os.close(descriptor)
            temporary.unlink()


def write_atomically(path: Path, data: bytes | str) -> None:
    r"""Put the data at the path, whole or not at all; `-` is stdout.

    Text is written as UTF-8 as it is, without newline translation; lone surrogates are written
    as `\udc80`. The data go to a temporary file in the same folder, which then takes the place of
    the old one and keeps its permissions. Symbolic links are followed; devices and pipes are
    written directly. A reader of stdout who has gone away is no error.

    Raises:
        TokevalError: the path cannot be written; an old file is then as it was.
    """
    content = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    with _reported(path):
        if path in STDOUT_NAMES:
            _write_stdout(content)
            return
        target = _target(path)
        _check_target(path, target)
        if _is_special(target):
            target.write_bytes(content)
        else:
            _replace(target, content)


def _replace(target: Path, content: bytes) -> None:
    """Write a temporary file and move it to the target; whatever goes wrong, it does not stay."""
    temporary, descriptor = _create_beside(target)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        _copy_permissions(target, temporary)
        os.replace(temporary, target)  # noqa: PTH105 named as the atomic step, and replaced in tests
    finally:
        # After the move the temporary name is gone; until then, even on Ctrl-C, it is removed.
        temporary.unlink(missing_ok=True)


def _create_beside(target: Path) -> tuple[Path, int]:
    """A new empty file in the target's folder, with the permissions of any new file."""
    temporary = target.with_name(f".tokeval-{secrets.token_hex(8)}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return temporary, os.open(temporary, flags, 0o666)


def _copy_permissions(old: Path, new: Path) -> None:
    """Give the new file the owner and the mode of the old one, where there is one."""
    try:
        status = old.stat()
    except FileNotFoundError:
        return
    if hasattr(os, "chown"):
        # Only root may give files away; a file of one's own stays one's own.
        with suppress(PermissionError):
            os.chown(new, status.st_uid, status.st_gid)
    new.chmod(stat.S_IMODE(status.st_mode))


def _check_target(path: Path, target: Path) -> None:
    """Refuse a folder, a write-protected file, and a file in a folder that is none."""
    folder = target.parent
    if target.is_dir():
        raise TokevalError(
            f"cannot write {path}: it is a folder",
            f"name a file in it, such as {path / 'report'}",
        )
    if target.exists() and not os.access(target, os.W_OK):
        raise TokevalError(
            f"cannot write {path}: the file is write-protected",
            f"allow it with `chmod u+w {path}`, or choose another path",
        )
    if not folder.exists():
        raise TokevalError(
            f"cannot write {path}: there is no folder {folder}",
            f"create it with `mkdir -p {folder}`",
        )
    if not folder.is_dir():
        raise TokevalError(
            f"cannot write {path}: {folder} is a file, not a folder",
            "choose a path in a folder",
        )


def _target(path: Path) -> Path:
    """The file behind symbolic links; what a pipe's link under /dev/fd points to has no path."""
    with _reported(path):
        try:
            return path if _is_special(path) else path.resolve()
        except RuntimeError as error:  # what Python < 3.13 raises for a loop of links
            raise TokevalError(
                f"cannot write {path}: its symbolic links go in a circle", "choose another path"
            ) from error


def _is_special(target: Path) -> bool:
    """Whether it is a device, a pipe or a socket: moving a file there would destroy it."""
    return target.exists() and not target.is_file() and not target.is_dir()


def _write_stdout(content: bytes) -> None:
    """Write bytes to stdout; when its reader has gone, fall silent for good."""
    try:
        sys.stdout.flush()
        stream = getattr(sys.stdout, "buffer", None)
        if stream is None:
            sys.stdout.write(content.decode("utf-8"))
        else:
            stream.write(content)
        sys.stdout.flush()
    except BrokenPipeError:
        # The interpreter flushes stdout when it ends and would complain: give it another reader.
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


@contextmanager
def _reported(path: Path) -> Iterator[None]:
    """Turn what the system says about a path into one line for the user."""
    try:
        yield
    except OSError as error:
        raise TokevalError(
            f"cannot write {'stdout' if path in STDOUT_NAMES else path}: {error.strerror or error}",
            "choose a path in a folder that takes files, on a disk with space left",
        ) from error
    except ValueError as error:
        raise TokevalError(f"cannot write {str(path)!r}: {error}", "choose another path") from error
