"""`c2c vault`: each command runs in a container of the vault's image, without a network, and is gone afterwards.

The container sees the vault, the drop and the snapshot (read-only), the folder of events, the editions and its own key:
what the vault zone may see, and nothing of the application.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from enclave.core.errors import NotFound, Unavailable
from enclave.core.settings import get_settings
from services.cli.output import JsonOption, say
from services.cli.vault_snapshot import refresh_snapshot

app = typer.Typer(no_args_is_help=True, help="Intake and yearly match, in the vault's own container.")
_PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
_INSIDE = "/c2c"
_MOUNTS = (
    ("vault", "rw"), ("drop", "ro"), ("vault-inbox", "ro"), ("events", "rw"), ("research/editions", "rw"),
    ("keys/private/vault.key", "ro"), ("keys/public", "ro"),
)  # fmt: skip
_LIMITS = (
    "--network", "none", "--read-only", "--tmpfs", "/tmp:rw,nosuid,nodev,size=64m", "--cap-drop", "ALL",  # noqa: S108
    "--security-opt", "no-new-privileges", "--pids-limit", "256", "--memory", "6g", "--memory-swap", "6g",
)  # fmt: skip


@app.callback()
def _group() -> None:
    """Intake and yearly match, in the vault's own container."""


@app.command()
def intake(
    provider: Annotated[str, typer.Argument(help="Code of the data provider, such as cde.")],
    path: Annotated[Path, typer.Argument(help="Folder with one <table>.csv a table.")],
    year: Annotated[int, typer.Option(help="Year that the delivery is for.")],
    as_json: JsonOption = False,
) -> None:
    """Take a provider's yearly files in: accepted, or rejected with a report (exit 1)."""
    if not path.is_dir():
        raise NotFound("The delivery's folder does not exist.", "Give the folder that holds the provider's CSV files.")
    arguments = ["intake", provider, "/delivery", "--year", str(year), *(["--json"] if as_json else [])]
    raise typer.Exit(run_in_vault(arguments, [(path.resolve(), "/delivery")]))


@app.command(context_settings=_PASS_ON)
def match(ctx: typer.Context) -> None:
    """The yearly match: run, report, accept. `evaluate` works on synthetic files and needs no vault."""
    if ctx.args[:1] == ["evaluate"]:
        from services.cli import vault

        raise typer.Exit(vault.main(["match", *ctx.args]))
    raise typer.Exit(run_in_vault(["match", *ctx.args]))


def run_in_vault(arguments: Sequence[str], read_only: Sequence[tuple[Path, str]] = (), *, quiet: bool = False) -> int:
    """Run a vault command in its container and return its exit code.

    Its output is ours; `quiet` drops what it writes to standard output. `read_only` are more folders of the host and
    their places inside. The job works on a snapshot of the agreements that is fetched now; where the portal does not
    answer, on the standing one, whose expiry the job judges itself.
    """
    command = [*container_command(read_only), *arguments]
    try:
        refresh_snapshot()
    except Unavailable:
        say("The portal does not answer, so the vault works on the last snapshot of the agreements.")
    return subprocess.run(command, check=False, stdout=subprocess.DEVNULL if quiet else None).returncode


def container_command(read_only: Sequence[tuple[Path, str]] = ()) -> list[str]:
    """`docker run …` up to the vault command's own arguments; Unavailable where the image or the engine is missing."""
    docker = shutil.which("docker")
    if docker is None:
        raise Unavailable(
            "There is no Docker on this machine, so the vault cannot be opened.", "Run `make demo` first."
        )
    settings = get_settings()
    data = (settings.host_data_dir or settings.data_dir).resolve()
    variables = _compose_variables(data)
    image = os.environ.get("C2C_IMAGE_VAULT") or variables.get("C2C_IMAGE_VAULT")
    if not image:
        raise Unavailable("The vault's image is not built yet.", "Run `make demo`; it builds the images.")
    binds = [(data / inside, f"{_INSIDE}/{inside}", mode) for inside, mode in _MOUNTS]
    binds += [(outside, inside, "ro") for outside, inside in read_only]
    volumes = [part for outside, inside, mode in binds for part in ("-v", f"{outside}:{inside}:{mode}")]
    label = ["--label", f"org.c2c.clone={variables.get('C2C_CLONE', settings.instance)}"]
    terminal = ["-t"] if sys.stdout.isatty() and sys.stderr.isatty() else []
    return [docker, "run", "--rm", "-i", *terminal, *_LIMITS, *label, "-e", f"C2C_DATA_DIR={_INSIDE}", *volumes, image]


def _compose_variables(data: Path) -> dict[str, str]:
    """What the set-up wrote for compose: image names and the clone's mark."""
    path = data / "compose.env"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
