"""Default command: a group that takes its first command when no other one is named."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

DEFAULT = "measure"
"""Name of the command that needs no name; a file of that name or of a sibling is `./NAME`."""


class DefaultCommandGroup(TyperGroup):
    """`tokeval metrics TOK` runs `DEFAULT`, `tokeval metrics correlate` another command."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Puts the default command before arguments that do not begin with a command."""
        if ctx.resilient_parsing and not args:  # the shell completes the word after the group
            return super().parse_args(ctx, args)
        named = args and args[0] in self.commands and args[0] != DEFAULT
        return super().parse_args(ctx, args if named else [DEFAULT, *args])

    def shell_complete(self, ctx: Any, incomplete: str) -> list[Any]:
        """What may follow the group: its commands, and the options of the default one."""
        default = self.commands[DEFAULT]
        inner = default.make_context("", [], parent=ctx, resilient_parsing=True)
        found = super().shell_complete(ctx, incomplete)
        known = {one.value for one in found}
        more = default.shell_complete(inner, incomplete)
        return found + [one for one in more if one.value not in known]

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command to run; the default one has no name in messages and usage."""
        name, command, rest = super().resolve_command(ctx, args)
        return ("" if name == DEFAULT else name), command, rest
