"""Names in configuration files: sections of commands and keys of options, others refused."""

from __future__ import annotations

import difflib
from typing import Any

from tokeval.cli.default_command import DEFAULT
from tokeval.cli.settings_values import value_kind
from tokeval.config import ConfigFile
from tokeval.errors import UsageError

RULES = "gate"
"""The array of tables with the rules of the gate, which is read by the gate alone."""

SECTIONS = {RULES: "gate-options"}
"""Commands whose section is called otherwise."""

NOT_SETTINGS = frozenset(("help", "show-settings"))
_SECRETS = frozenset(("api-key", "apikey", "key", "token", "hf-token", "password", "secret"))


def key_of(parameter: Any) -> str:
    """The key of a parameter in files: its longest option, or the name of the argument."""
    names = [parameter.name] if parameter.param_type_name == "argument" else parameter.opts
    return str(max(names, key=len)).lstrip("-").replace("_", "-")


def parameter_of(command: Any, key: str) -> Any:
    """The parameter of a command that a key sets; `None` where there is none."""
    wanted = key.replace("_", "-")
    for parameter in command.params:
        if key_of(parameter) == wanted and wanted not in NOT_SETTINGS:
            return parameter
    return None


def check_names(file: ConfigFile, root: Any) -> None:
    """Checks every section and key of a file against the commands there are.

    Raises:
        UsageError: the first one that no command has, or a key twice.
    """
    rules = file.tables.get(RULES, [])
    if not isinstance(rules, list):
        raise UsageError(
            f"{file.origin(RULES)}: {RULES} holds the rules, each of them a table [[{RULES}]]",
            f"write the options of `tokeval {RULES}` under [{SECTIONS[RULES]}]",
        )
    _check_section(file, root)


def _check_section(file: ConfigFile, command: Any, names: tuple[str, ...] = ()) -> None:
    """Checks a table of a file against the command it is about, and those inside likewise.

    Args:
        file: the file.
        command: a command, or a group, the root group first.
        names: of the table, from the outside in.

    Raises:
        UsageError: a section or a key that no command has, or a key twice.
    """
    table: Any = file.tables
    for name in names:
        table = table[name]
    groups = {
        SECTIONS.get(name, name) if not names else name: inner
        for name, inner in getattr(command, "commands", {}).items()
        if name != DEFAULT
    }
    owner = getattr(command, "commands", {}).get(DEFAULT, command) if names else None
    keys = [key_of(one) for one in owner.params] if owner is not None else []
    seen: set[str] = set()
    for key, value in table.items():
        place, spelled = f"{file.origin(*names, key)}", key.replace("_", "-")
        if key == RULES and not names:
            continue
        if key in groups and isinstance(value, dict):
            _check_section(file, groups[key], (*names, key))
        elif key in groups:
            section = ".".join((*names, key))
            raise UsageError(
                f"{place}: {section} is a section, not {value_kind(value)}",
                f"write [{section}] once, with a setting on each line below it",
            )
        elif owner is None or parameter_of(owner, key) is None:
            _refuse(key, names, place, [*keys, *groups], is_root=not names)
        elif spelled in seen:
            raise UsageError(
                f"{place}: {spelled} is set twice in [{'.'.join(names)}]", "keep one of them"
            )
        seen.add(spelled)


def _refuse(
    key: str, names: tuple[str, ...], place: str, known: list[str], *, is_root: bool
) -> None:
    """Raises the UsageError for a key that nothing has."""
    section = f"[{'.'.join(names)}]"
    spelled = key.replace("_", "-").lower()
    if spelled in _SECRETS:
        raise UsageError(
            f"{place}: {key}: keys and passwords are never read from a file",
            'put it into an environment variable and name that: api-key-env = "OPENAI_API_KEY"',
        )
    settings = [one for one in known if one not in NOT_SETTINGS]
    if spelled.startswith("no-") and spelled[3:] in settings:
        hint = f"write {spelled[3:]} = false"
    else:
        near = difflib.get_close_matches(spelled, settings, n=1)
        hint = f"did you mean {near[0]}?" if near else f"there are: {', '.join(settings)}"
    if is_root:
        what = f"there is no section [{key}]; a section has the name of a command"
    else:
        what = f"{section} has no setting {key!r}"
    raise UsageError(f"{place}: {what}", hint)
