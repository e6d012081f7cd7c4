"""Which files each kind of import takes, and as what the checker reads them.

What only a program can open (Parquet, .dta, .rds, compiled Mata, archives) does not come in: nobody could read on one
screen what is in it. Sources of packages and CSV do the same work in the lab.
"""

from __future__ import annotations

from pathlib import PurePosixPath

from enclave.core.errors import BadInput
from output_review.imports.states import ImportKind
from output_review.policies import check_path

_PROSE = frozenset({".txt", ".md"})
_SETTINGS = frozenset({".toml", ".yaml", ".yml", ".cfg", ".ini"})
_CODE = _PROSE | _SETTINGS | {".py", ".r", ".do", ".ado", ".sql", ".ipynb", ".rmd", ".qmd", ".jl", ".stan", ".sh"}
_HELP = frozenset({".sthlp", ".hlp", ".pkg", ".toc", ".mata", ".dlg", ".scheme", ".style", ".rd", ".rproj"})
ENDINGS: dict[ImportKind, frozenset[str]] = {
    ImportKind.CODE: _CODE,
    ImportKind.PACKAGE_FILES: _CODE | _HELP | {".json", ".csv", ".tsv"},
    ImportKind.PUBLIC_DATA: _PROSE | {".csv", ".tsv", ".json", ".geojson", ".xlsx", ".pdf"},
}
NAMED = frozenset({"DESCRIPTION", "NAMESPACE", "LICENSE", "LICENCE", "NEWS", "README", "Makefile"})
"""Files without an ending that packages and programs bring."""


def check_file_name(name: str, kind: ImportKind) -> str:
    """A relative path of plain names that this kind of import takes; else BadInput that says what helps."""
    path = PurePosixPath(check_path(name))
    if path.name in NAMED and kind is not ImportKind.PUBLIC_DATA:
        return str(path)
    if path.suffix.lower() not in ENDINGS[kind]:
        raise BadInput(
            f"Files ending in “{path.suffix[:12]}” do not come in as {kind.value.replace('_', ' ').lower()}.",
            f"Taken are {', '.join(sorted(ENDINGS[kind]))}. Bring the source of what is compiled, data as CSV or XLSX, "
            "and the files of an archive one by one.",
        )
    return str(path)


def read_as(name: str) -> str:
    """The name under which the checker sees a file: endings that it does not know are text."""
    path = PurePosixPath(name)
    return f"{path.name}.txt" if path.suffix.lower() in _HELP or path.name in NAMED else path.name
