"""Odd questions that are answered, safely and for exactly their price, and what counts as the same question.

Prices are written out in nano-rho and follow from sensitivity and exactness alone: a count within 30 of one row a
person needs sigma 15,933/1,024 = 15.56 and costs 1/(2 sigma²) = 0.002065 rho; one vector at rho r costs r.
"""

from __future__ import annotations

from typing import Any

from tests.unit.dp.attacks.questions import INJECTION, measure, where
from tests.unit.dp.world import count_body

COUNT_AT_30 = 2_065_261
"""Nano-rho."""


def _keys(*keys: Any, column: str = "district_code", **changes: Any) -> dict[str, Any]:
    return count_body(by=[{"column": column, "keys": list(keys)}], **changes)


def _sql(text: str, **loss: float) -> dict[str, Any]:
    return {"sql": text, "loss": loss or {"rho": 0.0001}}


RHO = {"rho": 0.0001}
ANSWERED: list[tuple[str, Any, int]] = [
    ("an injection as a value", where(column="county_code", op="=", value=INJECTION) | {"loss": RHO}, 100_000),
    ("an injection as a key", _keys(INJECTION, "'; DROP TABLE x; --", loss=RHO), 100_000),
    ("NUL in a key", _keys("0000001\x00", loss=RHO), 100_000),
    ("NUL in a value", where(column="district_code", op="=", value="0000001\x00' OR 1=1") | {"loss": RHO}, 100_000),
    ("a path as a key", _keys("../../../etc/passwd", "file:///etc/passwd", loss=RHO), 100_000),
    ("a formula as a key", _keys("=HYPERLINK(1)", "@SUM(1)", loss=RHO), 100_000),
    ("a template as a key", _keys("{{7*7}}", "${7*7}", "%(x)s", "{0}", loss=RHO), 100_000),
    ("markup as a key", _keys("<script>alert(1)</script>", loss=RHO), 100_000),
    ("signs that turn the text around", _keys("\u202e0000001", "\u200b", "0000001\u0301", loss=RHO), 100_000),
    ("an emoji of many parts", _keys("👩‍👩‍👧‍👦" * 20, loss=RHO), 100_000),
    ("an empty key", _keys("", loss=RHO), 100_000),
    ("a key twice", _keys("0000000", "0000000", "0000000", loss=RHO), 100_000),
    ("the canary's own district", _keys("canary-4711-district", loss=RHO), 100_000),
    ("two thousand values", where(column="district_code", op="in", value=[f"{n:07d}" for n in range(2000)])
     | {"loss": {"rho": 0.00011}}, 110_000),
    ("numbers of both kinds in one list",
     where(column="gpa", op="in", value=[2, 2.345, 3.5, -0.0]) | {"loss": RHO}, 100_000),
    ("the largest numbers", where(column="gpa", op="<=", value=2.0**53) | {"loss": RHO}, 100_000),
    ("the smallest number", where(column="gpa", op=">", value=5e-324) | {"loss": RHO}, 100_000),
    ("minus nothing", where(column="gpa", op=">=", value=-0.0) | {"loss": RHO}, 100_000),
    ("the far end of whole numbers",
     where(column="academic_year", op="<", value=2**53) | {"loss": RHO}, 100_000),
    ("ends of between the wrong way",
     where(column="academic_year", op="between", value=[2024, 2023]) | {"loss": RHO}, 100_000),
    ("twenty conditions",
     count_body(where=[{"column": "gpa", "op": ">", "value": n / 100} for n in range(20)], loss=RHO), 100_000),
    ("the smallest loss that can be charged", count_body(loss={"rho": 1e-9}), 1),
    ("a rho below one nano-rho", count_body(loss={"rho": 1e-300}, where=[]), 1),
    ("a rho of 5e-324", count_body(loss={"rho": 5e-324}, by=[]), 1),
    ("the largest error", count_body(loss={"error": 1e12}, measures=[{"kind": "count_rows"}]), 1),
    ("the smallest sum", measure(kind="sum", column="gpa") | {"loss": {"rho": 1e-9}}, 1),
    ("ten thousand cells", count_body(by=[
        {"column": "district_code", "keys": [f"{n:04d}" for n in range(100)]},
        {"column": "school_code", "keys": [f"{n:04d}" for n in range(100)]}], loss=RHO), 100_000),
    ("a group in which nobody is",
     _keys("9999999", loss={"rho": 0.0002}), 200_000),
    ("a mean of nobody", _keys("9999999", measures=[{"kind": "mean", "column": "gpa"}], loss=RHO), 100_000),
    ("quantiles of nobody",
     _keys("9999999", measures=[{"kind": "quantile", "column": "gpa", "q": 0.5}], loss=RHO), 100_000),
    ("a histogram of nobody", _keys("9999999", measures=[{"kind": "histogram", "column": "gpa"}], loss=RHO), 100_000),
    ("rows of two years", count_body(where=[], measures=[{"kind": "count_rows"}], loss={"error": 30}), 8_261_042),
    ("persons of two years in a total", count_body(where=[], by=[], loss={"error": 30}), COUNT_AT_30),
    ("SQL with a comment at its end",
     _sql("SELECT COUNT(*) FROM k12_completion -- ; DROP TABLE x"), 100_000),
    ("SQL with a comment inside", _sql("SELECT COUNT(DISTINCT person_key) /* OR 1=1 */ FROM k12_completion"), 100_000),
    ("SQL with a literal that is an injection", _sql(
        "SELECT COUNT(*) FROM k12_completion WHERE district_code = 'x'' UNION ALL SELECT gpa FROM k12_completion --'"),
     100_000),
    ("SQL with spaces and capitals", _sql("select\n\tCOUNT( * )\nFROM K12_COMPLETION WHERE GPA>=3;"), 100_000),
    ("SQL of a GROUP BY with all keys", _sql("SELECT gender, SUM(gpa) FROM k12_completion GROUP BY 1"), 100_000),
]  # fmt: skip
"""What is asked, and the nano-rho that the purse is charged."""

BASE = count_body(
    loss={"error": 200}, measures=[{"kind": "count_persons"}, {"kind": "sum", "column": "gpa"}],
    where=[{"column": "academic_year", "op": "=", "value": 2023}, {"column": "gpa", "op": ">=", "value": 3.0}],
    by=[{"column": "county_code", "keys": ["01", "19"]}, {"column": "gender", "keys": ["F", "M"]}],
)  # fmt: skip
"""The question that is asked first."""
YEAR, GPA = BASE["where"]
COUNTY, GENDER = BASE["by"]
SAME: list[tuple[str, dict[str, Any]]] = [
    ("again", {}),
    ("from the other purse", {"purse": "release"}),
    ("keys in another order", {"by": [{"column": "county_code", "keys": ["19", "01"]}, GENDER]}),
    ("a key twice", {"by": [{"column": "county_code", "keys": ["01", "19", "01"]}, GENDER]}),
    ("groups in another order", {"by": [GENDER, COUNTY]}),
    ("conditions in another order", {"where": [GPA, YEAR]}),
    ("a condition twice", {"where": [YEAR, GPA, YEAR]}),
    ("a whole number written as one", {"where": [YEAR, {**GPA, "value": 3}]}),
    ("one value as a list", {"where": [{"column": "academic_year", "op": "in", "value": [2023]}, GPA]}),
    ("one value twice in a list", {"where": [{"column": "academic_year", "op": "in", "value": [2023, 2023]}, GPA]}),
    ("one value as both ends", {"where": [{"column": "academic_year", "op": "between", "value": [2023, 2023]}, GPA]}),
    ("measures in another order", {"measures": list(reversed(BASE["measures"]))}),
    ("the error as a fraction", {"loss": {"error": 200.0}}),
]  # fmt: skip
"""What changes nothing: the same answer, for nothing."""
ANOTHER: list[tuple[str, dict[str, Any]]] = [
    ("another year", {"where": [{**YEAR, "value": 2024}, GPA]}),
    ("above in place of from", {"where": [YEAR, {**GPA, "op": ">"}]}),
    ("a limit a hair higher", {"where": [YEAR, {**GPA, "value": 3.0000001}]}),
    ("without a condition", {"where": [YEAR]}),
    ("one key fewer", {"by": [{"column": "county_code", "keys": ["01"]}, GENDER]}),
    ("one group fewer", {"by": [COUNTY]}),
    ("one measure fewer", {"measures": BASE["measures"][:1]}),
    ("a row in place of a person", {"measures": [{"kind": "count_rows"}, BASE["measures"][1]]}),
    ("a little more exact", {"loss": {"error": 199}}),
]
"""What is another question: another answer, charged."""
