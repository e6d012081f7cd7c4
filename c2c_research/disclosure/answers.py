"""What an author answered to the engine's questions: what each column holds, of which unit, in which population.

An answer is kept a column: the same header in another file of the request is not asked about again. Like a sidecar it
is *declared* and untrusted: it can say that a column counts persons; it cannot say that a count is none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from c2c_research.disclosure.context import COLUMN_ROLES, UNITS, BadContext, Context
from c2c_research.disclosure.findings import Question

MAX_ANSWERS = 500
MAX_TEXT = 200


@dataclass(frozen=True)
class Answer:
    """What one column holds. `unit` is what a count counts."""

    role: str
    unit: str = "persons"
    population: str = ""

    def to_json(self) -> dict[str, str]:
        return {"role": self.role, "unit": self.unit, "population": self.population}


@dataclass(frozen=True)
class Answers:
    """Answers by a column's header (lower case, blanks trimmed); a header may be given with its file, "t1.csv:x"."""

    columns: Mapping[str, Answer] = field(default_factory=dict)

    def of(self, file: str, column: str) -> Answer | None:
        """The answer about a column of a file, else about a column of that name in any file."""
        named = key_of(column)
        return self.columns.get(f"{key_of(file)}:{named}") or self.columns.get(named)

    def with_answers(self, given: Answers) -> Answers:
        return Answers({**self.columns, **given.columns})

    def open(self, file: str, questions: Iterable[Question]) -> tuple[Question, ...]:
        """The questions that nobody has answered yet."""
        return tuple(question for question in questions if self.of(file, question.about) is None)

    def to_json(self) -> dict[str, dict[str, str]]:
        return {name: answer.to_json() for name, answer in sorted(self.columns.items())}

    @classmethod
    def from_json(cls, data: Any) -> Answers:
        """Read `{"column": "count"}` or `{"column": {"role", "unit", "population"}}`. Raises BadContext."""
        if not isinstance(data, dict) or len(data) > MAX_ANSWERS:
            raise BadContext('Answers are a mapping such as {"x": {"role": "count", "unit": "persons"}}.')
        return cls({key_of(name): _answer(value) for name, value in data.items()})


def key_of(name: str) -> str:
    return " ".join(str(name).split()).lower()[:MAX_TEXT]


def _answer(value: Any) -> Answer:
    given = {"role": value} if isinstance(value, str) else value
    if not isinstance(given, dict) or given.get("role") not in COLUMN_ROLES:
        raise BadContext(f"What a column holds is one of {', '.join(COLUMN_ROLES)}.")
    unit = given.get("unit") or "persons"
    if unit not in UNITS:
        raise BadContext(f"What a column counts is one of {', '.join(UNITS)}.")
    return Answer(given["role"], unit, str(given.get("population") or "")[:MAX_TEXT])


def answered(context: Context, answers: Answers, file: str) -> Context:
    """The context with the answers that concern a file. Where the sidecar speaks of unit or population, it wins."""
    if not answers.columns:
        return context
    prefix = f"{key_of(file)}:"
    columns = {name: answer.role for name, answer in answers.columns.items() if ":" not in name}
    own = {name.removeprefix(prefix): a for name, a in answers.columns.items() if name.startswith(prefix)}
    columns |= {name: answer.role for name, answer in own.items()}
    counted = [answer for answer in (own or answers.columns).values() if answer.role == "count"]
    units = {answer.unit for answer in counted}
    unit = context.unit if context.declared or len(units) != 1 else next(iter(units))
    population = context.population or next((answer.population for answer in counted if answer.population), "")
    return replace(context, columns={**columns, **context.columns}, unit=unit, population=population)
