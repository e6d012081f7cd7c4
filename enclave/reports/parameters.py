"""Parameters of a report: declared by the template, validated before anything runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from enclave.core.errors import BadInput

Value = int | float | str | bool
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class Parameter(BaseModel):
    """One parameter: its type, what it may be, and what it is when nobody says."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: Literal["integer", "number", "choice", "flag"]
    label: str
    default: Value
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _default_is_valid(self) -> Parameter:
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("a choice has choices, nothing else has")
        self.parsed("default", self.default)
        return self

    def parsed(self, name: str, given: Any) -> Value:
        """The value in its type; text is read as people type it. BadInput says what is expected."""
        try:
            value = _READ[self.type](given)
        except (ValueError, TypeError):
            raise BadInput(f"{name} is not {_A[self.type]}.", self.hint) from None
        if self.choices and value not in self.choices:
            raise BadInput(f"{name} is none of its choices.", self.hint)
        if not isinstance(value, str) and not self._within(value):
            raise BadInput(f"{name} is out of range.", self.hint)
        return value

    @property
    def hint(self) -> str:
        """What may be given, in words."""
        if self.choices:
            return f"Choose one of {', '.join(self.choices)}."
        if self.type == "flag":
            return "Give yes or no."
        return f"Give a number from {self.minimum if self.minimum is not None else '−∞'} to {self.maximum or '∞'}."

    def _within(self, value: float) -> bool:
        low = self.minimum is None or value >= self.minimum
        return low and (self.maximum is None or value <= self.maximum)


def validate(declared: Mapping[str, Parameter], given: Mapping[str, Any]) -> dict[str, Value]:
    """Every declared parameter with its value; BadInput for one that is not declared or not valid."""
    if unknown := sorted(set(given) - set(declared)):
        raise BadInput(
            f"The report has no parameter {unknown[0][:40]}.", f"It has: {', '.join(sorted(declared)) or 'none'}."
        )
    return {name: each.parsed(name, given.get(name, each.default)) for name, each in sorted(declared.items())}


_A = {"integer": "a whole number", "number": "a number", "choice": "a choice", "flag": "yes or no"}


def _integer(given: Any) -> int:
    if isinstance(given, bool) or (isinstance(given, float) and not given.is_integer()):
        raise ValueError("not whole")
    return int(given)


def _number(given: Any) -> float:
    value = float(given)
    if isinstance(given, bool) or value != value or value in (float("inf"), float("-inf")):
        raise ValueError("not finite")
    return value


def _flag(given: Any) -> bool:
    words = {"yes": True, "true": True, "no": False, "false": False}
    word = str(given).lower()
    if word not in words:
        raise ValueError("neither yes nor no")
    return words[word]


_READ: dict[str, Callable[[Any], Value]] = {"integer": _integer, "number": _number, "choice": str, "flag": _flag}
