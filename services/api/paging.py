"""Listings in pages, all in one way: `limit` says how many, `cursor` where to go on, the `Link` header where that is.

A cursor is the place of a page's last row in the listing's order, which is made of values that never change. So a row
that comes or goes between two pages makes no other row appear twice or get lost. It is opaque, belongs to the address
that gave it, and opens nothing: each page asks anew what its caller may see.
"""

from __future__ import annotations

import base64
import functools
import inspect
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any, TypeVar
from urllib.parse import urlencode

from fastapi import Depends, Query, Request
from starlette.responses import Response

from enclave.core.digests import sha256_hex
from enclave.core.errors import Unprocessable

MOST = 1000
"""Rows of the largest page; what answers with a bare array gives as many to a caller who asks for no number."""
USUAL = 50
"""Rows of a page of the listings that answer with an object."""
TOTAL = "X-Total-Count"
T = TypeVar("T")
Key = tuple[Any, ...]


@dataclass(frozen=True)
class Order:
    """What a listing is ordered by: fields (`look.drawn_at` is a field of a field); none: as the table stands."""

    names: tuple[str, ...] = ()
    newest_first: bool = False

    def key(self, row: Any) -> Key:
        """Its place among the rows; nothing stands before everything."""
        return tuple(_plain(_part(row, name)) for name in self.names)

    def __str__(self) -> str:
        return ", ".join(self.names) + (", descending" if self.newest_first else "") if self.names else "as it stands"


def newest(*names: str) -> Order:
    """The largest of these first."""
    return Order(names, newest_first=True)


def by(*names: str) -> Order:
    """The smallest of these first."""
    return Order(names)


AS_IT_STANDS = Order()
"""The order of a table that changes with the software alone."""


@dataclass(frozen=True)
class Paging:
    """The page that is asked for, at the address `path`."""

    limit: int
    place: Key | None
    path: str
    query: tuple[tuple[str, str], ...]
    response: Response

    def before(self) -> str | None:
        """The place in a listing that is ordered by ids."""
        return self.after(str)

    def after(self, kind: type[T]) -> T | None:
        """The place in a listing that is ordered by one value of this kind."""
        if self.place is None:
            return None
        if len(self.place) != 1 or type(self.place[0]) is not kind:
            raise _unknown()
        found: T = self.place[0]
        return found

    def take(self, rows: Sequence[T], key: Callable[[T], Any]) -> tuple[list[T], str | None]:
        """Of `limit + 1` rows from this place on: those of the page, and the cursor of the next page."""
        if len(rows) <= self.limit:
            return list(rows), None
        return list(rows[: self.limit]), self._next((key(rows[self.limit - 1]),))

    def cut(self, rows: Sequence[T], key: Callable[[T], Key], down: bool = False) -> tuple[list[T], str | None]:
        """Of all rows: those of the page, ordered by this key, and the cursor of the next page."""
        whole = sorted(((key(row), row) for row in rows), key=lambda pair: pair[0], reverse=down)
        self.count(len(whole))
        rest = whole if self.place is None else _beyond(whole, self.place, down)
        following = self._next(rest[self.limit - 1][0]) if len(rest) > self.limit else None
        return [row for _, row in rest[: self.limit]], following

    def count(self, total: int) -> None:
        """Say how many there are in all."""
        self.response.headers[TOTAL] = str(total)

    def _next(self, place: Key) -> str:
        cursor = _encode(self.path, place)
        self.response.headers["Link"] = f'<{self.path}?{urlencode([*self.query, ("cursor", cursor)])}>; rel="next"'
        return cursor


def _beyond(whole: list[tuple[Key, T]], place: Key, down: bool) -> list[tuple[Key, T]]:
    """The rows on the other side of a place; Unprocessable for one that no row of the listing could have."""
    if any([type(part) for part in key] != [type(part) for part in place] for key, _ in whole[:1]):
        raise _unknown()
    return [pair for pair in whole if (pair[0] < place if down else pair[0] > place)]


def paging(usual: int) -> Callable[..., Any]:
    """The dependency that reads `limit` and `cursor`."""

    async def read(
        request: Request,
        response: Response,
        limit: Annotated[int, Query(ge=1, le=MOST, description="Rows of a page.")] = usual,
        cursor: Annotated[
            str | None, Query(max_length=1000, description="Where to go on: as the page before said.")
        ] = None,
    ) -> Paging:
        query = tuple((name, text) for name, text in request.query_params.multi_items() if name != "cursor")
        path = request.url.path
        return Paging(limit, _decode(path, cursor) if cursor else None, path, query, response)

    return read


Page = Annotated[Paging, Depends(paging(USUAL))]
LongPage = Annotated[Paging, Depends(paging(MOST))]
"""The page of a listing that answers with a bare array."""


def in_pages(handler: Callable[..., Any], order: Order) -> Callable[..., Any]:
    """The route's function of a handler that gives all rows: it gives a page of them."""
    asked = inspect.signature(handler, eval_str=True)
    named = [each.replace(kind=inspect.Parameter.KEYWORD_ONLY) for each in asked.parameters.values()]
    page = inspect.Parameter("page", inspect.Parameter.KEYWORD_ONLY, annotation=LongPage)

    @functools.wraps(handler)
    def listing(*, page: Paging, **values: Any) -> list[Any]:
        rows = handler(**values)
        if order.names:
            return page.cut(rows, order.key, order.newest_first)[0]
        places = {id(row): (place,) for place, row in enumerate(rows)}
        return page.cut(rows, lambda row: places[id(row)])[0]

    del listing.__wrapped__
    listing.__signature__ = asked.replace(parameters=[*named, page])  # type: ignore[attr-defined]
    return listing


def _encode(path: str, place: Key) -> str:
    text = json.dumps([_mark(path), *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _decode(path: str, cursor: str) -> Key:
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, RecursionError):
        raise _unknown() from None
    if not isinstance(found, list) or len(found) < 2 or found[0] != _mark(path):
        raise _unknown()
    if any(type(part) is not str and not (type(part) is int and abs(part) < 2**53) for part in found[1:]):
        raise _unknown()
    return tuple(found[1:])


def _mark(path: str) -> str:
    """A cursor belongs to the address that gave it."""
    return sha256_hex(path.encode())[:8]


def _unknown() -> Unprocessable:
    return Unprocessable("This cursor is not of this listing.", "Begin without one; the `Link` header leads on.")


def _part(row: Any, name: str) -> Any:
    for part in name.split("."):
        row = row[part] if isinstance(row, dict) else getattr(row, part)
    return row


def _plain(value: Any) -> str | int:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return "" if value is None else value if isinstance(value, int) else str(value)
