"""Checks of what lies below the data folder: stores, keys, migrations; and of the policy packs."""

from __future__ import annotations

import json
import os
import shutil
import stat
from pathlib import Path

from enclave.core.signing import SigningKey
from services.cli.diagnosis.finding import Finding, ok, warn, wrong
from services.cli.diagnosis.installation import Installation
from services.cli.keys import SERVICES as KEY_HOLDERS

NEEDED_GIB = 2


def stores(installation: Installation) -> Finding:
    """The folders are there, closed to other users, and the disk has room."""
    paths = installation.paths
    if not paths.root.is_dir():
        return warn("stores", "There is no data folder yet.", "Run `make demo`.")
    private = (paths.app, paths.hub, paths.vault, paths.root / "airlock", paths.pseudonyms, paths.bounded)
    closed = (*private, paths.editions, paths.extracts, paths.events)
    missing = [folder.name for folder in closed if not folder.exists()]
    if missing:
        return wrong("stores", f"Missing: {', '.join(missing)}", "Run `make demo`: it makes what is missing.")
    open_ones = [folder.name for folder in closed if stat.S_IMODE(folder.stat().st_mode) & 0o007]
    if open_ones:
        return wrong("stores", f"Open to every user of this machine: {', '.join(open_ones)}", "Run `make demo`.")
    free = shutil.disk_usage(paths.root).free / 2**30
    if free < NEEDED_GIB:
        return wrong("stores", f"Only {free:.1f} GiB are free.", "Free some space; nothing can be built without it.")
    return ok("stores", f"Folders are there and closed; {free:.0f} GiB free")


def keys(installation: Installation) -> Finding:
    """Every service has a key that only it can read, and the keyring holds its other half."""
    paths = installation.paths
    missing = [name for name in KEY_HOLDERS if not (paths.public_keys / f"{name}.pub").exists()]
    if missing:
        return wrong("keys", f"No public key of: {', '.join(missing)}", "Run `make demo`: it makes what is missing.")
    if os.geteuid() != 0:
        return warn("keys", "Public keys are here; private ones need root to look at.", "Run `sudo c2c doctor`.")
    for name in KEY_HOLDERS:
        problem = _key_problem(paths.private_key(name), paths.public_keys / f"{name}.pub")
        if problem:
            return wrong("keys", f"{name}: {problem}", "Restore the key from its backup, or run `c2c keys make` anew.")
    return ok("keys", f"{len(KEY_HOLDERS)} keys, each for its service alone")


def _key_problem(private: Path, public: Path) -> str:
    if not private.exists():
        return "the private key is missing."
    if stat.S_IMODE(private.stat().st_mode) & 0o077:
        return "others can read the private key."
    if SigningKey.load(private).public_text != public.read_text(encoding="utf-8").strip():
        return "the public key is another's."
    return ""


def workspaces(installation: Installation) -> Finding:
    """Workspaces are encrypted file systems whose quota the kernel holds."""
    path = installation.paths.workspace_store
    if os.geteuid() != 0:
        return warn("workspaces", "How workspaces are kept needs root to look at.", "Run `sudo c2c doctor`.")
    if not path.exists():
        return warn("workspaces", "The guard has not started yet.", "Run `make demo`.")
    found = json.loads(path.read_bytes())
    if found["kind"] == "volume":
        return ok("workspaces", "Encrypted file systems, with quotas that the kernel holds")
    told = f"Plain folders, because of: {found['why_not']} Open ones are not encrypted, their quota is watched only."
    mend = "Give the guard loop devices and a kernel with fscrypt, or encrypt the disk below the data folder."
    return warn("workspaces", told, mend)


def migrations(installation: Installation) -> Finding:
    """The application database has the form that this code expects."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory
    from sqlalchemy import create_engine
    from sqlalchemy.exc import SQLAlchemyError

    from services.portal.migrate import config_for

    url = installation.settings.database
    if url.startswith("sqlite:///"):
        file = Path(url.removeprefix("sqlite:///")).resolve()
        if not os.access(file, os.R_OK):
            return warn("migrations", "The application database cannot be read.", "Run `make demo`, or look as root.")
        url = f"sqlite:///file:{file}?mode=ro&uri=true"  # looking must not make files that the portal cannot open
    heads = ScriptDirectory.from_config(config_for(url)).get_heads()
    if len(heads) != 1:
        mend = "Restore services/portal/migrations from the checkout: each migration follows one other."
        return wrong("migrations", f"This checkout holds {len(heads)} newest migrations instead of one.", mend)
    newest = heads[0]
    try:
        with create_engine(url).connect() as connection:
            present = MigrationContext.configure(connection).get_current_revision()
    except SQLAlchemyError:
        return wrong("migrations", "The application database does not answer.", "See that it runs; check its address.")
    if present != newest:
        mend = "Restart the portal, which migrates it, or run `make db`."
        return wrong("migrations", f"The database is at {present or 'nothing'}, the code expects {newest}.", mend)
    return ok("migrations", f"The database is at {present}")


def policies(installation: Installation) -> Finding:
    """Every policy pack loads."""
    from c2c_research.disclosure.policy import BadPolicy, load_pack, pack_names

    try:
        packs = [load_pack(name) for name in pack_names()]
    except BadPolicy as problem:
        return wrong("policy packs", str(problem), "Mend the pack, or restore it from the checkout.")
    return ok("policy packs", ", ".join(f"{pack.name} {pack.version}" for pack in packs))
