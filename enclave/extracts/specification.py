"""What an extract may contain, as plain data.

A *specification* is compiled from an approved request (``enclave.extracts.compile``) and is all that the builder and
the verifier know: tables, columns with their *treatment*, cohort conditions, years and the approvers' policy.  It
carries no data values except the literals of cohort conditions, and no SQL: every name is checked against a narrow
pattern here, because names end up inside the statements that the builder writes.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, model_validator
from pydantic import ValidationError as PydanticError

from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import Unprocessable

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
ProviderCode = Annotated[str, Field(pattern=r"^[a-z]{2,8}$")]
Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,29}$")]
EditionId = Annotated[str, Field(pattern=r"^[0-9]{4}r[0-9]{1,3}$")]
Literal = StrictBool | StrictInt | StrictFloat | StrictStr

#: Columns that come with any element of a table: without them rows of different years could not be told apart.
TIME_COLUMNS = ("academic_year", "year", "quarter")
PERSON_COLUMN = "person_id"


class Treatment(StrEnum):
    """What happens to a column on its way from the edition to the extract."""

    KEEP = "keep"
    YEAR = "year"
    QUARTER = "quarter"
    WAGE = "wage"
    EMPLOYER = "employer"


class Operator(StrEnum):
    """How a cohort condition compares."""

    EQUAL = "="
    IN = "in"
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="
    BETWEEN = "between"


class Plain(BaseModel):
    """Frozen, and refuses what it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Column(Plain):
    """One approved column. ``quasi`` marks those that together could point at a person."""

    name: Name
    treatment: Treatment = Treatment.KEEP
    quasi: bool = False

    @property
    def output(self) -> str:
        """The column's name in the extract; a coarsened column never keeps the name of the exact one."""
        if self.treatment is Treatment.EMPLOYER:
            return "employer_id"
        stem = self.name.removesuffix("_date")
        if self.treatment is Treatment.YEAR:
            return "birth_year" if "birth" in self.name else f"{stem.removesuffix('_year')}_year"
        if self.treatment is Treatment.QUARTER:
            return f"{stem}_quarter"
        return self.name


class Part(Plain):
    """The approved columns of one provider's table. Parts with the same table end up in one file."""

    provider: ProviderCode
    table: Name
    columns: tuple[Column, ...] = Field(min_length=1)


class Condition(Plain):
    """One condition of the cohort; those on the same provider's table hold for one and the same row."""

    provider: ProviderCode
    table: Name
    column: Name
    op: Operator
    value: Literal | tuple[Literal, ...]

    @model_validator(mode="after")
    def _shape(self) -> Condition:
        many = isinstance(self.value, tuple)
        if many != (self.op in (Operator.IN, Operator.BETWEEN)):
            raise ValueError("in and between take a list, every other comparison a single value")
        if self.op is Operator.BETWEEN and isinstance(self.value, tuple) and len(self.value) != 2:
            raise ValueError("between takes exactly two values")
        return self


class RiskPolicy(Plain):
    """The approvers' own limits. ``None`` means: measured and reported, not a gate."""

    minimum_k: int | None = Field(default=None, ge=1)
    maximum_unique_share: float | None = Field(default=None, ge=0, le=1)
    wage_step: int = Field(default=100, ge=1)
    wage_top: int = Field(default=150_000, ge=1_000)


class Specification(Plain):
    """Everything that the builder needs, and nothing that was not approved."""

    project: Slug
    version: int = Field(ge=1)
    edition: EditionId
    request: str
    request_version: int
    request_digest: str
    approvals: tuple[dict[str, Any], ...] = ()
    agreements: tuple[dict[str, Any], ...] = ()
    years: tuple[int, int]
    parts: tuple[Part, ...] = Field(min_length=1)
    cohort: tuple[Condition, ...] = ()
    policy: RiskPolicy = RiskPolicy()

    @model_validator(mode="after")
    def _consistent(self) -> Specification:
        if self.years[0] > self.years[1]:
            raise ValueError("the first year is after the last")
        keys = [(part.provider, part.table) for part in self.parts]
        if len(keys) != len(set(keys)):
            raise ValueError("a provider's table is named twice")
        return self

    @property
    def tables(self) -> dict[str, tuple[Part, ...]]:
        """Parts by the file that they end up in, in a stable order."""
        found: dict[str, list[Part]] = {}
        for part in sorted(self.parts, key=lambda part: (part.table, part.provider)):
            found.setdefault(part.table, []).append(part)
        return {table: tuple(parts) for table, parts in found.items()}

    @property
    def providers(self) -> tuple[str, ...]:
        """Every provider whose data are read, cohort conditions included."""
        return tuple(sorted({part.provider for part in self.parts} | {term.provider for term in self.cohort}))

    @property
    def digest(self) -> str:
        return sha256_hex(canonical_json(self.model_dump(mode="json")))


def parse(document: object) -> Specification:
    """The specification in ``document``, or ``Unprocessable`` naming the fields at fault, never their values."""
    try:
        return Specification.model_validate(document)
    except PydanticError as error:
        fields = sorted({".".join(str(step) for step in item["loc"]) or "whole" for item in error.errors()})
        raise Unprocessable(
            "The extract's specification is not valid.", f"Correct these fields: {', '.join(fields)}."
        ) from None
