"""The catalogue: `notebooks/reports/<name>/{notebook.ipynb, parameters.yaml, README.md}`.

What is registered is what the release of the software holds; nobody uploads a report. A template is named by the
digest of its notebook and parameters, and the sandbox refuses a notebook of another digest.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import yaml
from pydantic import BaseModel, ConfigDict, Field

from enclave.core.digests import sha256_file
from enclave.core.errors import NotFound
from enclave.core.ids import check_slug
from enclave.reports.parameters import Name, Parameter

FOLDER = Path(__file__).parents[2] / "notebooks" / "reports"


class ReportTemplate(BaseModel):
    """A registered report."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    title: str
    description: str
    tables: tuple[Name, ...]
    minutes: Annotated[int, Field(ge=1, le=240)] = 15
    parameters: dict[Name, Parameter]
    notebook_digest: str
    readme: str


def load_template(folder: Path) -> ReportTemplate:
    """The template of a folder; a malformed one is a fault of the release and raises at once."""
    content = yaml.safe_load((folder / "parameters.yaml").read_text(encoding="utf-8"))
    return ReportTemplate(
        name=check_slug(folder.name),
        notebook_digest=sha256_file(folder / "notebook.ipynb"),
        readme=(folder / "README.md").read_text(encoding="utf-8"),
        **content,
    )


@lru_cache
def load_catalogue(folder: Path = FOLDER) -> MappingProxyType[str, ReportTemplate]:
    """Every registered report by name; empty where no catalogue is installed."""
    found = sorted(path.parent for path in folder.glob("*/parameters.yaml"))
    return MappingProxyType({path.name: load_template(path) for path in found})


def template(name: str) -> ReportTemplate:
    """The report of that name, or NotFound with the names that there are."""
    catalogue = load_catalogue()
    if name not in catalogue:
        raise NotFound("There is no such report.", f"Registered are: {', '.join(catalogue) or 'none'}.")
    return catalogue[name]
