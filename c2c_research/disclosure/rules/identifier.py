"""Direct identifiers: two identity fields in a row, valid social security numbers, lone names and telephones.

A nine-digit pattern is a social security number only where its area, group and serial are ones that were ever given
out (Social Security Administration: area not 000, 666 or 900–999; group not 00; serial not 0000). Names, telephones
and addresses of schools and offices are no persons'.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark
from c2c_research.disclosure.document import Document
from c2c_research.disclosure.findings import Cell, Finding, Status
from c2c_research.disclosure.policy import Policy, Rule
from c2c_research.disclosure.rules.shared import finding
from c2c_research.disclosure.tables import Table

_SSN = re.compile(r"(?<![\d-])(\d{3})-(\d{2})-(\d{4})(?![\d-])")
_SSN_SPACED = re.compile(r"(\d{3}) (\d{2}) (\d{4})")
_SSN_PLAIN = re.compile(r"^(\d{3})[ -]?(\d{2})[ -]?(\d{4})$")
_EMAIL = re.compile(r"^[\w.+-]{1,64}@[\w-]{1,64}\.[\w.]{2,64}$")
_PHONE = re.compile(r"^(?:\+?1[\s.-]?)?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}$")
_STREET = re.compile(
    r"^\d{1,6}\s+[\w .'-]{2,40}\b"
    r"(?:st|street|ave|avenue|rd|road|blvd|boulevard|lane|ln|drive|dr|court|ct|way|place|pl)\b\.?",
    re.IGNORECASE,
)
_FULL_NAME = re.compile(r"^[A-Z][a-z'’-]+,? (?:[A-Z]\.? )?[A-Z][A-Za-z'’-]+$")
_ZIP_PLUS_4 = re.compile(r"^\d{5}-\d{4}$")
_POSTAL = "full postal code"
_DATE = re.compile(r"^(?:(?:19|20)\d{2}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/(?:19|20)?\d{2})$")
_IN_A_LINE = {
    "e-mail": re.compile(r"[\w.+-]{1,64}@[\w-]{1,64}\.\w{2,10}"),
    "telephone": re.compile(r"(?<![\d-])\(?\d{3}\)?[\s.-]\d{3}[.-]\d{4}(?![\d-])"),
    "date of birth": re.compile(
        r"\b(?:born|dob|date of birth|birth ?date)\b.{0,12}\d{1,4}[-/]\d{1,2}[-/]\d{1,4}", re.I
    ),
    "address": re.compile(
        r"\b\d{1,6} [A-Z][\w'-]{1,30}(?: [A-Z][\w'-]{1,30}){0,2} "
        r"(?:St|Street|Ave|Avenue|Rd|Road|Blvd|Lane|Drive|Court)\b"
    ),
    "name": re.compile(
        r"(?i:\b(?:student|patient|person|full|last|first)[ _]?name\b['\"]?\s*[:=]\s*['\"]?[A-Z][a-z]+)"
        r"|\b[A-Z][a-z'’-]+ [A-Z][a-z'’-]+[ ,(:;–-]{1,4}(?:was )?(?:born|dob|DOB|date of birth)\b"
    ),
    "social security number": re.compile(r"(?<![\d-])\d{3}-\d{2}-\d{4}(?![\d-])"),
}
_PRIVATE = {"date of birth", "name", "first name", "social security number"}
_NOT_A_PERSON = frozenset(
    ["school", "district", "county", "college", "campus", "provider", "program", "course", "variable", "group",
     "category", "employer", "city", "file", "table", "column", "model", "term", "institution", "agency", "office",
     "university", "site", "department", "organization", "lea", "company", "indicator", "measure", "field", "subject"]
)  # fmt: skip
_PLACES_AND_OFFICES = frozenset(
    ["service", "services", "contact", "sponsor", "partner", "clinic", "region", "area", "occupation", "industry",
     "role", "title", "topic", "team", "unit", "location", "staff", "coordinator", "manager", "author", "analyst",
     "hospital", "center", "centre", "library", "trade", "firm", "coach", "counselor", "reviewer", "owner"]
)  # fmt: skip
_WHOSE = {"first", "last", "full", "middle", "student", "person", "parent", "child", "given", "family", "client",
          "patient", "participant", "guardian", "maiden"}  # fmt: skip
_NAME_WORDS = frozenset(
    ["firstname", "lastname", "surname", "fullname", "middlename", "lname", "fname", "forename", "nombre", "nombres",
     "apellido", "apellidos", "prenom", "vorname", "nachname", "givenname", "familyname"]
)  # fmt: skip
_BIRTH = frozenset(
    ["birth", "born", "dob", "bday", "nacimiento", "birthdate", "birthday", "birthdt", "naissance", "geburtsdatum"]
)
_PARTS_OF_BIRTH = frozenset(
    ["year", "yr", "month", "country", "place", "state", "county", "city", "weight", "order", "rate", "cohort"]
)
_LISTED = re.compile(
    r"^\W*(?:\d+\W+)?[A-Z][a-z'’-]+,? (?:[A-Z]\.? )?[A-Z][A-Za-z'’-]+(?: [A-Z][a-z'’-]+)?"
    r"\s*(?:[,;:|&(–-]|(?=\s(?:19|20)\d\d-))"
)
_DAY = re.compile(r"(?<![\d-])(?:(?:19|20)\d{2}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/(?:19|20)\d{2})(?![\d-])")
_WHOLE_DAY = re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}")
_TRAITS = {
    **dict.fromkeys(("zip", "zip code", "zipcode", "zip_code", "postal code", "postcode", "zip5"), ("ZIP code",)),
    **dict.fromkeys(("sex", "gender"), ("sex",)),
}
_ABOUT_BIRTH = re.compile(r"\b(?:birth\w*|born|dob|nacimiento)\b", re.IGNORECASE)
LONGEST_LINE = 1_000


def check(document: Document, rule: Rule, policy: Policy) -> Iterator[Finding]:
    for table in document.tables:
        yield from _table(table, rule)
    in_text = [match for match in _SSN.findall(document.text) if valid_ssn(*match)]
    if in_text:
        named = "ssn" in document.text.lower() or "social security" in document.text.lower()
        status = rule.status if len(in_text) > 1 or named else Status.REVIEW
        yield finding(rule, "The text holds the pattern of a social security number.", status=status)
    yield from _lines(document.text, rule)
    listed = [line for line in document.text.split("\n") if _is_listed_person(line)]
    if len(listed) > (1 if _ABOUT_BIRTH.search(document.text) else 2):
        yield finding(rule, "Lines of text list persons by name and date of birth.")


def valid_ssn(area: str, group: str, serial: str) -> bool:
    """Could this number have been given out?"""
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def _is_listed_person(line: str) -> bool:
    """A line that begins with a full name and holds a day: "Ana Ruiz, 2003-04-18"."""
    if len(line) > LONGEST_LINE or not _DAY.search(line):
        return False
    name = _LISTED.match(line)
    return name is not None and not set(lexicon.words(name[0])) & _NOT_A_PERSON


def _lines(text: str, rule: Rule) -> Iterator[Finding]:
    """Identity fields that stand in one line of text. A line with only an office's contacts is none."""
    worst = Status.PASS
    fields: set[str] = set()
    for line in text.split("\n"):
        if len(line) > LONGEST_LINE or not any(char.isdigit() or char == "@" for char in line):
            continue
        found = {name for name, pattern in _IN_A_LINE.items() if pattern.search(line)}
        if len(found) >= 2:
            worst = max(worst, rule.status if found & _PRIVATE else Status.REVIEW)
            fields |= found
    if worst is not Status.PASS:
        yield finding(rule, f"A line of text names somebody by {' and '.join(sorted(fields))}.", status=worst)


def _table(table: Table, rule: Rule) -> Iterator[Finding]:
    numbers = [cell for column in range(table.width) for cell in _ssn_cells(table, column)]
    if numbers:
        yield finding(rule, "Cells hold social security numbers.", table.where, numbers)
    listed = [
        (row, column)
        for row, texts in enumerate(table.rows)
        for column, text in enumerate(texts)
        if _is_listed_person(text)
    ]
    if len(listed) > 2:
        yield finding(rule, "Cells list persons by name and a day.", table.where, listed)
    fields = {column: field for column in range(table.width) if (field := _field(table, column))}
    if {"e-mail", "telephone", "date of birth"} & set(fields.values()) and "name" not in fields.values():
        fields |= {
            column: "name" for column in range(table.width) if column not in fields and _holds_names(table, column)
        }
    named = set(fields.values())
    if not named & _PRIVATE and _lists_offices(table):
        return
    if len(named) >= 2 and table.rows:
        cells = [(row, column) for row in range(len(table.rows)) for column in fields]
        saw = f"Rows name persons by {' and '.join(sorted(named))}."
        places = any(set(lexicon.words(name)) & _NOT_A_PERSON for name in table.header)
        yield finding(rule, saw, table.where, cells, Status.REVIEW if places and not named & _PRIVATE else None)
    elif "date of birth" in named and (traits := _told_apart_by(table, fields)):
        cells = [(row, column) for row in range(len(table.rows)) for column in fields]
        yield finding(rule, f"Rows tell persons apart by day of birth and {traits}.", table.where, cells)
    elif named - {_POSTAL} and not numbers:
        field = next(iter(fields.values()))
        yield finding(rule, f"A column looks like a person's {field}.", table.where, status=Status.REVIEW)


def _told_apart_by(table: Table, fields: Mapping[int, str]) -> str:
    """ZIP code or sex beside a whole day of birth, which together name most people (Sweeney 2000); '' without them."""
    born = next(column for column, field in fields.items() if field == "date of birth")
    days = [value.text for value in table.column(born) if value.mark is not Mark.EMPTY]
    found = {word for name in table.header for word in _TRAITS.get(name.strip().lower(), ())}
    return " and ".join(sorted(found)) if len(days) > 1 and _most(days, _WHOLE_DAY) else ""


def _lists_offices(table: Table) -> bool:
    """A column names offices or schools, one a row, and no column tells of persons."""
    headers = [set(lexicon.words(name)) for name in table.header]
    if any(tokens & (lexicon.PERSON_NOUNS | lexicon.PERSONAL - {"hours"}) for tokens in headers):
        return False
    places = [column for column, tokens in enumerate(headers) if tokens & _NOT_A_PERSON]
    return any(len({row[column] for row in table.rows}) * 10 >= 9 * len(table.rows) for column in places)


def _ssn_cells(table: Table, column: int) -> list[Cell]:
    named = bool({"ssn", "social"} & set(lexicon.words(table.header[column])))
    spaced = [texts[column].strip() for texts in table.rows if texts[column].strip()]
    # three, two and four digits between blanks all the way down are no other number
    named |= len(spaced) > 2 and all(_SSN_SPACED.fullmatch(text) for text in spaced)
    cells = []
    for row, texts in enumerate(table.rows):
        match = _SSN.fullmatch(texts[column].strip()) or (_SSN_PLAIN.match(texts[column].strip()) if named else None)
        if match and valid_ssn(*match.groups()):
            cells.append((row, column))
    return cells


def _field(table: Table, column: int) -> str:
    """Which identity field a column is; '' where it is none."""
    tokens = set(lexicon.words(table.header[column]))
    texts = [value.text for value in table.column(column) if value.mark is not Mark.EMPTY]
    if not texts:
        return ""
    if _most(texts, _EMAIL):
        return "e-mail"
    if _most(texts, _PHONE) or (tokens & {"phone", "telephone", "mobile"} and _most(texts, re.compile(r"^\d{10}$"))):
        return "telephone"
    if tokens & _NOT_A_PERSON:
        return ""
    if _most(texts, _ZIP_PLUS_4):
        return _POSTAL
    if tokens & _BIRTH and not tokens & _PARTS_OF_BIRTH:
        return "date of birth" if _most(texts, re.compile(r"\d{4}|\d[-/.]\d{2}$")) else ""
    if tokens & {"street", "address"} and not tokens & {"ip", "web", "url"}:
        return "address" if _most(texts, re.compile(r"\d")) else ""
    if _most(texts, _STREET):
        return "address"
    return _name_field(tokens, texts)


def _holds_names(table: Table, column: int) -> bool:
    """Full names, a different one a row, in a column that is called after no place or office."""
    texts = [value.text for value in table.column(column) if value.mark is not Mark.EMPTY]
    tokens = set(lexicon.words(table.header[column]))
    office = tokens & (_NOT_A_PERSON | _PLACES_AND_OFFICES)
    return len(texts) > 1 and not office and len(set(texts)) == len(texts) and all(map(_FULL_NAME.match, texts))


def _name_field(tokens: set[str], texts: list[str]) -> str:
    wordy = sum(re.sub(r"[ ,.'’-]", "", text).isalpha() for text in texts) > len(texts) / 2
    joined = bool(tokens & _NAME_WORDS) or tokens in ({"first"}, {"last"}, {"middle"})
    spoken = "name" in tokens and bool(tokens & _WHOSE)
    # given names repeat in a long roster; a group's label repeats far more often
    if not wordy or len(set(texts)) * (8 if joined or spoken else 2) < len(texts):
        return ""
    lone = "name" in tokens or bool(tokens & lexicon.CASE_NOUNS)
    if not (joined or spoken or (lone and _most(texts, _FULL_NAME))):
        return ""
    return "first name" if tokens & {"first", "firstname", "fname", "nombre", "nombres", "given"} else "name"


def _most(texts: list[str], pattern: re.Pattern[str]) -> bool:
    return sum(bool(pattern.search(text)) for text in texts) > len(texts) / 2
