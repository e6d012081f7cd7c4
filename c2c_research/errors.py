"""What can go wrong in the researcher's library, as one tree.

    ResearchError
    ├── BadUse          the call itself cannot work (a table or column that is not there, a wrong option)
    ├── NotInSandbox    the call needs a sandbox's extract or relay and there is none
    └── EnclaveRefused  the portal answered with an error; carries its code, message and advice

Every message says what to do next; none carries a value computed from confidential data.
"""

from __future__ import annotations


class ResearchError(Exception):
    """Base of all errors of the library. `advice` is the next step for the reader."""

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message} {self.advice}".strip()


class BadUse(ResearchError):
    """The call cannot work as written."""


class NotInSandbox(ResearchError):
    """There is no extract or relay here: the code runs outside a sandbox."""


class EnclaveRefused(ResearchError):
    """The portal refused or could not answer; `status` and `code` are the portal's own."""

    def __init__(self, message: str, advice: str = "", *, status: int = 0, code: str = "") -> None:
        super().__init__(message, advice)
        self.status = status
        self.code = code
