"""Runs every check; one that breaks is a finding, not the end."""

from __future__ import annotations

from collections.abc import Callable

from enclave.core.settings import get_settings
from services.cli.diagnosis import engine, state
from services.cli.diagnosis.finding import Finding, wrong
from services.cli.diagnosis.installation import Installation

CHECKS: dict[str, Callable[[Installation], Finding]] = {
    "engine": engine.engine,
    "images": engine.images,
    "runtime": engine.runtime,
    "services": engine.services,
    "networks": engine.networks,
    "sandboxes": engine.sandboxes,
    "clocks": engine.clocks,
    "stores": state.stores,
    "keys": state.keys,
    "workspaces": state.workspaces,
    "migrations": state.migrations,
    "policy packs": state.policies,
}


def diagnose() -> list[Finding]:
    """The findings in the order of the table."""
    installation = Installation(get_settings())
    return [_finding(name, check, installation) for name, check in CHECKS.items()]


def _finding(name: str, check: Callable[[Installation], Finding], installation: Installation) -> Finding:
    try:
        return check(installation)
    except Exception as problem:
        mend = "Run it again; if it stays, report it with this kind of error."
        return wrong(name, f"The check itself broke ({type(problem).__name__}).", mend)
