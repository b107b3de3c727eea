"""The one exception that tokeval raises at its users, and the exit codes of the command line."""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the command line returns to the shell."""

    DONE = 0
    FAILED = 1  # a gate or a probe failed
    USAGE = 2  # the command line or the configuration is wrong
    UNREADABLE = 3  # an input could not be read, or an output not written
    INCOMPARABLE = 4  # runs that must not be compared
    NOTHING_MEASURED = 5  # no cell at all was measured
    BUG = 70  # our own fault
    INTERRUPTED = 130  # Ctrl-C


class TokevalError(Exception):
    """An error that the user can mend.

    Args:
        message: what was wrong with which value, and where (file, line, key); one line.
        hint: the exact remedy; one line, or empty when the message already says it.
        code: what the command line exits with.
    """

    def __init__(
        self, message: str, hint: str = "", *, code: ExitCode = ExitCode.UNREADABLE
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return (_rebuild, (type(self), self.message, self.hint, self.code))


class UsageError(TokevalError):
    """The command line or the configuration asks for something that does not exist."""

    def __init__(self, message: str, hint: str = "", *, code: ExitCode = ExitCode.USAGE) -> None:
        super().__init__(message, hint, code=code)


def _rebuild(kind: type[TokevalError], message: str, hint: str, code: ExitCode) -> TokevalError:
    """The error as it was, on the other side of a process boundary."""
    return kind(message, hint, code=code)
