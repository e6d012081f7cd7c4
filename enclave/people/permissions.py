"""Who may do what to people's accounts, and which role opens which door of the portal."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.actors import Actor
from enclave.core.errors import NotAllowed
from enclave.people.roles import Role

EVERYONE = frozenset(Role)


class Permission(StrEnum):
    """What a route of the portal asks for; finer checks (this project, this request) are the domain's own."""

    SIGNED_IN = "signed_in"
    PEOPLE_READ = "people.read"
    PEOPLE_MANAGE = "people.manage"
    AUDIT_READ = "audit.read"
    SESSIONS_MANAGE = "sessions.manage"
    REVIEW = "review"
    EXCEPTIONS_GRANT = "exceptions.grant"
    CALIBRATION_READ = "calibration.read"
    REQUESTS_WRITE = "requests.write"
    REQUESTS_FORWARD = "requests.forward"
    REQUESTS_DECIDE = "requests.decide"
    AGREEMENTS_MANAGE = "agreements.manage"
    PROJECTS_MANAGE = "projects.manage"
    EXTRACTS_MANAGE = "extracts.manage"
    BUDGETS_GRANT = "budgets.grant"
    REPORTS_RUN = "reports.run"
    CATALOGUE_READ = "catalogue.read"
    USES_READ = "uses.read"
    PUBLICATIONS = "publications"
    POLICY_DECIDE = "policy.decide"
    ASSISTANCE_ASK = "assistance.ask"
    ASSISTANCE_OVERRULE = "assistance.overrule"
    IMAGES_MANAGE = "images.manage"
    IMPORTS_DECIDE = "imports.decide"
    OPERATE = "operate"


ROLES: dict[Permission, frozenset[Role]] = {
    Permission.SIGNED_IN: EVERYONE,
    Permission.PEOPLE_READ: frozenset({Role.ADMINISTRATOR, Role.AUDITOR, Role.MANAGING_ENTITY}),
    Permission.PEOPLE_MANAGE: frozenset({Role.ADMINISTRATOR}),
    Permission.AUDIT_READ: frozenset({Role.ADMINISTRATOR, Role.AUDITOR}),
    Permission.SESSIONS_MANAGE: frozenset({Role.ADMINISTRATOR}),
    Permission.REVIEW: frozenset({Role.OUTPUT_CHECKER, Role.SENIOR_CHECKER}),
    Permission.EXCEPTIONS_GRANT: frozenset({Role.SENIOR_CHECKER}),
    Permission.CALIBRATION_READ: frozenset({Role.SENIOR_CHECKER, Role.MANAGING_ENTITY, Role.AUDITOR}),
    Permission.REQUESTS_WRITE: frozenset({Role.RESEARCHER, Role.PROJECT_LEAD, Role.RESEARCH_AGENDA}),
    Permission.REQUESTS_FORWARD: frozenset({Role.MANAGING_ENTITY}),
    Permission.REQUESTS_DECIDE: frozenset({Role.PROVIDER_REVIEWER}),
    Permission.AGREEMENTS_MANAGE: frozenset({Role.MANAGING_ENTITY}),
    Permission.PROJECTS_MANAGE: frozenset({Role.MANAGING_ENTITY, Role.ADMINISTRATOR}),
    Permission.EXTRACTS_MANAGE: frozenset({Role.MANAGING_ENTITY, Role.DATA_STEWARD}),
    Permission.BUDGETS_GRANT: frozenset({Role.MANAGING_ENTITY}),
    Permission.REPORTS_RUN: frozenset({Role.RESEARCH_AGENDA}),
    Permission.CATALOGUE_READ: EVERYONE,
    Permission.USES_READ: frozenset({Role.PROVIDER_REVIEWER, Role.MANAGING_ENTITY, Role.AUDITOR}),
    Permission.PUBLICATIONS: frozenset(
        {
            Role.RESEARCHER,
            Role.PROJECT_LEAD,
            Role.RESEARCH_AGENDA,
            Role.PROVIDER_REVIEWER,
            Role.MANAGING_ENTITY,
            Role.AUDITOR,
            Role.ADMINISTRATOR,
        }
    ),
    Permission.POLICY_DECIDE: frozenset({Role.MANAGING_ENTITY}),
    Permission.ASSISTANCE_ASK: frozenset({Role.ADMINISTRATOR}),
    Permission.ASSISTANCE_OVERRULE: frozenset({Role.MANAGING_ENTITY}),
    Permission.IMAGES_MANAGE: frozenset({Role.ADMINISTRATOR, Role.DATA_STEWARD}),
    Permission.IMPORTS_DECIDE: frozenset({Role.OUTPUT_CHECKER, Role.SENIOR_CHECKER, Role.DATA_STEWARD}),
    Permission.OPERATE: frozenset(),
}
"""Which roles hold a permission. The operator on the host holds those of OPERATOR instead."""

OPERATOR: frozenset[Permission] = frozenset(Permission) - {
    Permission.REVIEW,
    Permission.EXCEPTIONS_GRANT,
    Permission.REQUESTS_DECIDE,
    Permission.POLICY_DECIDE,
    Permission.ASSISTANCE_ASK,
    Permission.ASSISTANCE_OVERRULE,
    Permission.IMPORTS_DECIDE,
}
"""What needs a person (votes, exceptions, a provider's decision, a look into a workspace) is never the operator's."""


def holds(actor: Actor, permission: Permission) -> bool:
    """Whether the actor holds the permission."""
    if actor.kind == "operator":
        return permission in OPERATOR
    return actor.kind == "user" and actor.has(*ROLES[permission])


def check_holds(actor: Actor, permission: Permission) -> None:
    """Raise NotAllowed unless the actor holds the permission."""
    if not holds(actor, permission):
        raise NotAllowed(
            "Your account does not have the role that this needs.",
            "Ask an administrator if you think that it should.",
        )


def check_can_manage_people(actor: Actor) -> None:
    """Accounts are managed by administrators and the operator."""
    check_holds(actor, Permission.PEOPLE_MANAGE)
