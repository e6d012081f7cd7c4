"""Unit records: rows that are single persons, row-level ids (pseudonymous ones too), scatter plots of persons.

A table of groups differs from one of persons in that its keys cross each other: each combination once, and many of
them present. Rows of persons repeat each other's keys, or have measures of a person that no word calls a statistic.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from math import prod

from c2c_research.disclosure import listed
from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Cloud, Document
from c2c_research.disclosure.findings import Finding, Status
from c2c_research.disclosure.peeks import peeks_in
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.quoted import are_free_answers, quoted_respondents
from c2c_research.disclosure.rules.shared import finding
from c2c_research.disclosure.tables import Role, Table

# the project pseudonyms of an extract are random 63-bit integers
_LONG_ID = re.compile(r"(?<![\d.])\d{15,19}(?!\d|\.\d)")
# ids as registries give them: five digits and more, a letter before them, or hexadecimal
_NUMBERED = re.compile(r"[A-Za-z]{0,3}[-_]?\d{3,}|[0-9a-fA-F-]{16,}")
_PERSON_KEYS = {"ssn", "ssid", "pid", "pseudo", "pseudonym", "studentid", "personid"}
_CASE_KEYS = {"caseid", "caseno", "clientid", "clientno", "casenumber", "participantid", "patientid", "applicantid",
              "mrn", "recordno", "recordnumber", "expediente"}  # fmt: skip
# commands that print single rows of a data set: Stata's `list … in`, R's and pandas' `head`, SAS's `obs=`
_PEEK = re.compile(
    r"^\W*(?:l|li|list)\b[^\n]*\bin +[\df]\w*(?:/-?\w+)?"
    r"|\b(?:head|tail|slice_head|slice_sample|sample_n) ?\([^\n]*\)\s*$"
    r"|\bproc +print\b[^\n;]*\bobs *=",
    re.IGNORECASE | re.MULTILINE,
)
_PLACES = frozenset(["school", "district", "county", "college", "tract", "employer", "institution", "city"])
_MANY_MARKS, _SOME_MARKS = 30, 15
_LEAST_ROWS = 5
MANY_LINES, MOST_OF_FEW = 10, 200
_FILLED = 0.3


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    least = int(rule.number("rows", 3))
    for table in document.tables:
        seen = _seen(table, least)
        if seen is None and _is_peek(table, least) and _PEEK.search(document.text):
            seen = "A command prints single rows.", Status.FAIL
        if seen is not None:
            yield finding(rule, seen[0], table.where, status=min(seen[1], rule.status))
    yield from _clouds(document, rule)
    ids = set(_LONG_ID.findall(document.text))
    if ids:
        status = rule.status if len(ids) > 1 else Status.REVIEW
        yield finding(rule, "The text shows numbers of the length of a person's pseudonym.", status=status)
    if peeks_in(document.text):
        yield finding(rule, "The text lists the first values of single persons, or all of them as leaves of a stem.")
    said = quoted_respondents(document.text)
    if said:
        yield finding(rule, f"The text quotes single respondents with who they are: {said}.")
    many, certain = listed.numbers_of_persons(document.text)
    if many:
        status = rule.status if certain else min(Status.REVIEW, rule.status)
        yield finding(rule, f"The text lists {many} numbers as single persons have them.", status=status)


def _clouds(document: Document, rule: Rule) -> Iterator[Finding]:
    """One finding a figure: the largest cloud of marks that do not follow a line."""
    loose = [cloud for cloud in document.clouds if not cloud.ordered and cloud.points >= _SOME_MARKS]
    if not loose or document.context.unit in ("schools", "employers"):
        return
    largest: Cloud = max(loose, key=lambda cloud: cloud.points)
    groups = bool(set(lexicon.words(document.text)) & (lexicon.INSTITUTIONS | _PLACES | {"counties"}))
    certain = largest.points >= _MANY_MARKS and not groups and not largest.raster
    status = rule.status if certain else Status.REVIEW
    yield finding(rule, "A figure draws single points, each of which may be a person.", largest.where, status=status)


def _seen(table: Table, least: int) -> tuple[str, Status] | None:
    for column in range(table.width):
        texts = [value.text for value in table.column(column) if value.mark is not Mark.EMPTY]
        if len(texts) > 0 and sum(bool(_LONG_ID.fullmatch(text)) for text in texts) > len(texts) / 2:
            return "A column holds row-level ids.", Status.FAIL
    for column in table.columns_of(Role.IDENTIFIER, Role.KEY):
        texts = [value.text for value in table.column(column) if value.mark is not Mark.EMPTY]
        if len(texts) >= least and _is_person_id(table, column, texts):
            return "A column holds row-level ids.", Status.FAIL
    if any(_numbers_persons(table, column) for column in range(table.width)) or _is_headed_by_persons(table):
        return "A column holds row-level ids.", Status.FAIL
    if not _is_summary(table) and any(
        are_free_answers([row[column] for row in table.rows]) for column in range(table.width)
    ):
        return "Each row is one person's own words.", Status.FAIL
    if _steps_by_one(table):
        return "Each line of the curve is one person's value.", Status.FAIL
    if _is_case_list(table, least):
        return "Each row is one case, with its number.", Status.FAIL
    if _is_ranking_of_persons(table):
        return "Rows list single persons' amounts in order.", Status.FAIL
    if _rows_are_persons(table):
        return "Rows look like single persons.", Status.FAIL
    return None


def _is_person_id(table: Table, column: int, texts: list[str]) -> bool:
    """Distinct values over rows that carry no count; a bare `id` in a small table of groups is none."""
    tokens = lexicon.words(table.header[column])
    numbered = sum(bool(_NUMBERED.search(text)) for text in texts) > len(texts) / 2
    distinct = len(set(texts)) == len(texts)
    if table.roles[column] is Role.KEY:
        # a column called "student" whose values are all different, beside values of a person
        named = tokens in {(noun,) for noun in lexicon.PERSON_NOUNS}
        return named and distinct and not _counts(table) and table.width > 1
    personal = bool(set(tokens) & lexicon.PERSON_NOUNS) or bool(set(tokens) & _PERSON_KEYS)
    shaped = sum(any(char.isdigit() for char in text) for text in texts) > len(texts) / 2
    return (personal and shaped and len(set(texts)) >= 3) or (
        numbered and not _counts(table) and distinct and len(texts) >= 10 and _personal(table) > 0
    )


def _numbers_persons(table: Table, column: int) -> bool:
    """Long numbers in no order, all different, in a column that is called after persons or after nothing."""
    texts = [value.text for value in table.column(column) if value.mark is not Mark.EMPTY]
    tokens = set(lexicon.words(table.header[column]))
    nameless = not tokens or tokens <= {"index", "key", "id"}
    single = {token.removesuffix("s") for token in tokens} - {"list", "all", "excluded", "included", "dropped"}
    if not (nameless or (single <= lexicon.CASE_NOUNS | lexicon.ID_WORDS)) or len(set(texts)) < len(texts):
        return False
    numbered = bool(texts) and all(text.isdigit() and 8 <= len(text) <= 14 for text in texts)
    return numbered and listed.are_numbers(texts) and not (nameless and _lists_places(table))


def _is_headed_by_persons(table: Table) -> bool:
    """Numbers of persons as the columns' names, or inside the rows' labels ("C(person_id)[1043829921]")."""
    if listed.are_numbers([name.strip() for name in table.header if name.strip().isdigit() and 8 <= len(name) <= 14]):
        return True
    labels = "\n".join(
        [" ".join(table.header), *(" ".join(row[c] for c in table.columns_of(Role.KEY)) for row in table.rows)]
    )
    return listed.numbers_of_persons(labels)[1] and not _lists_places(table)


def _lists_places(table: Table) -> bool:
    named = {word for name in table.header for word in lexicon.words(name)}
    return bool(named & (lexicon.INSTITUTIONS | _PLACES)) and not named & lexicon.PERSON_NOUNS


def _steps_by_one(table: Table) -> bool:
    """A distribution that rises by 1/n in each of its n lines, or a ROC curve whose shares are k/n of few persons.

    Lines of a grid of percentiles (steps of 0.01, 0.05 …) are none.
    """
    named = [set(lexicon.words(name)) for name in table.header]
    if any({"y", "true"} <= tokens for tokens in named) and len(table.rows) >= MANY_LINES:
        return True
    for column, tokens in enumerate(named):
        values = table.column(column)
        numbers = [value.number for value in values if value.number is not None]
        decimals = max((value.decimals for value in values), default=0)
        if len(numbers) < max(MANY_LINES, len(table.rows)) or not 0 <= min(numbers) <= max(numbers) <= 1:
            continue
        if tokens & {"tpr", "fpr"} and decimals >= 5 and _are_parts_of_few(numbers, decimals):
            return True
        step = 1 / len(numbers)
        even = all(abs(abs(b - a) - step) <= 2 * 10.0**-decimals for a, b in pairwise(numbers))
        if even and decimals > 2 and abs(step * 100 - round(step * 100)) > 1e-6:
            return True
    return False


def _are_parts_of_few(numbers: list[float], decimals: int) -> bool:
    """Are all shares k/n of one n up to a few hundred?"""
    slack = 10.0**-decimals
    return len(set(numbers)) > 2 and any(
        all(abs(number * base - round(number * base)) <= base * slack for number in numbers)
        for base in range(2, MOST_OF_FEW + 1)
    )


def _counts(table: Table) -> list[int]:
    """Columns of counts; flags of 0 and 1 are attributes of persons."""
    return [
        column
        for column in table.columns_of(Role.COUNT)
        if not {value.number for value in table.column(column) if value.number is not None} <= {0.0, 1.0}
        and not _runs(table, column)
    ]


def _runs(table: Table, column: int) -> bool:
    """Numbers of lines: each the one before it and 1."""
    numbers = [value.number for value in table.column(column)]
    return len(numbers) > 2 and all(b is not None and a is not None and b - a == 1 for a, b in pairwise(numbers))


def _is_ranking_of_persons(table: Table) -> bool:
    """Amounts in order beside their ranks, without a name a row: the highest wages, one person's each."""
    named = {column: set(lexicon.words(table.header[column])) for column in range(table.width)}
    ranks = [c for c, tokens in named.items() if tokens & {"rank", "ranking", "obs", "row", "no"} and _runs(table, c)]
    if not ranks or _counts(table) or table.total_rows or len(table.rows) < 4:
        return False
    if any(c not in ranks and _names_each_row(table, c) for c in table.columns_of(Role.KEY)):
        return False
    return any(_is_ordered_amount(table, column) for column in table.columns_of(Role.MAGNITUDE))


def _names_each_row(table: Table, column: int) -> bool:
    texts = [row[column].strip() for row in table.rows]
    return len(set(texts)) == len(texts) and not _runs(table, column)


def _is_ordered_amount(table: Table, column: int) -> bool:
    numbers = [value.number or 0 for value in table.column(column)]
    digits = [f"{number:.2f}".replace(".", "").strip("0") for number in numbers]
    exact = sum(len(each) > 3 for each in digits) > len(digits) / 2
    return exact and len(set(numbers)) == len(numbers) and numbers in (sorted(numbers), sorted(numbers, reverse=True))


def _is_case_list(table: Table, least: int) -> bool:
    """A column of distinct numbers of cases ("client_no"), beside attributes and no count of a group."""
    if table.width < 3 or len(table.rows) < least or table.total_rows or table.columns_of(Role.RATE, Role.MEAN):
        return False
    if any(_is_group_count(table, column) for column in table.columns_of(Role.COUNT)):
        return False
    return any(_numbers_cases(table, column) for column in range(min(table.width, 4)))


def _numbers_cases(table: Table, column: int) -> bool:
    tokens = set(lexicon.words(table.header[column]))
    texts = [row[column].strip() for row in table.rows]
    if len(set(texts)) < len(texts) or not all(any(char.isdigit() for char in text) for text in texts):
        return False
    if tokens & lexicon.CASE_NOUNS and tokens & lexicon.ID_WORDS:
        return True
    if "".join(lexicon.words(table.header[column])) in _CASE_KEYS:
        return True
    # no word says it: long numbers of one width in no order, beside a year of birth or another attribute of a person
    long = len({len(text) for text in texts}) == 1 and len(texts[0]) >= 5 and all(map(str.isdigit, texts))
    bare = tokens <= {"id", "no", "number", "ref", "nr", "record", "key"} and bool(tokens)
    return long and bare and texts != sorted(texts) and _has_birth_or_trait(table)


def _has_birth_or_trait(table: Table) -> bool:
    named = [set(lexicon.words(name)) for name in table.header]
    return any(tokens & (lexicon.PERSONAL | {"yob", "born", "birth"}) - {"hours", "credits"} for tokens in named)


def _is_group_count(table: Table, column: int) -> bool:
    """A header that counts persons; "cases" of a case list's own number is none."""
    tokens = set(lexicon.words(table.header[column]))
    counted = tokens & (lexicon.COUNT_STRONG - {"#"} | lexicon.PERSON_COUNTS)
    return bool(counted) and not tokens & lexicon.ID_WORDS - {"number", "num", "#"}


def _rows_are_persons(table: Table) -> bool:
    """No counts or statistics, attributes of persons, and keys that do not cross each other as groups do."""
    if table.width < 2 or len(table.rows) < _LEAST_ROWS or table.total_rows or _is_summary(table):
        return False
    attributes, personal = _attributes(table), _personal(table)
    if not personal:
        return False
    keys = [column for column in table.columns_of(Role.KEY) if not _is_index(table, column)]
    combinations = Counter(tuple(row[column] for column in keys) for row in table.rows)
    repeated = sum(times for times in combinations.values() if times > 1)
    if any(set(lexicon.words(name)) & {"dob", "birthdate"} for name in table.header) or _has_index_of_rows(table):
        return True
    if keys and repeated * 2 >= len(table.rows) and _has_values_of_persons(table) and len(table.rows) >= 8:
        return True
    if attributes < 3:
        return False
    return (repeated > 0 and personal > 1) or (personal > 2 and not _keys_cross(table, keys, len(combinations)))


def _is_peek(table: Table, least: int) -> bool:
    """Rows without counts or statistics that a command may have taken from a data set of persons."""
    fields = [column for column in range(table.width) if not _is_index(table, column)]
    whole = len(table.rows) >= least and len(fields) >= 3 and not table.total_rows
    return whole and _personal(table) > 0 and not _is_summary(table)


def _has_index_of_rows(table: Table) -> bool:
    """A first column without a name, of whole numbers in no order: the places of single rows in a larger frame."""
    numbers = [value.number for value in table.column(0) if value.is_integer]
    alone = table.header[0].strip() == "" and len(numbers) == len(table.rows) == len(set(numbers))
    return alone and numbers != sorted(numbers, key=lambda n: n or 0) and _has_values_of_persons(table)


def _is_summary(table: Table) -> bool:
    """Counts, rates, means or columns that a word calls a statistic of a group."""
    if _counts(table) or table.columns_of(Role.RATE, Role.MEAN) or _is_square(table):
        return True
    spoken = lexicon.STATISTIC - {"gpa", "score", "t", "z", "p", "f", "low", "high", "weight", "index", "level"}
    named = [
        set(lexicon.words(name)) for column, name in enumerate(table.header) if table.roles[column] is not Role.KEY
    ]
    return any(tokens & (spoken | lexicon.MEAN | {"sum", "total"}) for tokens in named)


def _is_square(table: Table) -> bool:
    """A matrix between variables: its rows are called as its columns."""
    return {row[0].strip() for row in table.rows} == {name.strip() for name in table.header[1:]}


def _attributes(table: Table) -> int:
    return sum(bool(set(lexicon.words(name)) & lexicon.PERSON_ATTRIBUTES) for name in table.header)


def _personal(table: Table) -> int:
    """Columns that only a person can have."""
    return sum(bool(set(lexicon.words(name)) & lexicon.PERSONAL) for name in table.header)


def _has_values_of_persons(table: Table) -> bool:
    """A measure of a person (a wage, a GPA) of which most values differ."""
    for column in table.columns_of(Role.MAGNITUDE, Role.STATISTIC, Role.UNKNOWN):
        numbers = [value.number for value in table.column(column) if value.number is not None]
        named = set(lexicon.words(table.header[column])) & lexicon.PERSONAL
        if named and len(numbers) > 1 and len(set(numbers)) * 10 >= 7 * len(numbers):
            return True
    return False


def _keys_cross(table: Table, keys: list[int], combinations: int) -> bool:
    """Are the keys' combinations the larger part of what their values allow, as in a table of groups?"""
    if combinations < len(table.rows):
        return False
    sizes = [len({row[column] for row in table.rows}) for column in keys]
    crossing = [size for size in sizes if size < len(table.rows)]
    if not crossing:
        # one name a row: a list of schools or districts
        return len(keys) == 1
    return combinations >= _FILLED * prod(sizes) or max(sizes) == len(table.rows)


def _is_index(table: Table, column: int) -> bool:
    texts = [row[column].strip() for row in table.rows]
    return table.header[column].strip() in ("", "index", "Unnamed: 0") and len(set(texts)) == len(texts)
