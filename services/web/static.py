"""The portal's static files: the vendored design system and our own few lines."""

from __future__ import annotations

from pathlib import Path

from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

FOLDER = Path(__file__).parent / "static"


def mount_static(app: FastAPI, path: str) -> None:
    """Serve the static files below `path`; they are public."""
    app.mount(path, StaticFiles(directory=FOLDER), name="static")
