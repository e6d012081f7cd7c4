"""A question as data: what may be asked, in which words, up to which size.

*Dataset* is a table of an edition; *where* keeps rows; *by* makes groups over public keys; *measures* are the
statistics; *loss* says how exact. The shapes are those of the HTTP body. Nothing here is ever text for a
database: the server writes all SQL itself from these values.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError

from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import BadInput
from enclave.dp.canonical import canonical_content
from enclave.dp.loss import Loss

Shape = TypeVar("Shape", bound=BaseModel)

MAX_CONDITIONS = 20
MAX_VALUES = 2_000
MAX_GROUPS = 4
MAX_MEASURES = 10
MAX_CELLS = 10_000

Name = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Qualified = Annotated[StrictStr, Field(pattern=r"^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})?$")]
"""A column of the dataset, or `table.column`: a person's attribute in another table."""
Text = Annotated[StrictStr, Field(max_length=200)]
Whole = Annotated[StrictInt, Field(ge=-(2**53), le=2**53)]
Real = Annotated[StrictFloat, Field(allow_inf_nan=False, ge=-(2.0**53), le=2.0**53)]
Scalar = Whole | Real | Text
Operator = Literal["=", "in", "<", "<=", ">", ">=", "between"]
MeasureKind = Literal["count_persons", "count_rows", "sum", "mean", "variance", "stddev", "quantile", "histogram"]
Purse = Literal["explore", "release", "revision"]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Condition(_Frozen):
    """`column op value`; `in` takes a list, `between` two numbers, both ends included."""

    column: Qualified
    op: Operator
    value: Scalar | Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=MAX_VALUES)]


class Group(_Frozen):
    """Groups by a column over `keys`; when null, over all public keys of the column.

    Of a column whose keys are too many to be listed, the groups that are large enough are learned from the data then.
    """

    column: Qualified
    keys: Annotated[tuple[Scalar, ...], Field(min_length=1, max_length=MAX_CELLS)] | None = None


class Measure(_Frozen):
    kind: MeasureKind
    column: Name | None = None
    q: Annotated[StrictFloat | StrictInt, Field(ge=0.01, le=0.99)] | None = None


class Specification(_Frozen):
    """The question without its loss: what it is about."""

    dataset: Name
    where: Annotated[tuple[Condition, ...], Field(max_length=MAX_CONDITIONS)] = ()
    by: Annotated[tuple[Group, ...], Field(max_length=MAX_GROUPS)] = ()
    measures: Annotated[tuple[Measure, ...], Field(min_length=1, max_length=MAX_MEASURES)]


class WantedLoss(_Frozen):
    """Exactly one of rho, epsilon (at delta 1e-6) or error (a 95 % half-width)."""

    epsilon: StrictFloat | StrictInt | StrictBool | None = None
    rho: StrictFloat | StrictInt | StrictBool | None = None
    error: StrictFloat | StrictInt | StrictBool | None = None

    def stated(self) -> tuple[str, object]:
        given = [(name, value) for name, value in self.model_dump().items() if value is not None]
        if len(given) != 1:
            raise BadInput("Say how exact in one way.", 'Give one of "error", "epsilon" or "rho" in "loss".')
        return given[0]


class Request(_Frozen):
    """The HTTP body of `cost` and `queries`."""

    dataset: Name
    where: Annotated[tuple[Condition, ...], Field(max_length=MAX_CONDITIONS)] = ()
    by: Annotated[tuple[Group, ...], Field(max_length=MAX_GROUPS)] = ()
    measures: Annotated[tuple[Measure, ...], Field(min_length=1, max_length=MAX_MEASURES)]
    loss: WantedLoss
    purse: Purse = "explore"

    @property
    def specification(self) -> Specification:
        """The question with its groups and measures in the one order by which questions are compared and priced."""
        by = tuple(sorted(self.by, key=lambda group: group.column))
        measures = tuple(sorted(self.measures, key=_place))
        return Specification(dataset=self.dataset, where=self.where, by=by, measures=measures)


def asked_columns(specification: Specification) -> set[str]:
    """The columns of conditions and groups, as they are named."""
    return {item.column for item in specification.where} | {item.column for item in specification.by}


def parse_request(body: object) -> Request:
    """The typed request of a JSON body; BadInput names the field that is wrong, never its value.

    A body with `sql` instead of dataset, where, by and measures is read into them first (`enclave.dp.sql`).
    """
    if not isinstance(body, Mapping):
        raise BadInput("The question must be a JSON object.", "See the reference of the DP request body.")
    if "sql" in body:
        if _QUESTION & set(body):
            raise BadInput("The question is given twice.", 'Send either "sql" or dataset, where, by and measures.')
        from enclave.dp.sql import read_question  # the portal's: the data zone has no reader of SQL

        body = {**{name: value for name, value in body.items() if name != "sql"}, **read_question(body["sql"])}
    return _validated(Request, body)


def parse_specification(body: object) -> Specification:
    return _validated(Specification, body)


def label(measure: Measure) -> str:
    """How a measure is called in an answer: `count_persons`, `mean(gpa)`, `quantile(earnings, 0.5)`."""
    if measure.column is None:
        return measure.kind
    quantile = f", {measure.q:g}" if measure.q is not None else ""
    return f"{measure.kind}({measure.column}{quantile})"


def _place(measure: Measure) -> tuple[int, str, float]:
    return _KINDS.index(measure.kind), measure.column or "", float(measure.q or 0)


def specification_json(specification: Specification) -> dict[str, object]:
    """The canonical form: conditions, keys and list values in one order, so equal questions digest equally."""
    return canonical_content(specification.model_dump(mode="json"))


def question_digest(edition: str, specification: Specification, loss: Loss, policy_digest: str) -> str:
    """What makes two questions the same: edition, policy, specification, loss; not who asks, nor the purse."""
    content = {
        "edition": edition,
        "policy": policy_digest,
        "specification": specification_json(specification),
        "nano_rho": loss.nano_rho,
    }
    return sha256_hex(canonical_json(content))


def _validated(model: type[Shape], body: object) -> Shape:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        where = sorted({".".join(str(part) for part in item["loc"] if _nameable(part)) for item in error.errors()})
        fields = ", ".join(name for name in where if name)[:300] or "the body"
        raise BadInput(
            f"The question is not well formed: {fields}.",
            "Compare with the reference of the DP request body; names are lower case, numbers are finite.",
        ) from None


def _nameable(part: object) -> bool:
    """Only our own field names and positions are repeated to the sender."""
    return isinstance(part, int) or part in _FIELDS


_KINDS = get_args(MeasureKind)
_QUESTION = set(Specification.model_fields)
_FIELDS = {name for shape in (Request, Condition, Group, Measure, WantedLoss) for name in shape.model_fields}
