"""Bringing the application database to the newest form."""

from __future__ import annotations

import importlib
import pkgutil
import re
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from sqlalchemy import MetaData, create_engine, text
from sqlalchemy.exc import DBAPIError

import enclave
import output_review
from enclave.core.db import Base
from enclave.core.errors import Conflict

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def config_for(url: str) -> Config:
    """Alembic's configuration for a database address."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Apply every migration that is missing; each is one transaction.

    Alembic is read only when there is something to do: a portal that was killed must be back within seconds.
    """
    if not is_newest(url):
        from alembic import command

        command.upgrade(config_for(url), "head")


def is_newest(url: str) -> bool:
    """Whether the database says that the last migration was applied; False for one without migrations."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            found = connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all()
    except DBAPIError:
        return False
    finally:
        engine.dispose()
    return set(found) == _heads()


def _heads() -> set[str]:
    """The migrations that no other follows, as their files say."""
    sources = [path.read_text() for path in (MIGRATIONS / "versions").glob("*.py")]
    names, before = (
        {found[1] for source in sources if (found := re.search(rf'^{word} = "(\w+)"', source, re.MULTILINE))}
        for word in ("revision", "down_revision")
    )
    return names - before


def all_tables() -> MetaData:
    """The tables of every domain, with their modules imported."""
    for package in (enclave, output_review):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(".model") and not module.name.startswith("enclave.linkage"):
                importlib.import_module(module.name)
    return Base.metadata


def write_revision(why: str) -> Path:
    """Write the migration from an empty database with all migrations to what the models say now."""
    from alembic import command

    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/empty.db"
        upgrade(url)
        number = len(list((MIGRATIONS / "versions").glob("*.py"))) + 1
        script = command.revision(config_for(url), message=why, autogenerate=True, rev_id=f"{number:04d}")
    if script is None or isinstance(script, list):
        raise Conflict("The migrations have more than one head.", "Merge them first.")
    return Path(script.path)
