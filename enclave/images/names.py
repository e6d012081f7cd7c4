"""Names and versions of packages: what a person may type, and its one written form (PEP 503, PEP 440)."""

from __future__ import annotations

import re

from enclave.core.errors import BadInput

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?")
_VERSION = re.compile(r"[0-9][0-9A-Za-z.!+_-]{0,39}")


def package_name(text: str) -> str:
    """The normalised name: lower case, one hyphen for every run of `.`, `_` and `-`; BadInput for anything else."""
    name = text.strip()
    if not _NAME.fullmatch(name):
        raise BadInput(
            "This is no name of a package.",
            "Write the name alone, as the package index has it: no address, no version, no option.",
        )
    return re.sub(r"[-_.]+", "-", name).lower()


def package_version(text: str) -> str:
    """An exact version, or an empty text for the newest that fits; BadInput for a range or anything else."""
    version = text.strip()
    if version and not _VERSION.fullmatch(version):
        raise BadInput("This is no version.", "Write one exact version such as 2.1.0, or leave it empty.")
    return version


def pinned(name: str, version: str) -> str:
    """The package as a requirement."""
    return f"{name}=={version}" if version else name
