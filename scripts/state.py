"""The data directory: folders with an owner each, keys, tokens, and the variables that compose reads."""

from __future__ import annotations

import os
import secrets
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path

from scripts.catalogue import load_catalogue
from scripts.clone import C2C, HASH, compose_env, data_dir, instance, port, run_dir, volumes_dir
from scripts.console import step
from scripts.privilege import as_root
from scripts.registry import register_releases
from scripts.shell import run

GUARD_UID = 0


@dataclass(frozen=True)
class Folder:
    """One folder of the data directory: whose it is, which group comes in, and how."""

    path: str
    owner: int
    group: int
    mode: str


def service_uids() -> dict[str, int]:
    """Service → its fixed user, from the catalogue of images."""
    uids = {spec.name: spec.uid for spec in load_catalogue()}
    control = uids.pop("control")
    return {**uids, "hub": control, "portal": control, "worker": control}


def folders(operator: int, operator_group: int) -> list[Folder]:
    """The whole tree. A set-group-id folder hands its group on, so the reading side can read and nobody else."""
    uid = service_uids()
    control, data, vault, sandbox = uid["portal"], uid["data"], uid["vault"], uid["sandbox"]
    return [
        Folder("app", control, control, "0700"),
        Folder("hub", control, control, "0700"),
        Folder("airlock", control, control, "0700"),
        Folder("airlock/blobs", control, control, "0700"),
        Folder("airlock/bundles", control, control, "0700"),
        Folder("imports", control, sandbox, "2750"),
        Folder("mail", control, uid["gateway"], "2770"),
        Folder("mail/outbox", control, uid["gateway"], "2770"),
        Folder("mail/sent", control, uid["gateway"], "2770"),
        Folder("mail/unsent", control, uid["gateway"], "2770"),
        Folder("drop", operator, vault, "2750"),
        Folder("vault", vault, vault, "0700"),
        Folder("vault-inbox", control, vault, "2750"),
        Folder("events", vault, control, "2770"),
        Folder("research", operator, operator_group, "0755"),
        Folder("research/editions", vault, data, "2750"),
        Folder("research/pseudonyms", data, data, "0700"),
        Folder("research/bounded", data, data, "0700"),
        Folder("research/contributors", data, data, "0700"),
        Folder("extracts", data, sandbox, "2750"),
        Folder("guard", GUARD_UID, GUARD_UID, "0700"),
        Folder("snapshots", GUARD_UID, GUARD_UID, "0700"),
        Folder("project-keys", control, control, "0700"),
        Folder("workspaces", GUARD_UID, GUARD_UID, "0711"),
        Folder("reference", operator, operator_group, "0755"),
        Folder("images", operator, control, "2750"),
        Folder("sockets", operator, operator_group, "0755"),
        Folder("sockets/guard", GUARD_UID, control, "2750"),
        Folder("sockets/data", data, control, "2750"),
        Folder("sockets/checker", uid["checker"], control, "2750"),
        Folder("sockets/operator", control, operator_group, "2770"),
        Folder("keys", operator, operator_group, "0755"),
        Folder("keys/public", operator, operator_group, "0755"),
    ]


def prepare(tags: dict[str, str], demo: bool) -> None:
    """Makes the tree, the keys, the shared run folder and compose's variables; what stands stays."""
    with step("Preparing the data directory"):
        data_dir().mkdir(parents=True, exist_ok=True)
        _write_variables(tags, demo)
        _make_keys()
        script = [_install(folder) for folder in folders(os.geteuid(), os.getegid())]
        script += [_give_key(service, uid) for service, uid in service_uids().items() if service != "sandbox"]
        as_root("\n".join([*script, _share(run_dir()), _share(volumes_dir())]), "Preparing the data directory")
        _fill_shelf()
        register_releases(tags)


def variables() -> dict[str, str]:
    """What ``compose.env`` says; empty before the first ``make demo``."""
    path = compose_env()
    lines = path.read_text().splitlines() if path.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))


def _write_variables(tags: dict[str, str], demo: bool) -> None:
    before = variables()
    values = {
        "C2C_CLONE": HASH,
        "C2C_INSTANCE": instance(),
        "C2C_DATA_DIR": str(data_dir()),
        "C2C_RUN_DIR": str(run_dir()),
        "C2C_VOLUMES_DIR": str(volumes_dir()),
        "C2C_PORT": str(port()),
        "C2C_DEMO": str(demo).lower(),
        "C2C_HUB_TOKEN": before.get("C2C_HUB_TOKEN") or secrets.token_hex(32),
        "C2C_PROXY_TOKEN": before.get("C2C_PROXY_TOKEN") or secrets.token_hex(32),
        **_chosen(before),
        **{f"C2C_IMAGE_{name.upper()}": tag for name, tag in tags.items()},
    }
    if values == before:
        return
    path = compose_env()
    path.touch(mode=0o600)
    path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    path.write_text("# Written by the set-up; holds the tokens between hub, portal and gateway.\n" + _lines(values))


def _chosen(before: dict[str, str]) -> dict[str, str]:
    """What an operator may say by the environment of the set-up; kept until said anew."""
    names = (
        "SANDBOX_RUNTIME",
        "SANDBOX_MEMORY_MB",
        "SANDBOX_CPUS",
        "WORKSPACE_MB",
        "WORKSPACE_STORE",
        "SNAPSHOTS_KEPT",
        "PUBLIC_HOST",
        "PUBLIC_SCHEME",
        "SECOND_FACTOR",
        "SESSION_HOURS",
        "SESSION_IDLE_MINUTES",
        "CONFIRM_MINUTES",
        "OIDC_ISSUER",
        "OIDC_CLIENT_ID",
        "OIDC_CLIENT_SECRET",
        "OIDC_LABEL",
        "OIDC_STRONG",
        "MAIL_SERVER",
        "MAIL_FROM",
        "MAIL_USER",
        "MAIL_PASSWORD",
        "MAIL_CA",
        "DIGEST_HOUR",
        "LAB_ALERT_MB",
        "LAB_STOP_MB",
        "LAB_IDLE_MINUTES",
    )
    found = {f"C2C_{name}": os.environ.get(f"C2C_{name}", before.get(f"C2C_{name}", "")) for name in names}
    found["C2C_IDENTITY_INTERNAL"] = "false" if found["C2C_OIDC_ISSUER"] else "true"
    found["COMPOSE_PROFILES"] = "mail" if found["C2C_MAIL_SERVER"] else ""
    return {name: value for name, value in found.items() if value}


def _lines(values: dict[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


def _make_keys() -> None:
    public = data_dir() / "keys" / "public"
    if all((public / f"{service}.pub").exists() for service in service_uids() if service != "sandbox"):
        return
    advice = "Run 'rm -rf .venv' and the same command again."
    run(
        [str(C2C), "keys", "make"],
        what="Making the services' keys",
        advice=advice,
        env={"C2C_DATA_DIR": str(data_dir())},
    )


def _fill_shelf() -> None:
    run(
        [str(C2C), "reference", "build"],
        what="Filling the reference shelf",
        advice="Look at reference/ in the checkout: `git status` shows what was changed.",
        env={"C2C_DATA_DIR": str(data_dir())},
    )


def _install(folder: Folder) -> str:
    place = shlex.quote(str(data_dir() / folder.path))
    return f"install -d -o {folder.owner} -g {folder.group} -m {folder.mode} {place}"


def _give_key(service: str, uid: int) -> str:
    key = shlex.quote(str(data_dir() / "keys" / "private" / f"{service}.key"))
    return f"if [ -e {key} ]; then chown {uid}:{uid} {key}; chmod 0400 {key}; fi"


def _share(folder: Path) -> str:
    """A mount that hands on what the guard mounts in it: engine and gateway must see each sandbox's folder."""
    place = shlex.quote(str(folder))
    return (
        f"mkdir -p {place}; mountpoint -q {place} || {{ mount --bind {place} {place}; mount --make-shared {place}; }}"
    )
