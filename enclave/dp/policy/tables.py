"""Table policies: contribution bounds, public keys and public bounds, one YAML file a table."""

from __future__ import annotations

from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, model_validator

from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import Unprocessable
from enclave.dp.policy.providers import Shown, shown_of

FOLDER = Path(__file__).parent
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}$")]
Qualified = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,62}(\.[a-z][a-z0-9_]{0,62})?$")]
"""A column, or `table.column` of a joined table."""


KEY_SETS = "keys.yaml"
PROVIDER = "provider"
"""The column that says whose row it is; made when the table is bounded, no element of any provider."""
Key = str | int


class ColumnType(StrEnum):
    """How a column is held in the bounded table: codes as text, numbers as integers."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"


class _Range(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)
    first: int = Field(alias="from")
    last: int = Field(alias="to")


class Column(BaseModel):
    """One column that may be asked about.

    `keys`: the public values of a group: a list, a range, the name of a key set (resolved on loading), or `named`:
    the question must name its keys, which makes them public; null: no grouping.
    `bounds`: where a measured number is clamped, in the column's own unit; `width`: of a histogram's bins.
    `scale`: integers a unit (GPA × 100).
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    type: ColumnType
    keys: tuple[Key, ...] | Literal["named"] | _Range | None = None
    bounds: tuple[float, float] | None = None
    width: float | None = None
    scale: Annotated[int, Field(ge=1, le=10_000)] = 1
    label: str = ""

    @model_validator(mode="after")
    def _consistent(self) -> Column:
        if self.bounds is not None and not (self.numeric and self.low < self.high):
            raise ValueError("bounds are for numbers, the lower one first")
        if self.width is not None and (self.bounds is None or self.width * self.scale < 1):
            raise ValueError("bins need bounds and a width of at least one step")
        return self

    @property
    def numeric(self) -> bool:
        return self.type in (ColumnType.INTEGER, ColumnType.DECIMAL)

    @property
    def low(self) -> int:
        """The lower bound, in scaled integers."""
        return round(self._bounds[0] * self.scale)

    @property
    def high(self) -> int:
        return round(self._bounds[1] * self.scale)

    @property
    def middle(self) -> int:
        return (self.low + self.high) // 2

    @property
    def step(self) -> int:
        """The width of a bin, in scaled integers."""
        return round((self.width or 0) * self.scale)

    @property
    def bins(self) -> int:
        """How many bins cover the bounds; the last one includes the upper bound."""
        return -(-(self.high - self.low) // self.step)

    @property
    def _bounds(self) -> tuple[float, float]:
        if self.bounds is None:
            raise Unprocessable("This column has no public bounds.", "Choose a column that can be measured.")
        return self.bounds

    @property
    def public_keys(self) -> tuple[Key, ...] | None:
        """The keys that a group has when none are named; None: they must be named."""
        if isinstance(self.keys, _Range):
            return tuple(range(self.keys.first, self.keys.last + 1))
        return None if isinstance(self.keys, str) else self.keys

    @property
    def groupable(self) -> bool:
        return self.keys is not None

    @property
    def measurable(self) -> bool:
        return self.bounds is not None


class _Rows(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    per_person: Annotated[int, Field(ge=1, le=1000)]
    per_period: Annotated[int, Field(ge=1, le=1000)] | None = None
    period: Name | None = None

    @model_validator(mode="after")
    def _together(self) -> _Rows:
        if (self.per_period is None) != (self.period is None):
            raise ValueError("per_period and period belong together")
        return self


class PersonRow(BaseModel):
    """The one row that stands for a person when other tables are joined, and which of its columns are attributes.

    `last`: of the latest period; of several rows there, the one that a salted hash picks. `any`: its pick of all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    choose: Literal["last", "any"]
    columns: Annotated[tuple[Name, ...], Field(min_length=1)]


class Join(BaseModel):
    """A joined table, as the identity of a question and its receipt state it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    choose: str
    columns: tuple[Name, ...]
    policy: str


class TablePolicy(BaseModel):
    """What may be asked of one table, and what one person can change in it.

    `joins`: of a policy that was made for a question about several tables (`enclave.dp.joins`), those tables.
    `shown`: what its providers ask of numbers before they are shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    table: Name
    title: str
    providers: tuple[str, ...]
    rows: _Rows
    columns: dict[Qualified, Column]
    person: PersonRow | None = None
    joins: dict[Name, Join] = Field(default_factory=dict)
    shown: Shown = Shown()

    @model_validator(mode="after")
    def _period_is_whole(self) -> TablePolicy:
        period = self.rows.period
        if period is not None and self.columns[period].type is not ColumnType.INTEGER:
            raise ValueError("the period column must be named and be of whole numbers")
        if self.person is not None:
            if not set(self.person.columns) <= set(self.columns):
                raise ValueError("a person's attributes are columns of the table")
            if self.person.choose == "last" and period is None:
                raise ValueError("there is no last row without a period")
        return self

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the policy: part of every question's identity and of every receipt."""
        return sha256_hex(canonical_json(self.model_dump(mode="json")))

    def column(self, name: str) -> Column:
        found = self.columns.get(name)
        if found is None:
            raise Unprocessable(
                f"A column of the question cannot be asked about in {self.table}.",
                f"Columns open to private questions: {', '.join(sorted(self.columns))}.",
            )
        return found


def parse_policy(content: dict[str, Any], key_sets: dict[str, list[Key]] | None = None) -> TablePolicy:
    """A policy from its YAML content; names of key sets become the sets themselves."""
    columns = {
        name: {**column, "keys": (key_sets or {}).get(column.get("keys"), column.get("keys"))}
        if isinstance(column.get("keys"), str)
        else column
        for name, column in content["columns"].items()
    }
    return TablePolicy.model_validate({**content, "columns": columns})


@lru_cache
def load_policies(folder: Path = FOLDER) -> MappingProxyType[str, TablePolicy]:
    """Every table policy of a folder, by table."""
    key_sets = yaml.safe_load((folder / KEY_SETS).read_text())
    others = {KEY_SETS, "budgets.yaml", "providers.yaml", "employers.yaml"}
    files = sorted(path for path in folder.glob("*.yaml") if path.name not in others)
    contents = [yaml.safe_load(path.read_text()) for path in files]
    policies = [parse_policy({**each, "shown": shown_of(each["providers"])}, key_sets) for each in contents]
    return MappingProxyType({policy.table: policy for policy in policies})


def policy_for(dataset: str, policies: MappingProxyType[str, TablePolicy] | None = None) -> TablePolicy:
    """The policy of a dataset, or a refusal that lists what can be asked."""
    known = load_policies() if policies is None else policies
    if dataset not in known:
        raise Unprocessable("This dataset is not open to private questions.", f"Open are: {', '.join(sorted(known))}.")
    return known[dataset]
