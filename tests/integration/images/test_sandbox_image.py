"""JupyterLab starts in the sandbox's image as it is run, with its configuration in force and its dead menus gone."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from scripts.images import ensure_images

pytestmark = pytest.mark.engine

PROBE = r"""
import http.client, json, os, re, socket, subprocess, time
options = ["--ServerApp.sock=/tmp/s.sock", "--ServerApp.token=", "--ServerApp.password=", "--no-browser"]
server = subprocess.Popen(["jupyter", "lab", *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
deadline = time.monotonic() + 90
while not os.path.exists("/tmp/s.sock") and server.poll() is None and time.monotonic() < deadline:
    time.sleep(0.2)
def get(path):
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect("/tmp/s.sock")
    connection.request("GET", path)
    return connection.getresponse().read().decode()
page = re.search(r'jupyter-config-data" type="application/json">\s*(.*?)</script>', get("/lab"), re.S)[1]
kernels = json.loads(get("/api/kernelspecs"))["kernelspecs"]
command = subprocess.run(["c2c", "--help"], capture_output=True).returncode
print(json.dumps({"page": json.loads(page), "kernels": list(kernels), "command": command}))
server.terminate()
"""


@pytest.fixture(scope="module")
def lab() -> dict[str, Any]:
    """What a browser would be told by the lab of a networkless, read-only container."""
    hardening = ["--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
    places = ["--tmpfs=/tmp", "--tmpfs=/workspace:uid=1000", "--pids-limit=128", "-e", "JUPYTER_RUNTIME_DIR=/tmp/j"]
    argv = ["docker", "run", "--rm", *hardening, *places, ensure_images()["sandbox"], "python", "-c", PROBE]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_menus_that_would_lead_outside_are_taken_away(lab: dict[str, Any]) -> None:
    disabled = set(lab["page"]["disabledExtensions"])
    for name in (
        "@jupyterlab/docmanager-extension:download",
        "@jupyterlab/filebrowser-extension:download",
        "@jupyterlab/notebook-extension:export",
        "@jupyterlab/terminal-extension",
        "@jupyterlab/extensionmanager-extension",
    ):
        assert name in disabled


def test_nobody_installs_an_extension_or_opens_a_terminal(lab: dict[str, Any]) -> None:
    assert lab["page"]["extensionManager"]["can_install"] is False
    assert lab["page"]["terminalsAvailable"] is False


def test_the_kernel_and_the_researchers_command_are_there(lab: dict[str, Any]) -> None:
    assert lab["kernels"] == ["python3"]
    assert lab["command"] == 0
