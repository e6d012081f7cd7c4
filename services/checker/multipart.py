"""The parts of a multipart/form-data body, with the standard library's e-mail parser; binary content stays as it is."""

from __future__ import annotations

from dataclasses import dataclass
from email.parser import BytesHeaderParser


class BadForm(ValueError):
    """The body is no multipart form."""


@dataclass(frozen=True)
class Part:
    """One field of a form. `filename` is empty for a plain value."""

    filename: str
    content: bytes


def parse_form(content_type: str, body: bytes) -> dict[str, Part]:
    """Fields by name; the last of a name wins. Raises BadForm."""
    header = BytesHeaderParser().parsebytes(b"content-type: " + content_type.encode("latin-1") + b"\r\n\r\n")
    boundary = header.get_boundary()
    if header.get_content_type() != "multipart/form-data" or not boundary:
        raise BadForm("The body has to be multipart/form-data.")
    marker = b"--" + boundary.encode("latin-1")
    pieces = (b"\r\n" + body).split(b"\r\n" + marker)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):
        raise BadForm("The form is not complete.")
    return dict(_part(piece) for piece in pieces[1:-1])


def _part(piece: bytes) -> tuple[str, Part]:
    head, separator, content = piece.partition(b"\r\n\r\n")
    if not separator:
        raise BadForm("A part of the form has no header.")
    headers = BytesHeaderParser().parsebytes(head.lstrip(b"\r\n") + b"\r\n\r\n")
    name = headers.get_param("name", header="content-disposition")
    if not isinstance(name, str):
        raise BadForm("A part of the form has no name.")
    return name, Part(headers.get_filename() or "", content)
