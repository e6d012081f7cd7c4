"""The people of the demonstration."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel

from services.cli.client import OperatorClient

_FILE = Path(__file__).with_name("cast.yaml")
COURSE = "Privacy, confidentiality and output review"


class Person(BaseModel):
    """One of the cast."""

    name: str
    full_name: str
    roles: list[str]
    provider: str | None = None
    training: Literal["current", "expired"] | None = None

    @property
    def password(self) -> str:
        """The password that the demonstration prints."""
        return f"enclave-demo-{self.name}"


def cast() -> list[Person]:
    """Everybody, in the order of the file."""
    return [Person.model_validate(each) for each in yaml.safe_load(_FILE.read_text(encoding="utf-8"))["people"]]


def add_people(client: OperatorClient) -> None:
    """Add whoever is missing, with training."""
    known = {user["name"]: user for user in client.get("/users")}
    for person in cast():
        user = known.get(person.name) or client.post("/users", _account(person))
        if person.training and not user["trainings"]:
            client.post(f"/users/{person.name}/training", _certificate(person.training))


def _account(person: Person) -> dict[str, Any]:
    return {
        "name": person.name,
        "full_name": person.full_name,
        "email": f"{person.name}@enclave.example",
        "roles": person.roles,
        "provider": person.provider,
        "password": person.password,
    }


def _certificate(training: str) -> dict[str, str]:
    """A course of two years, finished half a year ago, or so long ago that it has run out."""
    finished = datetime.now(UTC) - timedelta(days=180 if training == "current" else 800)
    return {
        "course": COURSE,
        "completed_at": finished.isoformat(),
        "expires_at": (finished + timedelta(days=730)).isoformat(),
    }
