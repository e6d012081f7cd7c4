"""Bringing the application database to the newest form."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path
from tempfile import TemporaryDirectory

from alembic import command
from alembic.config import Config
from sqlalchemy import MetaData

import enclave
import output_review
from enclave.core.db import Base
from enclave.core.errors import Conflict

MIGRATIONS = Path(__file__).parent / "migrations"


def config_for(url: str) -> Config:
    """Alembic's configuration for a database address."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Apply every migration that is missing; each is one transaction."""
    command.upgrade(config_for(url), "head")


def all_tables() -> MetaData:
    """The tables of every domain, with their modules imported."""
    for package in (enclave, output_review):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(".model") and not module.name.startswith("enclave.linkage"):
                importlib.import_module(module.name)
    return Base.metadata


def write_revision(why: str) -> Path:
    """Write the migration from an empty database with all migrations to what the models say now."""
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        upgrade(url)
        number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
        script = command.revision(config_for(url), message=why, autogenerate=True, rev_id=f"{number:04d}")
    if script is None or isinstance(script, list):
        raise Conflict("The migrations have more than one head.", "Merge them first.")
    return Path(script.path)
