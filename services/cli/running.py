"""From errors to exit codes: what `c2c` on the host and the vault's own commands share."""

from __future__ import annotations

from typing import Any

import typer
from rich.markup import escape
from typer.exceptions import TyperException

from enclave.core.errors import EnclaveError
from services.cli.output import say


def run(application: Any, arguments: list[str] | None = None) -> int:
    """The exit code of a Typer application: 0 done, 1 does not hold, 2 could not run."""
    try:
        code = application(args=arguments, standalone_mode=False)
    except EnclaveError as problem:
        say(f"[bold red]{escape(problem.message)}[/] {escape(problem.advice)}")
        return problem.exit_code
    except typer.Exit as stop:
        return stop.exit_code
    except TyperException as problem:
        say(problem.format_message())
        return 2
    except (typer.Abort, KeyboardInterrupt):
        return 130
    return code if isinstance(code, int) else 0
