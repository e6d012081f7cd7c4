"""From an approval to a specification: what was not approved cannot be selected.

The compiler starts from the digest-bound version that every provider approved, asks the pathway of each element again
(an agreement may have ended since), drops the classes that never leave, and joins the providers' limits to the
strictest.  Nothing else can put a column into an extract.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from enclave.agreements import store as agreements
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import Conflict, Unprocessable
from enclave.editions import store as editions
from enclave.editions.model import Edition
from enclave.editions.states import EditionState
from enclave.extracts.deidentify import ElementClass, column_for
from enclave.extracts.specification import TIME_COLUMNS, Column, Part, Specification, parse
from enclave.projects import form as forms
from enclave.projects import pathway
from enclave.projects import store as projects
from enclave.projects.model import Project, ProviderDecision
from enclave.projects.states import RequestState, Verdict

_CLASS_NAMES = frozenset(ElementClass) | {"institution"}


def compile_specification(
    session: Session,
    project: Project,
    version: int,
    now: datetime,
    *,
    edition: str | None = None,
    without: frozenset[str] = frozenset(),
) -> Specification:
    """The specification of the project's next version, leaving out the providers in ``without``."""
    form = forms.parse(project.form)
    approvals = _approvals(session, project, form)
    if without & {condition.element.split(".")[0] for condition in form.cohort}:
        raise Unprocessable(
            "The cohort is defined by data that may no longer be used.", "An amended request must define it anew."
        )
    kept = _narrowed(form, without)
    pathway.check_all_open(pathway.check_form(session, kept, now))
    chosen = _edition(session, edition)
    classes = {(e.provider, e.table, e.column): e.kind for e in editions.elements(session, chosen.id)}
    document = {
        "project": project.id,
        "version": version,
        "edition": chosen.id,
        "request": project.request_id,
        "request_version": project.request_version,
        "request_digest": project.request_digest,
        "approvals": [_approval(decision) for decision in approvals if decision.provider not in without],
        "agreements": [_agreement(session, provider) for provider in kept.providers],
        "years": kept.years,
        "parts": [_part(selection, classes).model_dump(mode="json") for selection in kept.selections],
        "cohort": [_condition(condition) for condition in kept.cohort],
        "policy": _policy(session, kept.providers),
    }
    return parse(document)


def _approvals(session: Session, project: Project, form: forms.RequestForm) -> list[ProviderDecision]:
    request = projects.get_request(session, project.request_id)
    given = [
        decision
        for decision in request.decisions
        if decision.version == project.request_version
        and decision.digest == project.request_digest
        and decision.state == Verdict.APPROVED
    ]
    covered = {decision.provider for decision in given}
    same = sha256_hex(canonical_json(form.model_dump(mode="json"))) == project.request_digest
    if request.state != RequestState.APPROVED or not same or set(form.providers) - covered:
        raise Conflict("The project's request is not approved as it stands.", "Submit the request again.")
    return given


def _narrowed(form: forms.RequestForm, without: frozenset[str]) -> forms.RequestForm:
    selections = tuple(selection for selection in form.selections if selection.provider not in without)
    if not selections:
        raise Unprocessable("Nothing of the request is left to build.", "An amended request is needed.")
    return form.model_copy(update={"selections": selections})


def _edition(session: Session, wanted: str | None) -> Edition:
    found = editions.edition(session, wanted) if wanted else editions.latest_published(session)
    if found is None or found.state != EditionState.PUBLISHED:
        raise Unprocessable("There is no published edition to build from.", "Wait until one is published.")
    return found


def _part(selection: forms.Selection, kinds: dict[tuple[str, str, str], str]) -> Part:
    columns = []
    for name in sorted(selection.columns):
        kind = kinds.get((selection.provider, selection.table_name, name), "")
        column = column_for(name, kind if kind in _CLASS_NAMES else None)
        if column is None:
            raise Unprocessable(
                f"{selection.table}.{name} never enters an extract.", "Take it out by an amended request."
            )
        if name not in TIME_COLUMNS:
            columns.append(column)
    return Part(provider=selection.provider, table=selection.table_name, columns=tuple(columns) or (_time(selection),))


def _time(selection: forms.Selection) -> Column:
    return Column(name=min(selection.columns))


def _condition(condition: forms.CohortCondition) -> dict[str, Any]:
    provider, table, column = condition.element.split(".")
    return {
        "provider": provider, "table": table, "column": column, "op": condition.op, "value": condition.value,
    }  # fmt: skip


def _policy(session: Session, providers: tuple[str, ...]) -> dict[str, Any]:
    """The strictest of the providers' limits."""
    limits = [agreements.standing(session, provider) for provider in providers]
    policies = [agreement.extract_policy for agreement in limits if agreement is not None]
    minimum = [policy["minimum_k"] for policy in policies if policy.get("minimum_k") is not None]
    shares = [p["maximum_unique_share"] for p in policies if p.get("maximum_unique_share") is not None]
    return {
        "minimum_k": max(minimum, default=None),
        "maximum_unique_share": min(shares, default=None),
        "wage_step": max((policy.get("wage_step", 100) for policy in policies), default=100),
        "wage_top": min((policy.get("wage_top", 150_000) for policy in policies), default=150_000),
    }


def _approval(decision: ProviderDecision) -> dict[str, Any]:
    return {"provider": decision.provider, "decision": decision.id, "digest": decision.digest}


def _agreement(session: Session, provider: str) -> dict[str, Any]:
    agreement = agreements.standing(session, provider)
    if agreement is None:
        raise Unprocessable("A provider has no agreement in force.", "Ask the office.")
    return {"provider": provider, "agreement": agreement.id, "version": agreement.version}
