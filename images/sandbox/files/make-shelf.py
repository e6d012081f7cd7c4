"""Gathers the tutorials and the welcome page into the one file that the launcher's cards are made from."""

import json
import sys
from pathlib import Path

tutorials, welcome, target = map(Path, sys.argv[1:])
found = []
for path in sorted(tutorials.glob("*.ipynb")):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    card = notebook["metadata"].pop("c2c")
    found.append({"file": path.name, **card, "notebook": notebook})
found.sort(key=lambda tutorial: tutorial["order"])
shelf = {"tutorials": found, "welcome": welcome.read_text(encoding="utf-8")}
target.write_text(json.dumps(shelf), encoding="utf-8")
