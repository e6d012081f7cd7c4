"""Each image, tried in one container: its user, what imports, what must not; and what its layers do not hold."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tarfile
from functools import cache
from pathlib import Path

import pytest

from scripts.catalogue import load_catalogue
from scripts.images import ensure_images

pytestmark = pytest.mark.engine
SPECS = {spec.name: spec for spec in load_catalogue()}

PROBE = """
import importlib, json, os, shutil, stat, sys
def state(name):
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as problem:
        return "absent" if problem.name and name.startswith(problem.name) else f"broken: {problem}"
    except Exception as problem:
        return f"broken: {type(problem).__name__}: {problem}"
    return "present"
asked = json.loads(sys.argv[1])
elevated = []
for folder, _, names in os.walk("/"):
    if folder.startswith(("/proc", "/sys")):
        continue
    for name in names:
        mode = os.lstat(os.path.join(folder, name)).st_mode
        if stat.S_ISREG(mode) and mode & 0o6000:
            elevated.append(os.path.join(folder, name))
programs = [p for p in ("pip", "pip3", "gcc", "cc", "g++", "make", "curl", "wget", "su", "sudo") if shutil.which(p)]
print(json.dumps({
    "uid": os.getuid(), "gid": os.getgid(), "modules": {name: state(name) for name in asked}, "elevated": elevated,
    "programs": programs, "interfaces": os.listdir("/sys/class/net"), "writable": os.access("/app", os.W_OK),
}))
"""


# Built once a run when a source has changed since; a moment when all is built.
image_tags = cache(ensure_images)


@cache
def looked(name: str) -> dict[str, object]:
    """What the probe saw in one run of the image."""
    spec = SPECS[name]
    asked = json.dumps([*spec.imports, *spec.foreign, "pip"])
    hardening = ["--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
    argv = ["docker", "run", "--rm", *hardening, "--tmpfs=/tmp", "-e", "HOME=/tmp", "--entrypoint=python"]
    done = subprocess.run(
        [*argv, image_tags()[name], "-c", PROBE, asked], capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("name", SPECS)
def test_the_packages_of_its_zone_import(name: str) -> None:
    modules = looked(name)["modules"]
    assert isinstance(modules, dict)
    assert {module: modules[module] for module in SPECS[name].imports} == dict.fromkeys(SPECS[name].imports, "present")


@pytest.mark.parametrize("name", SPECS)
def test_the_packages_of_other_zones_are_absent(name: str) -> None:
    modules = looked(name)["modules"]
    assert isinstance(modules, dict)
    foreign = [*SPECS[name].foreign, "pip"]
    assert {module: modules[module] for module in foreign} == dict.fromkeys(foreign, "absent")


@pytest.mark.parametrize("name", SPECS)
def test_it_runs_as_its_own_user_with_no_way_up(name: str) -> None:
    found = looked(name)
    assert (found["uid"], found["gid"]) == (SPECS[name].uid, SPECS[name].uid)
    assert found["elevated"] == []
    # In a sandbox, pip is a script of ours that says how to ask for a package.
    ours = {"pip", "pip3"} if SPECS[name].zone == "sandbox" else set()
    assert {str(program) for program in found["programs"]} - ours <= {"su"}
    assert found["interfaces"] == ["lo"]
    assert not found["writable"]


@pytest.mark.parametrize("name", SPECS)
def test_its_history_names_no_file_of_the_host(name: str) -> None:
    argv = ["docker", "history", "--no-trunc", "--format", "{{.CreatedBy}}", image_tags()[name]]
    history = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert not re.search(r"https?://|\.crt|PIP_|PROXY|_proxy", history)


def host_certificates() -> list[bytes]:
    """The certificates that this machine trusts beyond those of its distribution."""
    named = {os.environ.get(name, "") for name in ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")} - {""}
    local = [path for path in Path("/usr/local/share/ca-certificates").glob("**/*.crt") if path.is_file()]
    public = Path("/usr/share/ca-certificates")
    shipped = b"".join(path.read_bytes() for path in public.glob("**/*.crt"))
    blocks = {block for path in [*local, *map(Path, named)] if path.is_file() for block in _bodies(path.read_bytes())}
    return sorted(block for block in blocks if block not in shipped)


def _bodies(pem: bytes) -> list[bytes]:
    """The first line of each certificate's base 64 that tells it from others: the serial number is in it."""
    found = re.findall(rb"-----BEGIN CERTIFICATE-----\s+([A-Za-z0-9+/=\s]+?)-----END", pem)
    return [body.split()[len(body.split()) // 2] for body in found]


def test_no_layer_holds_a_certificate_of_the_host() -> None:
    needles = host_certificates()
    if not needles:
        pytest.skip("this machine trusts no certificate beyond its distribution's")
    pattern = re.compile(b"|".join(re.escape(needle) for needle in needles))
    with subprocess.Popen(["docker", "save", *image_tags().values()], stdout=subprocess.PIPE) as saver:
        assert saver.stdout
        with tarfile.open(fileobj=saver.stdout, mode="r|") as archive:
            for layer in (member for member in archive if member.name.endswith("layer.tar")):
                stream = archive.extractfile(layer)
                assert stream
                with tarfile.open(fileobj=stream, mode="r|") as files:
                    holders = [
                        f.name for f in files if f.isreg() and _looks_like_text(f.name) and _holds(files, f, pattern)
                    ]
                assert holders == []


def _looks_like_text(name: str) -> bool:
    """Certificates lie in text; wheels' shared objects and byte code are most of the bytes."""
    return not name.endswith((".so", ".pyc", ".png", ".map", ".ttf", ".woff2")) and ".so." not in name


def _holds(archive: tarfile.TarFile, member: tarfile.TarInfo, pattern: re.Pattern[bytes]) -> bool:
    stream = archive.extractfile(member)
    return stream is not None and pattern.search(stream.read()) is not None
