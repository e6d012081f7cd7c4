"""The request form: the Five Safes questions, and the elements asked for.

A draft may be incomplete; ``parse`` says whether a document can be submitted.  Elements are named
``provider.table.column``; a *selection* is one provider's table with its columns and one justification.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StrictBool,
    StrictFloat,
    StrictInt,
    StrictStr,
    ValidationError,
    field_validator,
    model_validator,
)

from enclave.core.errors import BadInput, Unprocessable
from enclave.core.ids import check_slug

Text = Annotated[str, Field(min_length=10, max_length=5_000)]
Line = Annotated[str, Field(min_length=3, max_length=200)]
TablePath = Annotated[str, Field(pattern=r"^[a-z]{2,8}\.[a-z][a-z0-9_]{0,62}$")]
ElementPath = Annotated[str, Field(pattern=r"^[a-z]{2,8}\.[a-z][a-z0-9_]{0,62}\.[a-z][a-z0-9_]{0,62}$")]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Value = StrictBool | StrictInt | StrictFloat | Annotated[StrictStr, Field(max_length=100)]
LARGEST = 200_000


class _Document(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Selection(_Document):
    """Columns of one provider's table, and why the project cannot do without them."""

    table: TablePath
    columns: tuple[Name, ...] = Field(min_length=1, max_length=200)
    justification: Text

    @property
    def provider(self) -> str:
        return self.table.split(".")[0]

    @property
    def table_name(self) -> str:
        return self.table.split(".")[1]


class CohortCondition(_Document):
    """Who is studied: persons with a row for which this holds."""

    element: ElementPath
    op: Literal["=", "in", "<", "<=", ">", ">=", "between"]
    value: Value | tuple[Value, ...]

    @model_validator(mode="after")
    def _shape(self) -> CohortCondition:
        many = isinstance(self.value, tuple)
        if many != (self.op in ("in", "between")):
            raise ValueError("in and between take a list, every other comparison a single value")
        if self.op == "between" and isinstance(self.value, tuple) and len(self.value) != 2:
            raise ValueError("between takes exactly two values")
        return self


class RequestForm(_Document):
    """A request that can be read and decided on."""

    title: Line
    project: Annotated[str, Field(description="Short name of the project to be made.")]
    abstract: Text
    institution: Line
    signatory: Line
    purpose: Text
    benefit: Text
    legal_basis: Line
    settings: Text
    outputs: Text
    team: tuple[str, ...] = Field(min_length=1, max_length=50)
    years: tuple[int, int]
    duration_months: int = Field(ge=1, le=120)
    selections: tuple[Selection, ...] = Field(min_length=1, max_length=60)
    cohort: tuple[CohortCondition, ...] = Field(default=(), max_length=40)

    @field_validator("project")
    @classmethod
    def _slug(cls, value: str) -> str:
        try:
            return check_slug(value)
        except BadInput as error:
            raise ValueError("not a short name") from error

    @model_validator(mode="after")
    def _consistent(self) -> RequestForm:
        if self.years[0] > self.years[1]:
            raise ValueError("the first year is after the last")
        tables = [selection.table for selection in self.selections]
        if len(tables) != len(set(tables)):
            raise ValueError("a table is selected twice")
        return self

    @property
    def elements(self) -> tuple[tuple[str, str, str], ...]:
        """Every (provider, table, column) that is read, those of cohort conditions included."""
        chosen = [
            (selection.provider, selection.table_name, column)
            for selection in self.selections
            for column in selection.columns
        ]
        for condition in self.cohort:
            provider, table, column = condition.element.split(".")
            chosen.append((provider, table, column))
        return tuple(sorted(set(chosen)))

    @property
    def providers(self) -> tuple[str, ...]:
        """The providers who decide."""
        return tuple(sorted({provider for provider, _, _ in self.elements}))


#: What each field of the form is about, under the heading of the Five Safes that it answers.
FIVE_SAFES: dict[str, tuple[str, ...]] = {
    "Safe projects": ("purpose", "benefit", "legal_basis", "duration_months"),
    "Safe people": ("team", "institution", "signatory"),
    "Safe settings": ("settings",),
    "Safe data": ("selections", "cohort", "years"),
    "Safe outputs": ("outputs",),
}
FIELDS = frozenset(RequestForm.model_fields)


def parse(document: dict[str, Any]) -> RequestForm:
    """The form in a document, or Unprocessable naming the fields that stop it."""
    try:
        return RequestForm.model_validate(document)
    except ValidationError as error:
        fields = sorted({str(item["loc"][0]) if item["loc"] else "years or selections" for item in error.errors()})
        raise Unprocessable(
            "The request is not complete.",
            f"Fill in or correct: {', '.join(fields).replace('_', ' ')}.",
        ) from None


def check_draft(document: Any) -> dict[str, Any]:
    """A draft may be incomplete, but not of another form and not without bounds."""
    if not isinstance(document, dict) or not document:
        raise BadInput("A request is a document with named fields.", "Start from the example in the docs.")
    unknown = sorted(str(name)[:40] for name in set(document) - FIELDS)
    if unknown:
        raise BadInput(f"A request has no field {', '.join(unknown[:5])}.", f"Fields are: {', '.join(sorted(FIELDS))}.")
    for name in ("selections", "cohort", "team"):
        entries = document.get(name) or []
        wanted = str if name == "team" else dict
        if not isinstance(entries, list | tuple) or not all(isinstance(entry, wanted) for entry in entries):
            raise BadInput(f"The field {name} is not a list of the right kind.", "See the example in the docs.")
    if len(repr(document)) > LARGEST:
        raise BadInput("The request is too long.", "Shorten its texts.")
    return dict(document)
