"""Where each role begins: the steps of its work in order, each with the page on which it is done."""

from __future__ import annotations

from enclave.people.roles import Role

Step = tuple[str, str]

GUIDES: dict[Role, tuple[Step, ...]] = {
    Role.RESEARCHER: (
        ("Look up tables, columns and linkage quality in the catalogue.", "/editions"),
        ("Open the project and start its lab; the extract is there, and nothing leaves by itself.", "/projects"),
        ("Run “c2c check FILE” in the lab, mend what it finds, then submit outputs from the lab or here.", "/releases"),
        ("Answer questions and findings; after two approvals the files are yours to download.", "/releases"),
    ),
    Role.PROJECT_LEAD: (
        ("Write a data request: purpose, team, elements with a reason each.", "/requests"),
        ("Keep the list of people and watch the end date on the project's page.", "/projects"),
        ("Send manuscripts for comment before they are published.", "/publications"),
    ),
    Role.OUTPUT_CHECKER: (
        ("Claim the request at the top of the queue: risk and age decide the order.", "/review"),
        ("Read each file with its findings, comment, vote; your vote is for the bytes that you saw.", "/review"),
        ("Decide on code and public data that people want in their labs.", "/imports"),
    ),
    Role.SENIOR_CHECKER: (
        ("Grant or refuse exceptions for findings that fail; write why, others will look it up.", "/review"),
        ("Keep saved replies short and friendly.", "/replies"),
    ),
    Role.DATA_STEWARD: (
        ("See what providers sent and how the yearly match went.", "/editions/contributions"),
        ("Take in files and run the match with “c2c vault”, on the operator's machine.", "/editions"),
        ("Approve data that come into labs.", "/imports"),
    ),
    Role.PROVIDER_REVIEWER: (
        ("Decide on requests that name your elements; silence is shown to the office as overdue.", "/requests"),
        ("See every use of your data, and take the disclosure log with you.", "/uses"),
        ("Read publications, and speak within their time.", "/publications"),
        ("Where your agreement has a veto, say whether approved outputs may leave.", "/vetoes"),
    ),
    Role.MANAGING_ENTITY: (
        ("Check new requests and forward them to the providers with a summary.", "/requests"),
        ("Draw up and sign agreements.", "/agreements"),
        ("Suspend, resume or close projects.", "/projects"),
    ),
    Role.RESEARCH_AGENDA: (("Run a registered report and send its tables to review.", "/reports"),),
    Role.ADMINISTRATOR: (
        ("Add people, record training, end accounts.", "/people"),
        ("Stop sessions; help a stuck member with consent.", "/sessions"),
    ),
    Role.AUDITOR: (("Read and verify the trail of everything that happened.", "/audit"),),
}
"""Every role has its guide; a test holds this table against the roles."""


def guides_for(roles: set[Role]) -> list[tuple[str, bool, tuple[Step, ...]]]:
    """(role, whether it is the reader's, steps), the reader's own first."""
    ordered = sorted(GUIDES, key=lambda role: role not in roles)
    return [(str(role), role in roles, GUIDES[role]) for role in ordered]
