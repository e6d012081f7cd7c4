"""Reading in a researcher's folder as the researcher would, for help that both sides agreed to; and making a folder.

A process of its own becomes the sandbox's user at once and reads on a look that follows no links (`mounts.view_of`).
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from enclave.core.errors import Conflict, NotFound
from enclave.sandboxes.rooms import SANDBOX_UID
from services.guard.mounts import view_of

MOST_BYTES, MOST_ENTRIES = 200_000, 500
_SECONDS = 20

_CODE = """
import json, os, sys, encodings.utf_8
os.setgroups([]), os.setgid(int(sys.argv[5])), os.setuid(int(sys.argv[5]))
path, make, most, entries = sys.argv[1] or ".", sys.argv[2] == "make", int(sys.argv[3]), int(sys.argv[4])
if make:
    os.makedirs(path)
    print(json.dumps({"made": path}))
elif os.path.isdir(path):
    found = sorted(os.scandir(path), key=lambda each: each.name)[:entries]
    lines = [(each.name, each.is_dir(follow_symlinks=False), each.stat(follow_symlinks=False)) for each in found]
    print(json.dumps({"entries": [{"name": n, "folder": f, "bytes": s.st_size, "changed": int(s.st_mtime)}
                                  for n, f, s in lines]}))
else:
    with open(path, "rb") as stream:
        print(json.dumps({"text": stream.read(most).decode("utf-8", "replace")}))
"""


def look(files: Path, path: str, *, make: bool = False) -> dict[str, Any]:
    """The entries of a folder, or the beginning of a file as text; with `make` a new folder instead."""
    with view_of(files, writable=make) as view:
        argv = [getattr(sys, "_base_executable", sys.executable), "-I", "-c", _CODE, path, "make" if make else ""]
        done = subprocess.run(
            [*argv, str(MOST_BYTES), str(MOST_ENTRIES), str(SANDBOX_UID)],
            cwd=view,
            capture_output=True,
            timeout=_SECONDS,
            env={"LANG": "C.UTF-8"},
            check=False,
        )
    if done.returncode == 0:
        found: dict[str, Any] = json.loads(done.stdout)
        return found
    if b"FileExistsError" in done.stderr:
        raise Conflict("The snapshot was restored before.", "See the folder “restored”; remove it to restore again.")
    raise NotFound("There is no such file, or it cannot be read.", "Look at the folder above it.")
