"""The lexicon: what a header's words say about its column.

A header is split into lower-case words at anything that is not a letter, digit, % or #, and at camelCase. The sets
below are data; `roles` decides between them.
"""

from __future__ import annotations

import re
import unicodedata
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
        "females",
        "males",
        "veterans",
        "refugees",
        "survivors",
        "offenders",
        "inmates",
        "claimants",
        "beneficiaries",
        "residents",
        "suspensions",
        "expulsions",
        "deaths",
        "births",
        "arrests",
        "referrals",
        "hires",
        "hired",
        "employed",
        "matched",
        "unmatched",
        "absentees",
        "transfer",
        "headcounts",
        "estudiantes",
        "alumnos",
        "alumnas",
        "personas",
        "numero",
        "cantidad",
        "conteo",
        "cuenta",
        "matricula",
        "egresados",
        "graduados",
        "diplomas",
        "certificates",
        "admissions",
        "applications",
        "enrolments",
        "enrollments",
        "leavers",
        "starters",
        "alumni",
        "freshmen",
        "households",
        "families",
        "mothers",
        "fathers",
        "parents",
        "clients",
        "exiters",
        "registrants",
        "trainees",
        "apprentices",
        "placements",
        "probationers",
        "parolees",
        "detainees",
        "attendees",
        "awardees",
        "examinees",
        "retirees",
        "mentees",
        "jobseekers",
        "switchers",
        "movers",
        "persisters",
        "undergraduates",
        "sophomores",
        "infants",
        "immigrants",
        "noncompleters",
        "dependents",
        "caregivers",
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
EXTREME = frozenset(
    ["min", "max", "minimum", "maximum", "smallest", "largest", "lowest", "highest", "amin", "amax", "minimo", "maximo"]
)
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
        "col",
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
# whose number a case list gives in each row
CASE_NOUNS = PERSON_NOUNS | frozenset(
    ["case", "client", "participant", "patient", "applicant", "claimant", "respondent", "subject", "member",
     "beneficiary", "recipient", "customer", "enrollee", "inmate", "treated", "control",
     "comparison", "sibling", "youth", "veteran", "trainee", "cliente", "caso",
     "estudiante", "alumno", "persona"]
)  # fmt: skip
ID_WORDS = frozenset(["id", "no", "nr", "num", "number", "nbr", "#", "ref", "reference", "code", "key", "numero"])
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
# of these, the attributes that only a person can have
PERSONAL = frozenset(
    ["sex", "gender", "race", "ethnicity", "birth", "dob", "birthdate", "birthyear", "age", "gpa", "wage", "wages",
     "earnings", "income", "salary", "foster", "homeless", "disability", "score", "language", "lunch", "major", "ssn",
     "ssid", "firstname", "lastname", "surname", "el", "grade", "frpl", "pell", "married", "citizenship", "migrant",
     "diagnosis", "gradepoint", "credits", "hours"]
)  # fmt: skip
PERSON_COUNTS = COUNT_NOUNS - {"number", "total", "cases", "cantidad", "numero", "cuenta", "conteo"}
# what a "number of" may count that is no person
THINGS = frozenset(
    ["codes", "code", "variables", "courses", "terms", "days", "rows", "columns", "files", "items", "categories",
     "levels", "years", "units", "credits", "schools", "colleges", "districts", "counties", "institutions", "programs",
     "sites", "values", "records", "models", "features", "classes", "sections", "tables", "fields", "months", "weeks"]
)  # fmt: skip
PLACES = frozenset(["county", "state", "region", "district", "school", "college", "city", "country", "metro", "zip"])
INSTITUTIONS = frozenset(
    ["schools", "colleges", "districts", "institutions", "campuses", "programs", "providers", "employers", "sites"]
)


# labels of categories of persons: columns that are called so, and hold whole numbers, are a cross-table's counts
CATEGORIES = frozenset(
    ["f", "m", "x", "female", "male", "nonbinary", "non", "binary", "woman", "man", "girl", "boy", "women",
     "men", "asian", "black", "white", "hispanic", "latino", "latina", "latinx", "african", "american",
     "filipino", "native", "hawaiian", "pacific", "islander", "alaskan", "multiracial", "races", "race",
     "two", "more", "other", "unknown", "missing", "declined", "stated", "yes", "no", "true", "false", "not",
     "never", "ever", "enrolled", "employed", "unemployed", "completed", "graduated", "dropped", "out",
     "passed", "failed", "transferred", "retained", "persisted", "left", "low", "medium", "high", "none",
     "some", "fall", "spring", "summer", "winter", "foster", "homeless", "migrant", "english", "spanish",
     "learner", "el", "ell", "sed", "disadvantaged", "swd", "disability", "disabilities", "uc", "csu", "ccc",
     "community", "college", "university", "private", "public", "certificate", "associate", "bachelor",
     "bachelors", "master", "masters", "doctorate", "degree", "diploma", "ged", "hs", "ba", "bs", "aa", "ma",
     "phd", "stem", "arts", "business", "health", "education", "science", "engineering", "part", "full",
     "time", "fulltime", "parttime", "urban", "rural", "suburban", "town", "city", "married", "single",
     "divorced", "widowed", "pell", "eligible", "ineligible", "proficient", "advanced", "basic", "below",
     "met", "exceeded", "nearly", "standard", "standards", "veteran", "dependent", "independent", "first",
     "generation", "citizen", "noncitizen", "instate", "outstate", "online", "transfer", "active", "inactive",
     "all", "total", "overall", "or"]
)  # fmt: skip
_COUNT_ROWS = frozenset(
    ["n", "obs", "obs.", "observations", "no. observations", "no. of observations", "number of observations", "n obs",
     "nobs", "num. obs.", "num.obs.", "sample size", "count", "counts", "students", "persons", "number of students",
     "number of persons", "n students", "n persons", "no. of students", "individuals", "number of individuals",
     "number of groups", "unweighted n", "n (students)", "n (persons)", "headcount", "cell n", "people", "participants"]
)  # fmt: skip


_TOTAL_LINE = re.compile(
    r"(?:all (?!other)[a-z]+(?:s|ies|ren|ple)(?: combined)?"
    r"|(?:[a-z]+ )?(?:sub ?|grand )?totals?"
    r"|(?:total|totals|overall) all [a-z]+)$"
)


@lru_cache(maxsize=4096)
def words(header: str) -> tuple[str, ...]:
    """The words of a header, lower case."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    plain = "".join(char for char in unicodedata.normalize("NFKD", spaced) if not unicodedata.combining(char))
    return tuple(re.findall(r"[a-z0-9]+|%|#|\$", plain.lower()))


def is_total(label: str) -> bool:
    """Does this label name a total?"""
    return re.sub(r"[\s_:]+", " ", label.strip().lower()).strip() in TOTALS


def is_total_line(label: str) -> bool:
    """Does a row's label name a total? Rows say it in more words than columns: "All counties", "Region total"."""
    return is_total(label) or bool(_TOTAL_LINE.match(" ".join(words(label))))


def names_a_count_row(label: str) -> bool:
    """Does a row's label say that the row holds numbers of observations?"""
    return re.sub(r"\s+", " ", label.strip().lower()).strip(" :=") in _COUNT_ROWS


def is_category(label: str) -> bool:
    """Is a header a category of persons ("F", "Two or more races", "Not enrolled") rather than a measure's name?"""
    tokens = words(label)
    if not tokens:
        return False
    if all(token.isdigit() for token in tokens):
        return True
    return sum(token in CATEGORIES or token.isdigit() for token in tokens) * 2 >= len(tokens)
