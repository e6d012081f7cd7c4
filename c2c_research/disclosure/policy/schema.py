"""Which parameters a rule may have: name, form and meaning. A pack with any other word is refused when it is loaded.

A form is a number with a least value (`number`, `share` up to 1), one of some words (`word`), `flag`, or `steps`: a
list of pairs of numbers, such as the sizes from which a percentage is shown up to a limit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

EFFECTS = ("advice", "review", "fail")


@dataclass(frozen=True)
class Parameter:
    """One parameter: its form, what it may be, and what it means."""

    form: str
    meaning: str
    words: tuple[str, ...] = ()

    def problem(self, value: Any) -> str:
        """Why a value does not fit; '' where it does."""
        if self.form == "word":
            return "" if value in self.words else f"is one of {', '.join(self.words)}"
        if self.form == "flag":
            return "" if isinstance(value, bool) else "is true or false"
        if self.form == "steps":
            return "" if _are_steps(value) else "is a list of pairs of numbers, such as [[300, 1], [100, 2]]"
        if isinstance(value, bool) or not isinstance(value, int | float):
            return "is a number"
        if value < 0:
            return "must not be negative"
        return "is a share from 0 to 1" if self.form == "share" and value > 1 else ""


def _are_steps(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(
            isinstance(pair, list)
            and len(pair) == 2
            and all(isinstance(number, int | float) and number >= 0 for number in pair)
            for pair in value
        )
    )


def _number(meaning: str) -> Parameter:
    return Parameter("number", meaning)


def _share(meaning: str) -> Parameter:
    return Parameter("share", meaning)


def _effect(meaning: str) -> Parameter:
    return Parameter("word", meaning, EFFECTS)


PARAMETERS: Mapping[str, Mapping[str, Parameter]] = {
    "min_cell": {
        "persons": _number("the least number of persons behind a shown value; 0 protects none"),
        "employers": _number("the same for employers"),
        "schools": _number("the same for schools and colleges"),
        "method": Parameter(
            "word",
            "`threshold`, or `publication_score` for public tables (CalHHS Data De-Identification Guidelines)",
            ("threshold", "publication_score"),
        ),
        "denominator": _number("with the score: a population of this size needs no score"),
        "score": _number("with the score: the highest sum that is released unmasked"),
    },
    "rate": {
        "complement": _effect("what a small count on the other side of a percentage means"),
        "high_risk": _effect("the same where the group is high-risk (foster, homeless, disability, justice …)"),
        "bands": Parameter("steps", "pairs of a group's size and the percentage up to which nothing exact is shown"),
        "hidden_below": _number("percentages of smaller groups are not shown at all"),
        "rounded_zero": _effect("what a 0 % means that only rounding made, where members hide behind it"),
    },
    "group": {
        "mode": Parameter("word", "what 0 % and 100 % of a group mean", ("show", "band", "fail")),
        "structural_share": _share("share of a table's rows from which one filled column is how the table is built"),
    },
    "dominance": {
        "n": _number("how many contributors together; 0 leaves the (n,k) rule out"),
        "k": _share("the share of a value that they may hold"),
        "p": _number("how near, in percent, the second may come to the largest; 0 leaves the p % rule out"),
        "employers_k": _share("the share that one employer may hold"),
        "ask_below": _number("sums of fewer contributors without evidence are looked at by a reviewer"),
    },
    "order_statistic": {
        "persons": _number("the least number of persons on a percentile's short side"),
        "digits": _number("significant digits to which a percentile is rounded"),
        "exact": _effect("what a percentile with more digits means"),
    },
    "model": {
        "residual_dof": _number("the least residual degrees of freedom"),
        "persons": _number("the least number of persons behind a model and each printed category"),
        "leverage": _share("a leverage above this repeats one person's value"),
    },
    "survival": {
        "persons": _number("the least number at risk, and of events where they are printed"),
        "steps": _number("a curve with more steps than this is not on a grid"),
    },
    "secondary": {
        "one_more": Parameter("word", "mask one more cell where the masked ones of a line are too few", ("yes", "no")),
        "fail_within": _number("a hidden count with at most so many possible values fails"),
        "review_within": _number("with at most so many it is looked at"),
        "protection": Parameter(
            "word", "`strict` asks for the whole range below the threshold", ("default", "strict")
        ),
    },
    "differencing": {
        "persons": _number("the least number of persons by which two populations may differ"),
        "revision_base": _number("the base to which a revision of a registered measure is rounded"),
    },
    "rounding": {
        "scheme": Parameter("word", "how all counts have to be rounded; none: what the file says", ("none", "drb")),
    },
    "unit_record": {"rows": _number("a listing of so many rows is one")},
    "identifier": {},
    "hidden_content": {},
    "file_kind": {},
    "unreadable": {"unknown": _effect("what a table means whose numbers nothing explains")},
}  # fmt: skip


def problems(kind: str, parameters: Mapping[str, Any]) -> list[str]:
    """What does not fit, as sentences."""
    known = PARAMETERS[kind]
    found = []
    for name, value in parameters.items():
        if name not in known:
            found.append(f"`{name}` is no parameter; {_names(known)}")
        elif problem := known[name].problem(value):
            found.append(f"`{name}` {problem}")
    return found


def _names(known: Mapping[str, Parameter]) -> str:
    return f"there are {', '.join(known)}" if known else "the rule has none"
