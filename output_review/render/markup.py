"""HTML that is safe by construction: text is escaped where it enters, elements are made by `tag`."""

from __future__ import annotations

from html import escape


class Html(str):
    """Text that is markup already; template engines read `__html__` and do not escape it again."""

    __slots__ = ()

    def __html__(self) -> str:
        return str(self)


def text(value: object) -> Html:
    return value if isinstance(value, Html) else Html(escape(str(value), quote=True))


def tag(name: str, *children: object, **attributes: object) -> Html:
    """`<name …>children</name>`; a trailing underscore of an attribute's name is dropped, others become hyphens."""
    pairs = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value), quote=True)}"'
        for key, value in attributes.items()
        if value not in (None, False)
    )
    if name in ("img", "br", "meta", "link"):
        return Html(f"<{name}{pairs}>")
    return Html(f"<{name}{pairs}>{joined(*children)}</{name}>")


def joined(*children: object) -> Html:
    return Html("".join(text(child) for child in children if child is not None))
