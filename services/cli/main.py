"""`c2c`: one command, grouped by what is worked on. A group's module is imported when it is used."""

from __future__ import annotations

import importlib
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from services.cli.running import run

# name → (module, sentence); a module offers `app`, a Typer application
COMMANDS: dict[str, tuple[str, str]] = {
    "doctor": ("services.cli.doctor", "What is wrong with this enclave, and the mend."),
    "demo": ("services.cli.demo", "Fill the demonstration and get tokens for it."),
    "synth": ("services.cli.synth", "Make synthetic provider files."),
    "keys": ("services.cli.keys", "Make the services' signing keys."),
    "db": ("services.cli.db", "Migrate the application database."),
    "vault": ("services.cli.vault_host", "Intake, yearly match and its report, in the vault's own container."),
    "editions": ("services.cli.editions_host", "Publish and list editions."),
    "agreement": ("services.cli.agreement", "Participation agreements with data providers."),
    "request": ("services.cli.request", "Data requests."),
    "project": ("services.cli.project", "Projects and their members."),
    "extract": ("services.cli.extract", "Extracts: build, show, verify, revoke, destroy."),
    "user": ("services.cli.user", "People: add, show, suspend, reinstate, training."),
    "image": ("services.cli.image", "Packages by an approved list, the images that hold them, and pins."),
    "session": ("services.cli.session", "Running sandboxes: list and stop."),
    "job": ("services.cli.job", "Researchers' notebooks that run as jobs: list and cancel."),
    "assistance": ("services.cli.assistance", "Break-glass: reading in a stuck researcher's workspace."),
    "budget": ("services.cli.budget", "Privacy budgets: show and grant."),
    "dp": ("services.cli.dp", "Private answers: audit the mechanism, see what is spent."),
    "audit": ("services.cli.audit", "The audit trail: list, verify, export."),
    "policy": ("services.cli.policy", "Disclosure policy packs."),
    "check": ("services.cli.check", "Disclosure checks on finished files."),
    "suppress": ("services.cli.suppress", "Hide small counts with proof that they stay hidden."),
    "review": ("services.cli.review", "Output review and release records."),
    "reply": ("services.cli.reply", "Checkers' saved replies."),
    "inbox": ("services.cli.inbox", "What a person was told, mail, and being away."),
    "import": ("services.cli.imports", "Code, files of packages and public data that come into labs."),
    "veto": ("services.cli.veto", "Providers' vetoes of releases, and what they cost."),
    "publication": ("services.cli.publication", "Publications that go to the providers for comment."),
    "known-totals": ("services.cli.known_totals", "Totals that agencies have published."),
    "reference": ("services.cli.reference", "The reference shelf in every sandbox: list, build, load."),
    "report": ("services.cli.report", "Registered reports."),
}


class LazyGroup(TyperGroup):
    """Imports a sub-command's module only when it is asked for, so that every command starts quickly."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in COMMANDS:
            return None
        module, sentence = COMMANDS[cmd_name]
        command = typer.main.get_command(importlib.import_module(module).app)
        command.name, command.short_help = cmd_name, sentence
        return command


app = typer.Typer(cls=LazyGroup, no_args_is_help=True, add_completion=False, help="The C2C research enclave.")


@app.callback()
def _root() -> None:
    """The C2C research enclave."""


def main(arguments: list[str] | None = None) -> None:
    """Run `c2c`; errors of ours become a sentence on standard error and their exit code."""
    sys.exit(run(app, arguments))


if __name__ == "__main__":
    main()
