"""Who may reach what, read from the compose file as policy."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from scripts.clone import ROOT
from scripts.shell import has
from scripts.state import service_uids

FILE = ROOT / "docker-compose.yml"
SERVICES: dict[str, Any] = yaml.safe_load(FILE.read_text())["services"]
DATA = "${C2C_DATA_DIR}/"

# service → its folders of the data directory ("-" marks read-only), and nothing else
FOLDERS = {
    "gateway": {"-keys/private/gateway.key", "-keys/public"},
    "guard": {
        "-keys/private/guard.key", "-keys/public", "sockets/guard", "guard", "workspaces", "snapshots", "-project-keys",
        "reference", "-images", "-extracts", "events", "imports",
    },
    "hub": {"hub", "-keys/private/hub.key", "-keys/public", "sockets/guard"},
    "portal": {
        "app", "airlock", "vault-inbox", "project-keys", "-images", "-keys/private/portal.key", "-keys/public",
        "sockets/operator", "sockets/data", "sockets/checker", "sockets/guard",
    },
    "worker": {
        "app", "airlock", "vault-inbox", "events", "imports", "mail", "project-keys", "-images",
        "-keys/private/worker.key", "-keys/public", "sockets/data", "sockets/checker", "sockets/guard",
    },
    "post": {"mail"},
    "data": {
        "-research/editions", "research/pseudonyms", "research/bounded", "research/contributors", "extracts",
        "-keys/private/data.key", "-keys/public", "sockets/data",
    },
    "checker": {"sockets/checker"},
    "vault": {
        "vault", "-drop", "-vault-inbox", "events", "research/editions", "-keys/private/vault.key", "-keys/public",
    },
}  # fmt: skip
NETWORKS = {
    "gateway": ["edge", "control"],
    "hub": ["control", "identity"],
    "portal": ["control"],
    "worker": ["control"],
    "post": ["mail"],
}
CAPABILITIES = {"guard": ["SYS_ADMIN", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "MKNOD", "SETUID", "SETGID"]}


def folders(service: str) -> set[str]:
    """The folders of the data directory that a service mounts."""
    mounts = [mount for mount in SERVICES[service]["volumes"] if isinstance(mount, str) and mount.startswith(DATA)]
    return {("-" if mount.endswith(":ro") else "") + mount.removeprefix(DATA).split(":")[0] for mount in mounts}


def test_the_table_names_every_service() -> None:
    assert set(SERVICES) == set(FOLDERS)
    # the post signs nothing: it has no key, and no user beside its image's
    assert {*service_uids(), "post"} == {*FOLDERS, "sandbox"}


@pytest.mark.parametrize("service", FOLDERS)
def test_a_service_mounts_its_own_folders_and_no_others(service: str) -> None:
    assert folders(service) == FOLDERS[service]


@pytest.mark.parametrize("service", FOLDERS)
def test_a_folder_has_the_same_name_inside_as_outside(service: str) -> None:
    for mount in SERVICES[service]["volumes"]:
        if isinstance(mount, str) and mount.startswith(DATA):
            source, target = mount.split(":")[:2]
            assert target == f"/c2c/{source.removeprefix(DATA)}"


def test_only_the_guard_sees_the_engine() -> None:
    assert [name for name, each in SERVICES.items() if "docker.sock" in str(each["volumes"])] == ["guard"]


def test_only_the_gateway_is_published_and_on_this_machine_alone() -> None:
    assert {name: each["ports"] for name, each in SERVICES.items() if "ports" in each} == {
        "gateway": ["127.0.0.1:${C2C_PORT}:8000"]
    }


@pytest.mark.parametrize("service", FOLDERS)
def test_a_service_has_only_the_networks_that_its_zone_allows(service: str) -> None:
    each = SERVICES[service]
    assert each.get("networks") == NETWORKS.get(service)
    assert each.get("network_mode") == (None if service in NETWORKS else "none")


def test_the_control_network_leads_nowhere() -> None:
    assert yaml.safe_load(FILE.read_text())["networks"]["control"]["internal"] is True


@pytest.mark.parametrize("service", FOLDERS)
def test_a_service_is_read_only_without_capabilities_and_limited(service: str) -> None:
    each = SERVICES[service]
    assert each["read_only"] is True
    assert each["cap_drop"] == ["ALL"]
    assert each.get("cap_add") == CAPABILITIES.get(service)
    assert "no-new-privileges:true" in each["security_opt"]
    assert each["mem_limit"]
    assert each["pids_limit"]
    assert "build" not in each
    assert "privileged" not in each


def test_the_run_folder_flows_from_the_guard_to_the_gateway_and_never_back() -> None:
    flows = {
        (name, mount["source"].split(":")[0].strip("${}")): mount["bind"]["propagation"]
        for name, each in SERVICES.items()
        for mount in each["volumes"]
        if isinstance(mount, dict)
    }
    assert flows == {
        ("guard", "C2C_RUN_DIR"): "rshared",
        ("guard", "C2C_VOLUMES_DIR"): "rshared",
        ("gateway", "C2C_RUN_DIR"): "rslave",
    }


@pytest.mark.skipif(not has("docker-compose"), reason="docker-compose is not installed")
def test_docker_compose_reads_the_file(tmp_path: Path) -> None:
    names = ["CLONE", "INSTANCE", "DATA_DIR", "RUN_DIR", "VOLUMES_DIR", "PORT", "HUB_TOKEN", "PROXY_TOKEN"]
    names += [f"IMAGE_{name}" for name in ("GATEWAY", "GUARD", "CONTROL", "DATA", "CHECKER", "VAULT", "SANDBOX")]
    variables = tmp_path / "compose.env"
    variables.write_text("".join(f"C2C_{name}={8123 if name == 'PORT' else f'/x/{name}'}\n" for name in names))
    argv = ["docker-compose", "-f", str(FILE), "--env-file", str(variables), "config", "-q"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
