"""A delivery: the files of one provider-year before anybody has judged them.

A delivery names a file for each table. Where the files come from is the business of whoever builds it: here a folder,
`<table>.csv` a table. A reader of a provider's own database writes its rows to files first and builds the same thing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from enclave.contributions.encodings import Encoding, inspect_file
from enclave.core.errors import BadInput, NotFound


@dataclass(frozen=True)
class DeliveredFile:
    """One file: what it is for, its bytes' digest and how its text is encoded."""

    table: str
    path: Path
    sha256: str
    size: int
    encoding: Encoding


@dataclass(frozen=True)
class Delivery:
    """The files of a provider for a year, by table."""

    provider: str
    year: int
    files: Mapping[str, DeliveredFile]


def read_folder(provider: str, year: int, folder: Path) -> Delivery:
    """The delivery in a folder of CSV files; other kinds of files are refused by name."""
    if not folder.is_dir():
        raise NotFound("The delivery's folder does not exist.", "Give the folder that holds the provider's CSV files.")
    names = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    strange = [path.name for path in names if path.suffix != ".csv" or not path.is_file() or path.is_symlink()]
    if strange:
        raise BadInput(
            f"The delivery holds what is no CSV file: {', '.join(strange)}.",
            "Leave one <table>.csv a table and no more.",
        )
    if not names:
        raise BadInput("The delivery's folder is empty.", "Put one <table>.csv a table into it.")
    return Delivery(provider, year, {path.stem: _delivered(path) for path in names})


def _delivered(path: Path) -> DeliveredFile:
    digest, encoding = inspect_file(path)
    return DeliveredFile(path.stem, path, digest, path.stat().st_size, encoding)
