"""The lexicon: what a header's words say about its column.

A header is split into lower-case words at anything that is not a letter, digit, % or #, and at camelCase. The sets
below are data; `roles` decides between them.
"""

from __future__ import annotations

import re
from functools import lru_cache

COUNT_STRONG = frozenset(
    [
        "n",
        "count",
        "counts",
        "freq",
        "frequency",
        "frequencies",
        "headcount",
        "#",
        "nobs",
        "obs",
        "observations",
        "numerator",
        "denominator",
        "cellcount",
        "num_students",
        "n_students",
        "unweighted",
    ]
)
OUTCOMES = frozenset(["grads", "graduated", "passed", "failed", "dropped", "transferred", "completed", "retained"])
COUNT_NOUNS = OUTCOMES | frozenset(
    [
        "students",
        "student",
        "persons",
        "person",
        "people",
        "individuals",
        "pupils",
        "children",
        "graduates",
        "enrollees",
        "enrolled",
        "enrollment",
        "enrolment",
        "completers",
        "participants",
        "recipients",
        "learners",
        "teachers",
        "workers",
        "employees",
        "dropouts",
        "transfers",
        "applicants",
        "cases",
        "respondents",
        "total",
        "number",
        "cohort_size",
        "workers",
        "completions",
        "awards",
        "degrees",
        "admits",
        "entrants",
        "earners",
        "patients",
        "women",
        "men",
        "girls",
        "boys",
        "adults",
        "youth",
        "members",
    ]
)
RATE = frozenset(
    [
        "%",
        "pct",
        "percent",
        "percentage",
        "rate",
        "rates",
        "share",
        "proportion",
        "prop",
        "ratio",
        "frac",
        "fraction",
        "percents",
        "pc",
    ]
)
STATISTIC = frozenset(
    [
        "mean",
        "avg",
        "average",
        "std",
        "sd",
        "se",
        "stderr",
        "err",
        "error",
        "var",
        "variance",
        "coef",
        "coefficient",
        "beta",
        "estimate",
        "t",
        "z",
        "p",
        "pvalue",
        "p_value",
        "ci",
        "lower",
        "upper",
        "conf",
        "low",
        "high",
        "odds",
        "hazard",
        "skew",
        "kurtosis",
        "chi2",
        "f",
        "aic",
        "bic",
        "r2",
        "index",
        "score",
        "gpa",
        "effect",
        "diff",
        "difference",
        "change",
        "growth",
        "moe",
        "cv",
        "median",
        "percentile",
        "quantile",
        "p10",
        "p25",
        "p50",
        "p75",
        "p90",
        "q1",
        "q2",
        "q3",
        "iqr",
        "gini",
        "loglik",
        "weight",
        "statistic",
        "stat",
        "df",
        "dof",
    ]
)
SPREAD = frozenset(["std", "sd", "variance", "var", "iqr"])
MEAN = frozenset(["mean", "avg", "average"])
EXTREME = frozenset(["min", "max", "minimum", "maximum", "smallest", "largest", "lowest", "highest"])
MONEY = frozenset(
    [
        "wage",
        "wages",
        "earnings",
        "dollars",
        "amount",
        "income",
        "revenue",
        "expenditure",
        "expenditures",
        "cost",
        "costs",
        "usd",
        "$",
        "aid",
        "salary",
        "salaries",
        "spending",
        "funding",
        "hours",
        "units",
        "credits",
    ]
)
KEY_NUMBERS = frozenset(
    [
        "year",
        "yr",
        "grade",
        "zip",
        "zipcode",
        "postal",
        "code",
        "fips",
        "cds",
        "quarter",
        "qtr",
        "rank",
        "age",
        "month",
        "term",
        "level",
        "cohort",
        "week",
        "day",
        "semester",
        "band",
        "decile",
        "quintile",
        "quartile",
        "id",
        "bin",
        "order",
        "step",
        "model",
        "row",
        "date",
        "period",
    ]
)
IDENTIFIER = frozenset(
    ["id", "ssn", "ssid", "pid", "uid", "guid", "key", "pseudonym", "identifier", "recordid", "personid", "studentid"]
)
PERSON_NOUNS = frozenset(
    ["person", "student", "record", "individual", "pupil", "worker", "employee", "learner", "child"]
)
TOTALS = frozenset(
    ["total", "totals", "all", "overall", "sum", "grand total", "all students", "all persons", "subtotal", "all groups",
     "statewide", "state total", "row total", "column total", "margin"]
)  # fmt: skip
PERSON_ATTRIBUTES = frozenset(
    [
        "sex",
        "gender",
        "race",
        "ethnicity",
        "birth",
        "dob",
        "birthdate",
        "age",
        "grade",
        "gpa",
        "wage",
        "wages",
        "zip",
        "school",
        "district",
        "name",
        "first",
        "last",
        "street",
        "phone",
        "email",
        "ssn",
        "ssid",
        "foster",
        "homeless",
        "disability",
        "score",
        "language",
        "el",
        "lunch",
        "major",
        "degree",
        "earnings",
        "income",
        "year",
        "term",
        "county",
    ]
)
INSTITUTIONS = frozenset(
    ["schools", "colleges", "districts", "institutions", "campuses", "programs", "providers", "employers", "sites"]
)


@lru_cache(maxsize=4096)
def words(header: str) -> tuple[str, ...]:
    """The words of a header, lower case."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    return tuple(re.findall(r"[a-z0-9]+|%|#|\$", spaced.lower()))


def is_total(label: str) -> bool:
    """Does this label name a total?"""
    return re.sub(r"[\s_:]+", " ", label.strip().lower()).strip() in TOTALS
