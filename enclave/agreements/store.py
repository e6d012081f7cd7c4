"""Queries about agreements."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from enclave.agreements.model import DataUseAgreement, ParticipationAgreement, Provider
from enclave.agreements.states import AgreementState
from enclave.core.errors import NotFound

STANDING = (AgreementState.ACTIVE.value, AgreementState.SUSPENDED.value)


def get_agreement(session: Session, agreement_id: str) -> ParticipationAgreement:
    """The agreement of that id, or NotFound."""
    found = session.get(ParticipationAgreement, agreement_id)
    if found is None:
        raise NotFound("There is no such agreement.", "See the list of agreements.")
    return found


def get_provider(session: Session, code: str) -> Provider:
    """The provider of that code, or NotFound."""
    found = session.get(Provider, code)
    if found is None:
        raise NotFound(f"There is no provider “{code[:10]}”.", "See the list of agreements.")
    return found


def list_providers(session: Session) -> list[Provider]:
    """All parties by code."""
    return list(session.scalars(select(Provider).order_by(Provider.id)))


def list_agreements(session: Session) -> list[ParticipationAgreement]:
    """All agreements, by provider, the newest first."""
    order = (ParticipationAgreement.provider, ParticipationAgreement.id.desc())
    return list(session.scalars(select(ParticipationAgreement).order_by(*order)))


def standing(session: Session, provider: str) -> ParticipationAgreement | None:
    """The provider's agreement that is active or suspended."""
    return session.scalars(
        select(ParticipationAgreement).where(
            ParticipationAgreement.provider == provider, ParticipationAgreement.state.in_(STANDING)
        )
    ).one_or_none()


def data_use_of(session: Session, project: str) -> DataUseAgreement | None:
    """The newest data use agreement of a project."""
    return session.scalars(
        select(DataUseAgreement)
        .where(DataUseAgreement.project == project)
        .order_by(DataUseAgreement.id.desc())
        .limit(1)
    ).one_or_none()
