"""Where the builder reads and writes: plain folders, so that tests and services name them alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from enclave.core.ids import check_slug


@dataclass(frozen=True)
class Stores:
    """The three folders of the research zone that concern extracts."""

    editions: Path
    pseudonyms: Path
    extracts: Path

    def edition_table(self, edition: str, provider: str, table: str) -> Path:
        """The Parquet file of one provider's table in an edition."""
        return self.editions / edition / provider / f"{table}.parquet"

    def edition_codebook(self, edition: str) -> Path:
        """The edition's codebook, which may be absent."""
        return self.editions / edition / "codebook.json"

    def project_pseudonyms(self, project: str) -> Path:
        """The project's own pseudonym tables."""
        return self.pseudonyms / check_slug(project)

    def project_extracts(self, project: str) -> Path:
        """All versions of a project's extract."""
        return self.extracts / check_slug(project)

    def extract(self, project: str, version: int) -> Path:
        """One finished version; the folder exists only when it is complete."""
        return self.project_extracts(project) / str(int(version))
