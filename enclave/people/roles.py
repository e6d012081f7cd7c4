"""The roles of the enclave. One person may hold several; nobody reviews a project that they belong to."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person may be in the enclave."""

    RESEARCHER = "researcher"
    PROJECT_LEAD = "project_lead"
    OUTPUT_CHECKER = "output_checker"
    SENIOR_CHECKER = "senior_checker"
    DATA_STEWARD = "data_steward"
    PROVIDER_REVIEWER = "provider_reviewer"
    MANAGING_ENTITY = "managing_entity"
    RESEARCH_AGENDA = "research_agenda"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"


DESCRIPTIONS: dict[Role, str] = {
    Role.RESEARCHER: "Analyses extracts in a sandbox and submits outputs.",
    Role.PROJECT_LEAD: "Answers for a project: its request, its members, its outputs.",
    Role.OUTPUT_CHECKER: "Reviews outputs of projects to which they do not belong.",
    Role.SENIOR_CHECKER: "Reviews outputs, and grants or refuses exceptions.",
    Role.DATA_STEWARD: "Runs intake and the yearly match, and accepts a colleague's match.",
    Role.PROVIDER_REVIEWER: "Decides for one data provider on requests that name its elements.",
    Role.MANAGING_ENTITY: "The office: checks and forwards requests, keeps agreements and budgets.",
    Role.RESEARCH_AGENDA: "Runs registered reports.",
    Role.ADMINISTRATOR: "Manages people and sessions; never sees unreleased content.",
    Role.AUDITOR: "Reads metadata and the audit trail.",
}
