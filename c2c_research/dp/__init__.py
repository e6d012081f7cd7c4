"""Questions with differential privacy, on the whole edition instead of the project's extract.

    c2c.dp.count("k12_completion", by="county_code", where={"academic_year": 2023}, error=30)

*How exact* comes first: `error` is the 95 % half-width that you need, in persons (of a sum in the column's unit); the
price follows. `epsilon` or `rho` say the price instead. `cost` tells price and exactness before asking and touches no
data; the same question again has the same answer and costs nothing.

`where`: `{"academic_year": 2023, "gpa": (">=", 3.0), "county_code": ["01", "19"], "days": ("between", 5, 10)}`.
`by`: a column, several, or `{"county_code": ["01", "19"]}` to name the groups. Groups are public: those with nobody
in them are answered too. Districts, schools and colleges are too many to be listed: without names, the groups that are
large enough are found in the data (`cost(…)["threshold"]` persons), and such a question also takes a delta of 1e-9.
`by` and `where` take attributes that persons have in another table, as `"k12_enrollment.gender"`.
"""

from c2c_research.dp.answer import PrivateAnswer
from c2c_research.dp.budget import budget, datasets
from c2c_research.dp.compare import Comparison, compare
from c2c_research.dp.consistency import consistent
from c2c_research.dp.dummy import Dummy, DummyAnswer, dummy
from c2c_research.dp.questions import ask, cost, count, histogram, mean, quantile, sql, stddev, sum, variance

__all__ = [
    "Comparison", "Dummy", "DummyAnswer", "PrivateAnswer", "ask", "budget", "compare", "consistent", "cost", "count",
    "datasets", "dummy", "histogram", "mean", "quantile", "sql", "stddev", "sum",
    "variance",
]  # fmt: skip
