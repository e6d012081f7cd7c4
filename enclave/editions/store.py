"""Questions about editions."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from enclave.core.errors import NotFound
from enclave.editions.elements import Element, elements_of
from enclave.editions.model import ContributionNotice, Edition, EditionTable, MatchRunNotice
from enclave.editions.states import EditionState


def latest_published(session: Session) -> Edition | None:
    """The edition that new requests are made against: the PUBLISHED one of the latest year."""
    return session.scalars(
        select(Edition)
        .where(Edition.state == EditionState.PUBLISHED.value)
        .order_by(Edition.year.desc(), Edition.revision.desc())
        .limit(1)
        .options(selectinload(Edition.tables))
    ).one_or_none()


def list_editions(session: Session) -> list[Edition]:
    """All editions, newest first."""
    return list(
        session.scalars(
            select(Edition).order_by(Edition.year.desc(), Edition.revision.desc()).options(selectinload(Edition.tables))
        )
    )


def edition(session: Session, edition_id: str) -> Edition:
    """One edition with its tables; NotFound where there is none."""
    found = session.get(Edition, edition_id, options=[selectinload(Edition.tables)])
    if found is None:
        raise NotFound("There is no such edition.", "The data catalogue lists the editions that exist.")
    return found


def tables_of(session: Session, edition_id: str) -> list[EditionTable]:
    """The tables of an edition, by provider and name."""
    return list(
        session.scalars(
            select(EditionTable)
            .where(EditionTable.edition_id == edition_id)
            .order_by(EditionTable.provider, EditionTable.name)
        )
    )


def elements(session: Session, edition_id: str) -> list[Element]:
    """Every element of an edition, by provider, table and the table's own column order."""
    return elements_of(tables_of(session, edition_id))


def contributions(session: Session, year: int | None = None) -> list[ContributionNotice]:
    """What the vault said of contributions, newest year first."""
    query = select(ContributionNotice).order_by(
        ContributionNotice.year.desc(), ContributionNotice.provider, ContributionNotice.updated_at.desc()
    )
    return list(session.scalars(query if year is None else query.where(ContributionNotice.year == year)))


def match_runs(session: Session) -> list[MatchRunNotice]:
    """What the vault said of match runs, newest first."""
    return list(
        session.scalars(select(MatchRunNotice).order_by(MatchRunNotice.year.desc(), MatchRunNotice.updated_at.desc()))
    )
