"""A released number by its short code: value, context, record and citation; public where the release is public."""

from __future__ import annotations

from pydantic import BaseModel
from sqlalchemy.orm import Session

from enclave.core.actors import Actor
from enclave.core.errors import EnclaveError, NotAuthenticated, NotFound
from enclave.projects import store as projects
from output_review import citing
from output_review.citing import Cell, Cited, Sheet
from output_review.visibility import Thing, can_see
from services.airlock import airlock_of
from services.api.deps import Context, Ctx, GuardedRouter, MaybeActor

router = GuardedRouter(tags=["releases"])

PAGE_PREFIX = "/services/portal/r/"


class NumberView(BaseModel):
    """A released file or one of its cells. `value` is None for a file, and for everything of a revoked release."""

    code: str
    link: str
    release: str
    title: str
    released_at: str
    revoked: bool
    providers: list[str]
    policy: str
    file: str
    sha256: str
    manifest_sha256: str
    tables: int
    table: int | None = None
    sheet: str = ""
    row: int | None = None
    column: int | None = None
    column_name: str = ""
    row_keys: dict[str, str] = {}
    value: str | None = None
    citation: str
    bibtex: str
    allowed_actions: list[str]


@router.get("/r/{code}", public=True)
def show(ctx: Ctx, actor: MaybeActor, code: str) -> NumberView:
    """Where a number comes from. Codes of files are in `files[].cite` of a released request; a cell's is that and
    `-TABLE.ROW.COLUMN`, each from 1, rows below the header."""
    return look(ctx, actor, code)[0]


def look(ctx: Context, actor: Actor | None, code: str) -> tuple[NumberView, list[Sheet]]:
    """The number, and the tables of its file; those who may not know of it are answered as for no code at all."""
    with ctx.database.read() as session:
        try:
            cited = citing.find(session, code)
            _check_readable(session, actor, cited)
        except NotFound as problem:
            if actor is None:
                raise NotAuthenticated("Log in to see whether this code is one of yours.", problem.advice) from None
            raise
        tables = [] if cited.revoked else _tables(ctx, cited)
        return _view(ctx, actor, cited, tables, _may_read_record(session, actor, cited)), tables


def _check_readable(session: Session, actor: Actor | None, cited: Cited) -> None:
    """Public releases for anybody; else those who may have the file, and for a revoked one those who see its record."""
    if cited.request.public:
        return
    members = projects.members(session, cited.request.project_id)
    things = (Thing.RECORD,) if cited.revoked else (Thing.BUNDLE, Thing.CONTENT)
    if actor is None or not any(can_see(actor, cited.request, members, thing) for thing in things):
        raise NotFound("No released number has this code.", "Copy the whole link from the page of the released file.")


def _may_read_record(session: Session, actor: Actor | None, cited: Cited) -> bool:
    members = projects.members(session, cited.request.project_id)
    return actor is not None and can_see(actor, cited.request, members, Thing.RECORD)


def _tables(ctx: Context, cited: Cited) -> list[Sheet]:
    """Read from the bytes that were released; a file that is away shows no table, and can still be cited."""
    try:
        return citing.sheets(cited.file["name"], airlock_of(ctx).blobs.read(cited.file["sha256"]))
    except EnclaveError:
        return []


def _view(ctx: Context, actor: Actor | None, cited: Cited, tables: list[Sheet], record: bool) -> NumberView:
    link = f"{ctx.settings.public_url}{PAGE_PREFIX}{cited.code}"
    cell, check = cited.cell, cited.file["check"]
    value = citing.value_at(tables, cell) if cell and not cited.revoked else None
    name = citing.header_at(tables, cell) if cell and tables else ""
    return NumberView(
        code=cited.code, link=link, release=cited.request.id, title=cited.payload["title"],
        released_at=cited.payload["released_at"], revoked=cited.revoked,
        providers=cited.payload["lineage"]["providers"],
        policy=f"{check['policy']['name']} {check['policy']['version']}".strip() if check else "",
        file=cited.file["name"], sha256=cited.file["sha256"], manifest_sha256=cited.manifest_sha256,
        tables=len(tables),
        table=cell.table if cell else None, row=cell.row if cell else None, column=cell.column if cell else None,
        sheet=tables[cell.table - 1].name if cell and tables else "", column_name=name,
        row_keys=citing.keys_beside(tables, cell) if cell and tables else {}, value=value,
        citation=citing.citation(cited, link, name, value or ""), bibtex=citing.bibtex(cited, link, name, value or ""),
        allowed_actions=["read_record"] if record else [],
    )  # fmt: skip


def cell_codes(view: NumberView, table: int, row: int, width: int) -> list[str]:
    """The codes of a row's cells."""
    return [citing.code_of(view.release, view.sha256, Cell(table, row, column + 1)) for column in range(width)]
