"""The page behind a short link: one released number with where it comes from, or a released file to cite from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request
from starlette.responses import Response

from output_review.citing import Sheet
from services.api.citations import NumberView, cell_codes, look
from services.api.deps import Ctx, GuardedRouter, MaybeActor
from services.web.pages import page

router = GuardedRouter(prefix="/r", include_in_schema=False)

ROWS = 100
COLUMNS = 60


@dataclass(frozen=True)
class Grid:
    """A table's part that is on the page: each row as its number and (text, code) of each cell."""

    number: int
    name: str
    header: list[str]
    rows: list[tuple[int, list[tuple[str, str]]]]
    total: int


@router.get("/{code}", public=True)
def show_page(
    request: Request, ctx: Ctx, actor: MaybeActor, code: str, start: Annotated[int, Query(ge=0, le=10**7)] = 0
) -> Response:
    """A number; for a file's code its tables, each value a link to its own page. `start` is the first row's place."""
    shown, tables = look(ctx, actor, code)
    grids = [] if shown.row else [_grid(shown, i + 1, table, start) for i, table in enumerate(tables)]
    return page(
        request, "public/cite.html", title="Where this number comes from" if shown.row else f"Cite {shown.file}",
        actor=actor, shown=shown, grids=grids, start=start, step=ROWS,
        more=any(grid.total > start + ROWS for grid in grids), file_code="-".join(code.lower().split("-")[:2]),
    )  # fmt: skip


def _grid(shown: NumberView, number: int, table: Sheet, start: int) -> Grid:
    rows = []
    for place, row in enumerate(table.rows[start : start + ROWS], start + 1):
        cells = row[:COLUMNS]
        rows.append((place, list(zip(cells, cell_codes(shown, number, place, len(cells)), strict=True))))
    return Grid(number, table.name, list(table.header[:COLUMNS]), rows, len(table.rows))
