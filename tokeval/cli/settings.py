"""Settings of commands from files and the environment, checked, and told with `--show-settings`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from tokeval.cli.settings_names import (
    NOT_SETTINGS,
    SECTIONS,
    check_names,
    key_of,
    parameter_of,
)
from tokeval.cli.settings_values import is_same_kind, nameable, resolved, spelled, words_of, written
from tokeval.config import (
    ConfigFile,
    Configuration,
    Setting,
    environment_name,
    read_configuration,
)
from tokeval.errors import UsageError

CommandLineError: type[Exception] = next(
    kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException"
)
"""What the parser raises; typer brings its own click in some versions and uses click in others."""

SHOW = "--show-settings"
_CONFIGURATION = "tokeval.configuration"
_SHOWN = "tokeval.show_settings"
_KEY_VARIABLE = "api-key-env"

Settings = dict[str, Setting]


def configure(context: Any, chosen: Path | None, *, show: bool) -> None:
    """Reads the configuration and keeps it for the command that is about to be parsed.

    Raises:
        UsageError: a file cannot be read, or sets what no command has.
    """
    configuration = read_configuration(chosen)
    for file in configuration.files:
        check_names(file, context.command)
    context.meta[_CONFIGURATION] = configuration
    context.meta[_SHOWN] = show


def make_configurable(app: typer.Typer) -> None:
    """Lets every command of an app take its options from files and the environment."""
    for command in app.registered_commands:
        if command.cls in (None, TyperCommand):
            command.cls = ConfiguredCommand
    for group in app.registered_groups:
        if group.typer_instance is not None:
            make_configurable(group.typer_instance)


class ConfiguredCommand(TyperCommand):
    """A command whose options and arguments may stand in files and in the environment."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        for parameter in self.params:
            parameter.show_envvar = False  # type: ignore[attr-defined] # options and arguments have it
            if getattr(parameter, "multiple", False) or parameter.nargs != 1:
                _cut_at_spaces(parameter)
        self.params = [*self.params, _show_option()]

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the command line on top of the environment and the files.

        Raises:
            UsageError: a file or a variable gives an option a value that it cannot have.
        """
        if ctx.resilient_parsing:
            return super().parse_args(ctx, args)
        path = _path(ctx)
        asked = args[: args.index("--")] if "--" in args else args
        if SHOW in asked:
            ctx.meta[_SHOWN] = True
        for parameter in self.params:
            if key_of(parameter) not in NOT_SETTINGS and parameter.envvar is None:
                parameter.envvar = environment_name(*path, key_of(parameter))
            if ctx.meta.get(_SHOWN):
                parameter.required = False
        ctx.default_map = {
            name: _usable(ctx, self._parameter(name), setting)
            for name, setting in self.configured(ctx).items()
        }
        try:
            return super().parse_args(ctx, args)
        except CommandLineError as error:
            refused = getattr(error, "param", None)
            if refused is not None and _source(ctx, refused) == "ENVIRONMENT":
                problem = getattr(error, "message", str(error)).rstrip(".")
                raise UsageError(
                    f"{_variable(ctx, refused)}: {problem}", f"see `{ctx.command_path} --help`"
                ) from error
            raise

    def invoke(self, ctx: Any) -> Any:
        """Runs the command, or tells its settings where that was asked for."""
        if not ctx.meta.get(_SHOWN):
            return super().invoke(ctx)
        from tokeval.cli.settings_table import settings_table

        files = ctx.meta.get(_CONFIGURATION, Configuration()).files
        rows = [
            (key_of(one), ctx.params.get(one.name), self._told(ctx, one))
            for one in self.params
            if key_of(one) not in NOT_SETTINGS
        ]
        known = {_variable(ctx, one) for one in self.params}
        command = " ".join(ctx.command_path.split())
        typer.echo(
            settings_table(
                command, rows, files, prefix=environment_name(*_path(ctx)) + "_", known=known
            )
        )
        return None

    def configured(self, ctx: Any) -> Settings:
        """What the files say about this command, by the name of the parameter."""
        found: Settings = {}
        configuration: Configuration = ctx.meta.get(_CONFIGURATION, Configuration())
        for file in configuration.files:
            table, names = _table(file, _path(ctx))
            own = {}
            for key, value in table.items():
                parameter = parameter_of(self, key)
                if parameter is not None:
                    own[parameter.name] = Setting(value, file.origin(*names, key), key)
            found = own | found
        return found

    def _parameter(self, name: str) -> Any:
        """The parameter of a name."""
        return next(one for one in self.params if one.name == name)

    def _told(self, ctx: Any, parameter: Any) -> str:
        """Where the value of a parameter comes from, in words."""
        source = _source(ctx, parameter)
        if source == "ENVIRONMENT":
            return _variable(ctx, parameter)
        if source == "DEFAULT_MAP":
            return str(self.configured(ctx)[parameter.name].origin)
        return "command line" if source == "COMMANDLINE" else "default"


def _cut_at_spaces(parameter: Any) -> None:
    """Lets a repeatable option take the words of its variable; the parser cuts paths at colons."""

    def value_from_envvar(ctx: Any) -> list[str] | None:
        text = parameter.resolve_envvar_value(ctx)
        try:
            return None if text is None else words_of(text)
        except ValueError as error:
            raise UsageError(
                f"{_variable(ctx, parameter)} has a double quote that is not closed: {text}",
                'write "..." around what has spaces',
            ) from error

    parameter.value_from_envvar = value_from_envvar


@cache
def _show_option() -> Any:
    """The option itself; made by typer, whose classes differ between versions."""

    def shown(
        show_settings: bool = typer.Option(
            False,
            SHOW,
            expose_value=False,
            show_envvar=False,
            help="Say what each option is and where that comes from; measure nothing.",
        ),
    ) -> None:
        """Nothing."""

    app = typer.Typer(add_completion=False)
    app.command()(shown)
    return typer.main.get_command(app).params[0]


def _path(ctx: Any) -> tuple[str, ...]:
    """The names of a command, from the outside in; a default command has none of its own."""
    names: list[str] = []
    while ctx.parent is not None:
        names.append(ctx.info_name or "")
        ctx = ctx.parent
    return tuple(name for name in reversed(names) if name)


def _variable(ctx: Any, parameter: Any) -> str:
    """The environment variable of a parameter."""
    return environment_name(*_path(ctx), key_of(parameter))


def _source(ctx: Any, parameter: Any) -> str:
    """Where the parser found a value, as click calls it."""
    return str(getattr(ctx.get_parameter_source(parameter.name), "name", ""))


def _usable(ctx: Any, parameter: Any, setting: Setting) -> Any:
    """What the parser is given for a setting, once it would take it.

    Raises:
        UsageError: the setting has the wrong type, or a value that the option cannot have.
    """
    key = f"{setting.origin}: {setting.key}"
    value = written(setting, parameter)
    if key_of(parameter) == _KEY_VARIABLE and not nameable(value):
        raise UsageError(
            f"{key} must name an environment variable, and what stands there is no such name",
            "keep the API key in a variable and write its name, as OPENAI_API_KEY",
        )
    try:
        taken = parameter.process_value(ctx, spelled(value))
    except CommandLineError as error:
        problem = getattr(error, "message", str(error)).rstrip(".")
        raise UsageError(f"{key}: {problem}", f"see `{ctx.command_path} --help`") from error
    except UsageError as error:
        raise UsageError(f"{key}: {error.message}", error.hint) from error
    pairs = zip(value, taken, strict=True) if isinstance(value, list) else [(value, taken)]
    for one, converted in pairs:
        if not is_same_kind(one, converted):
            kinds = {str: "text in quotes", int: "a whole number", float: "a number"}
            wanted = kinds.get(type(converted), "text in quotes")
            raise UsageError(
                f"{key} = {one!r} is not of the kind of --{key_of(parameter)}",
                f"write {wanted} there",
            )
    folder = setting.origin.path.parent
    if isinstance(value, list):
        return [resolved(one, parameter, folder) for one in spelled(value)]
    return resolved(spelled(value), parameter, folder)


def _table(file: ConfigFile, path: tuple[str, ...]) -> tuple[Mapping[str, Any], tuple[str, ...]]:
    """The table of a command in a file, and the names that lead to it."""
    names = (SECTIONS.get(path[0], path[0]), *path[1:]) if path else ()
    table: Any = file.tables
    for name in names:
        table = table.get(name, {}) if isinstance(table, Mapping) else {}
    return (table if isinstance(table, Mapping) else {}), names
