"""The life of an import, and what kinds there are."""

from __future__ import annotations

from enum import StrEnum

from enclave.core.lifecycle import Lifecycle, Move


class ImportKind(StrEnum):
    """What is brought in; it decides which files are taken and who decides."""

    CODE = "CODE"
    PACKAGE_FILES = "PACKAGE_FILES"
    PUBLIC_DATA = "PUBLIC_DATA"


KIND_LABEL: dict[ImportKind, str] = {
    ImportKind.CODE: "Code",
    ImportKind.PACKAGE_FILES: "Files of a package (ado, R)",
    ImportKind.PUBLIC_DATA: "Public data",
}


class ImportState(StrEnum):
    """DRAFT → SUBMITTED → CHECKED → APPROVED → DELIVERED; or RETURNED, REFUSED, WITHDRAWN."""

    DRAFT = "DRAFT"
    SUBMITTED = "SUBMITTED"
    CHECKED = "CHECKED"
    APPROVED = "APPROVED"
    DELIVERED = "DELIVERED"
    RETURNED = "RETURNED"
    REFUSED = "REFUSED"
    WITHDRAWN = "WITHDRAWN"


S = ImportState
_DECIDER = "an output checker (code) or a data steward (data), nobody of the project"
_SUBMIT = Move("its submitter", "import.submitted")
_WITHDRAW = Move("its submitter; the worker when the project is closed", "import.withdrawn")

LIFECYCLE = Lifecycle(
    "import",
    ImportState,
    {
        S.DRAFT: {S.SUBMITTED: _SUBMIT, S.WITHDRAWN: _WITHDRAW},
        S.SUBMITTED: {
            S.CHECKED: Move("the worker, when every file is checked", "import.checked"),
            S.RETURNED: Move("the worker, when a file cannot come in", "import.returned"),
            S.WITHDRAWN: _WITHDRAW,
        },
        S.CHECKED: {
            S.APPROVED: Move(_DECIDER, "import.approved"),
            S.RETURNED: Move(_DECIDER, "import.returned"),
            S.REFUSED: Move(_DECIDER, "import.refused"),
            S.WITHDRAWN: _WITHDRAW,
        },
        S.RETURNED: {S.SUBMITTED: _SUBMIT, S.WITHDRAWN: _WITHDRAW},
        S.APPROVED: {
            S.DELIVERED: Move("the worker", "import.delivered"),
            S.WITHDRAWN: Move("its submitter, or a data steward", "import.withdrawn"),
        },
        S.DELIVERED: {S.WITHDRAWN: Move("its submitter, or a data steward", "import.withdrawn")},
        S.REFUSED: {},
        S.WITHDRAWN: {},
    },
)

EDITABLE = frozenset({S.DRAFT, S.RETURNED})
OVER = frozenset({S.REFUSED, S.WITHDRAWN})
ACCEPTED = frozenset({S.APPROVED, S.DELIVERED})

LABEL: dict[ImportState, str] = {
    S.DRAFT: "Draft",
    S.SUBMITTED: "Being checked",
    S.CHECKED: "Waits for a decision",
    S.APPROVED: "Approved, on its way",
    S.DELIVERED: "In the labs",
    S.RETURNED: "Returned with a note",
    S.REFUSED: "Refused",
    S.WITHDRAWN: "Withdrawn",
}

NEXT: dict[ImportState, str] = {
    S.DRAFT: "Add the files, look at the findings, and submit it.",
    S.SUBMITTED: "The checker looks at the files; this takes moments.",
    S.CHECKED: "Somebody outside the project reads it and decides.",
    S.APPROVED: "It comes into the project's labs within seconds, once the project is active.",
    S.DELIVERED: "It lies read-only in the project's labs.",
    S.RETURNED: "Mend what the note and the findings say, and submit it again.",
    S.REFUSED: "Nothing is left to do; a new import can be asked for.",
    S.WITHDRAWN: "Nothing is left to do; a new import can be asked for.",
}
