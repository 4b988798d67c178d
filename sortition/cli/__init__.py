"""The command line: `sortition check|solve|commit|draw|verify|replace|tables`.

Exit codes: 0 done; 1 not feasible, not proven, not verified, or stopped; 2 bad input.
"""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import click

from sortition.cli.context import JSON
from sortition.errors import InputError, SortitionError
from sortition.files.problems import ProblemsError

COMMANDS = ("check", "solve", "commit", "draw", "verify", "replace", "tables")
NOT_DONE, BAD_INPUT = 1, 2


class _Commands(click.Group):
    """Imports a command's module only when it is used, so that each starts fast."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they are used."""
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name, or None."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"sortition.cli.{cmd_name}").COMMAND
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command; errors raised on purpose become a message on stderr and an exit code."""
        try:
            return super().invoke(ctx)
        except ProblemsError as error:
            if ctx.meta.get(JSON):
                click.echo(json.dumps(error.to_json(), ensure_ascii=False, indent=2))
            click.echo(str(error), err=True)
            sys.exit(BAD_INPUT)
        except InputError as error:
            click.echo(f"Error: {error}", err=True)
            sys.exit(BAD_INPUT)
        except SortitionError as error:
            click.echo(str(error), err=True)
            sys.exit(NOT_DONE)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="sortition-assembly", prog_name="sortition")
def main() -> None:
    """Draw a citizens' assembly: as fair as the quotas allow, provably, and for anyone to check."""
