"""From any accepted file to a Document. The kind is decided by name *and* content; where they disagree, we refuse.

Accepted: CSV, TSV, text and logs, Markdown, HTML, LaTeX, JSON, XLSX, notebooks, PNG, JPEG, SVG, PDF, and code as
text. Everything else (Parquet, serialised objects, archives, databases, other office files) is refused: a reader of
ours could not show a reviewer all that is inside.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import PurePath

from c2c_research.disclosure.cells import legend
from c2c_research.disclosure.document import Document, RefusedKind
from c2c_research.disclosure.readers.polyglots import second_signatures
from c2c_research.disclosure.readers.session import is_session_record
from c2c_research.disclosure.readers.unseen import plain, unseen_characters
from c2c_research.disclosure.shape import shaped
from c2c_research.disclosure.tables import Table

__all__ = ["is_session_record", "kind_of", "read"]
MAX_BYTES = 50_000_000
Reader = Callable[[str, bytes], Document]

_READERS = {
    "csv": ("delimited", [".csv"]),
    "tsv": ("delimited", [".tsv", ".tab"]),
    "text": ("text", [".txt", ".log", ".out", ".rst", ".smcl", ".lst", ".rout"]),
    "latex": ("latex", [".tex"]),
    "markdown": ("markup", [".md", ".markdown", ".rmd", ".qmd"]),
    "html": ("markup", [".html", ".htm"]),
    "json": ("records", [".json", ".geojson"]),
    "xlsx": ("workbook", [".xlsx"]),
    "notebook": ("notebook", [".ipynb"]),
    "png": ("image", [".png"]),
    "jpeg": ("image", [".jpg", ".jpeg"]),
    "svg": ("svg", [".svg"]),
    "pdf": ("pdf", [".pdf"]),
    "code": ("text", [".py", ".r", ".sql", ".do", ".ado", ".sas", ".jl", ".sps", ".m", ".sh", ".toml",
                      ".yaml", ".yml", ".cfg", ".ini", ".bib", ".js", ".stan", ".dot", ".gv", ".cff"]),
}  # fmt: skip
_NAMED_CODE = frozenset(["Makefile", "Dockerfile", "Snakefile", "LICENSE", ".gitignore"])
_KIND_OF = {suffix: kind for kind, (_, suffixes) in _READERS.items() for suffix in suffixes}

_MAGIC = (
    (b"PK\x03\x04", "zip"), (b"PAR1", "parquet"), (b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"),
    (b"7z\xbc\xaf", "7z"), (b"%PDF", "pdf"), (b"\x89PNG\r\n\x1a\n", "png"), (b"\xff\xd8\xff", "jpeg"),
    (b"SQLite format 3", "sqlite"), (b"\x89HDF", "hdf5"), (b"ARROW1", "arrow"), (b"GIF8", "gif"),
    (b"\xd0\xcf\x11\xe0", "old office file"), (b"<stata_dta>", "stata"), (b"RDX", "R data"), (b"\x7fELF", "program"),
    (b"$FL2", "spss"), (b"{\\rtf", "rich text"), (b"%!PS", "PostScript"), (b"Rar!", "RAR"), (b"RIFF", "RIFF"),
)  # fmt: skip
_BINARY_KINDS = {"xlsx": "zip", "png": "png", "jpeg": "jpeg", "pdf": "pdf"}


def kind_of(name: str) -> str:
    """The kind that a file's name claims; 'other' when it is none of ours."""
    if PurePath(name).name in _NAMED_CODE:
        return "code"
    return _KIND_OF.get(PurePath(name).suffix.lower(), "other")


def read(name: str, content: bytes) -> Document:
    """Read a file. Raises RefusedKind or Unreadable; any other exception is a crash and counts as REVIEW."""
    kind = kind_of(name)
    if kind == "other":
        suffix = PurePath(name).suffix.lower() or "without an ending"
        raise RefusedKind(f"Files of this kind ({suffix}) are not reviewed.")
    if len(content) > MAX_BYTES:
        raise RefusedKind(f"The file is larger than {MAX_BYTES // 1_000_000} MB.")
    sniffed = _sniff(content)
    expected = _BINARY_KINDS.get(kind, "")
    if sniffed != expected:
        inside = sniffed or "text"
        raise RefusedKind(f"The name says {kind}, the content is {inside}.")
    module = import_module(f"{__name__}.{_READERS[kind][0]}")
    reader: Reader = module.read
    document = _seen(reader(kind, content), content)
    tables = [each for table in _with_legend(document) for each in shaped(table)]
    return replace(document, tables=tuple(_named_apart(tables)))


def _with_legend(document: Document) -> Iterator[Table]:
    """The tables, with the markers that a note of theirs or of the file explains."""
    markers = legend(document.text)
    for table in document.tables:
        own = markers | legend(table.caption)
        yield replace(table, markers=own) if own else table


def _seen(document: Document, content: bytes) -> Document:
    """What every kind has in common: second files in the file, and characters that nobody sees."""
    cells = (text for table in document.tables for row in (table.header, *table.rows) for text in row)
    text = "\n".join([document.text, *cells])
    hidden = [*document.hidden, *second_signatures(document.kind, content), *unseen_characters(text)]
    if text.isascii():
        return replace(document, hidden=tuple(hidden))
    return replace(
        document,
        hidden=tuple(hidden),
        text=plain(document.text),
        tables=tuple(
            replace(t, header=tuple(map(plain, t.header)), rows=tuple(tuple(map(plain, row)) for row in t.rows))
            for t in document.tables
        ),
    )


def _named_apart(tables: Iterable[Table]) -> Iterator[Table]:
    """Give each table of a file a place of its own, so that a finding names one table."""
    seen: Counter[str] = Counter()
    for table in tables:
        seen[table.where] += 1
        again = seen[table.where]
        yield table if again == 1 else replace(table, where=f"{table.where}, table {again}".lstrip(", "))


def _sniff(content: bytes) -> str:
    for magic, name in _MAGIC:
        if content.startswith(magic):
            return name
    if content[:1] == b"\x80" and content[1:2] in b"\x02\x03\x04\x05":
        return "pickle"
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return ""
    return "binary" if b"\x00" in content else ""
