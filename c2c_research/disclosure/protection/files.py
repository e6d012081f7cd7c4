"""`c2c suppress` on files: reads a table with its sidecar, suppresses it, writes the masked table as CSV."""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from pathlib import Path

from c2c_research.disclosure import readers
from c2c_research.disclosure.context import BadContext, Context, parse_context
from c2c_research.disclosure.document import RefusedKind, Unreadable
from c2c_research.disclosure.findings import Cell
from c2c_research.disclosure.policy import load_pack
from c2c_research.disclosure.protection.hierarchies import BadHierarchy, parse_hrc
from c2c_research.disclosure.protection.request import BadRequest, Wishes, masked_rows, suppress_table
from c2c_research.disclosure.protection.suppression import Suppression
from c2c_research.disclosure.tables import Table


@dataclass(frozen=True)
class Order:
    """The options of the command, as given."""

    table: Path
    out: Path
    context: Path | None = None
    policy: str = "enclave-default"
    cost: str = "count"
    protect: tuple[str, ...] = ()
    force: tuple[str, ...] = ()
    released: Path | None = None
    hierarchy: tuple[str, ...] = ()
    threshold: int | None = None
    zeros_hidden: bool = False
    seconds: float = 20.0


def run(order: Order) -> Suppression:
    """Suppress and write. Raises BadRequest, BadPolicy and FileNotFoundError; nothing is written then."""
    context = _context(order)
    table = read_table(order.table, context)
    released = None
    if order.released is not None:
        released = read_table(order.released, replace(context, suppressed=context.suppressed | {"*"}))
    wishes = Wishes(
        order.cost, _cells(order.protect), _cells(order.force), order.threshold, order.zeros_hidden, order.seconds
    )
    done = suppress_table(table, load_pack(order.policy), wishes, released)
    with order.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(table.header)
        writer.writerows(masked_rows(table, done.masked))
    return done


def read_table(path: Path, context: Context) -> Table:
    """The one table of a file."""
    try:
        document = readers.read(path.name, path.read_bytes())
    except (RefusedKind, Unreadable) as problem:
        raise BadRequest(f"{problem} Save the table as CSV.") from problem
    if len(document.tables) != 1:
        raise BadRequest(
            f"{path.name} holds {len(document.tables)} tables. Save the one to suppress as a CSV of its own."
        )
    return document.with_context(context).tables[0]


def _context(order: Order) -> Context:
    path, evidence = order.context, ""
    if path is None:
        beside = [order.table.with_name(f"{name}.context.yaml") for name in (order.table.name, order.table.stem)]
        path = next((each for each in beside if each.is_file()), None)
    for name in (order.table.name, order.table.stem):
        if (found := order.table.with_name(f"{name}.evidence.json")).is_file():
            evidence = found.read_text(encoding="utf-8")
    try:
        context = (
            parse_context(path.read_text(encoding="utf-8") if path else "", evidence) if path or evidence else Context()
        )
        trees = {key: (parse_hrc(Path(file).read_text(encoding="utf-8")),) for key, file in map(_pair, order.hierarchy)}
    except (BadContext, BadHierarchy) as problem:
        raise BadRequest(str(problem)) from problem
    return replace(context, hierarchies={**context.hierarchies, **trees})


def _pair(text: str) -> tuple[str, str]:
    key, sign, file = text.partition("=")
    if not sign:
        raise BadRequest("`--hierarchy` is KEY=FILE.hrc, such as region=region2.hrc.")
    return key, file


def _cells(texts: tuple[str, ...]) -> tuple[Cell, ...]:
    try:
        return tuple((int(row), int(column)) for row, column in (text.split(",") for text in texts))
    except ValueError as problem:
        raise BadRequest("A cell is ROW,COLUMN, such as 3,2, counted from 0.") from problem
