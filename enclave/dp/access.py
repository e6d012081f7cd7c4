"""Whether an edition's elements are open to private answers now: agreements in force, elements opted in."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from enclave.agreements.service import is_permitted, providers_in_force
from enclave.agreements.states import Route
from enclave.core.actors import Actor
from enclave.core.errors import Conflict, NotAllowed, TooMany, Unprocessable
from enclave.dp import store
from enclave.dp.joins import attributes, is_attribute
from enclave.dp.policy import PROVIDER
from enclave.dp.specification import Specification, asked_columns
from enclave.editions import store as editions
from enclave.editions.model import Edition, EditionTable
from enclave.editions.states import EditionState
from enclave.projects import store as projects
from enclave.projects.policies import is_live

MOST_A_MINUTE = 200
"""New questions of a person in a project. Not to guard the budget, which guards itself, but the machine."""


def open_edition(session: Session) -> Edition:
    """The edition that private answers are about: the latest published one."""
    found = editions.latest_published(session)
    if found is None:
        raise Conflict("No edition is published yet.", "Come back when the first one is.")
    return found


def check_can_ask(session: Session, actor: Actor, project: str, now: datetime) -> None:
    """Members of a live project ask, nobody else."""
    row = projects.get_project(session, project)
    if actor.kind != "user" or not projects.is_member(session, project, actor.name):
        raise NotAllowed("Only members of the project ask in its name.", "Ask its lead to add you.")
    if not is_live(row, now):
        raise Conflict("The project is not active.", "Its lead can ask the office for an extension.")


def check_pace(session: Session, actor: Actor, project: str, now: datetime) -> None:
    """Refuse a new question of somebody who asks faster than people and their scripts need to."""
    if store.asked_since(session, project, actor.name, now - timedelta(minutes=1)) >= MOST_A_MINUTE:
        raise TooMany(
            f"{MOST_A_MINUTE} new questions were asked within a minute.",
            "Wait a minute; what was asked before stays free, and one question may have many groups.",
        )


def check_open(session: Session, edition: Edition, specification: Specification, now: datetime) -> None:
    """Refuse a question that touches a provider without agreement or an element that is not opted in."""
    for name, columns in columns_of(specification).items():
        _check_table(session, edition, name, columns, now)


def _check_table(session: Session, edition: Edition, name: str, columns: set[str], now: datetime) -> None:
    tables = [table for table in edition.tables if table.name == name]
    if edition.state != EditionState.PUBLISHED or not tables:
        raise Unprocessable("The edition has no such dataset.", "See the list of datasets.")
    missing = {table.provider for table in tables} - providers_in_force(session, now)
    if missing:
        raise Conflict(
            f"The agreement with {', '.join(sorted(missing))} is not in force.", "The office will tell what follows."
        )
    for column in sorted(columns):
        _check_column(session, tables, column, now)


def columns_of(specification: Specification) -> dict[str, set[str]]:
    """The columns that a question uses, by table, less the name of the provider, which is no element."""
    named = {name for name in asked_columns(specification) if not is_attribute(name)}
    own = named | {item.column for item in specification.measures if item.column}
    joined = {table: set(columns) - {PROVIDER} for table, columns in attributes(specification).items()}
    return {specification.dataset: own - {PROVIDER}, **joined}


def _check_column(session: Session, tables: list[EditionTable], column: str, now: datetime) -> None:
    holders = [table for table in tables if any(item["name"] == column for item in table.columns)]
    if not holders:
        raise Unprocessable(f"The edition does not hold {column}.", "See the list of datasets.")
    for table in holders:
        if not is_permitted(session, table.provider, table.name, column, Route.DP, now):
            raise NotAllowed(f"{table.provider} has not opened {column} to private answers.", "Leave the column out.")
