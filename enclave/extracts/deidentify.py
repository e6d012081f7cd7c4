"""How each class of element leaves the edition: the table that says it, and the SQL that does it.

Direct identifiers are those of 34 CFR 99.3 and 45 CFR 164.514(b)(2) that education and wage records hold.  They are
kept in the vault, so an edition should not have them; here they are refused a second time, by name.  An extract is
*pseudonymised*, not de-identified: what is kept can single out a person to somebody who knows enough about them.
"""

from __future__ import annotations

from enum import StrEnum

from enclave.core.errors import Unprocessable
from enclave.extracts.specification import Column, RiskPolicy, Treatment


class ElementClass(StrEnum):
    """What kind of fact a column holds; decides its treatment."""

    DIRECT_IDENTIFIER = "direct_identifier"
    FREE_TEXT = "free_text"
    BIRTH_DATE = "birth_date"
    EVENT_DATE = "event_date"
    WAGE = "wage"
    EMPLOYER = "employer"
    GEOGRAPHY = "geography"
    DEMOGRAPHIC = "demographic"
    ATTRIBUTE = "attribute"


#: ``None``: the class never enters an extract.
TREATMENTS: dict[ElementClass, Treatment | None] = {
    ElementClass.DIRECT_IDENTIFIER: None,
    ElementClass.FREE_TEXT: None,
    ElementClass.BIRTH_DATE: Treatment.YEAR,
    ElementClass.EVENT_DATE: Treatment.QUARTER,
    ElementClass.WAGE: Treatment.WAGE,
    ElementClass.EMPLOYER: Treatment.EMPLOYER,
    ElementClass.GEOGRAPHY: Treatment.KEEP,
    ElementClass.DEMOGRAPHIC: Treatment.KEEP,
    ElementClass.ATTRIBUTE: Treatment.KEEP,
}
QUASI_CLASSES = frozenset({ElementClass.BIRTH_DATE, ElementClass.GEOGRAPHY, ElementClass.DEMOGRAPHIC})

DIRECT_IDENTIFIERS = frozenset(
    [
        "person_key",
        "person_id",
        "record_id",
        "ssn",
        "ssid",
        "name",
        "first_name",
        "middle_name",
        "last_name",
        "suffix",
        "full_name",
        "parent_name",
        "guardian_name",
        "street",
        "address",
        "phone",
        "email",
        "student_id",
        "local_id",
        "cohort_id",
        "case_number",
        "seid",
        "match_weight",
        "latitude",
        "longitude",
        "ip_address",
        "license_number",
    ]
)
FREE_TEXT = frozenset(["comment", "comments", "notes", "note", "remarks", "narrative", "description_text"])
DEMOGRAPHICS = frozenset(
    [
        "sex",
        "gender",
        "race",
        "ethnicity",
        "race_ethnicity",
        "hispanic",
        "birth_year",
        "birth_month",
        "age",
        "primary_language",
        "home_language",
        "language",
        "english_learner",
        "el_status",
        "disability",
        "homeless",
        "foster",
        "migrant",
        "military_family",
        "birth_country",
    ]
)
GEOGRAPHIES = ("county", "city", "zip", "tract", "district", "lea", "school", "campus", "region")


def classify(column: str, declared: str | None = None) -> ElementClass:
    """The class of ``column``. A declared class may only make it stricter than what the name says."""
    by_name = _by_name(column)
    if declared is None or by_name in (ElementClass.DIRECT_IDENTIFIER, ElementClass.FREE_TEXT):
        return by_name
    if by_name is not ElementClass.ATTRIBUTE:
        return by_name
    # A school or college places a person as a county does.
    return ElementClass.GEOGRAPHY if declared == "institution" else ElementClass(declared)


def _by_name(column: str) -> ElementClass:
    if column in DIRECT_IDENTIFIERS:
        return ElementClass.DIRECT_IDENTIFIER
    if column in FREE_TEXT or column.endswith(("_text", "_comment", "_notes")):
        return ElementClass.FREE_TEXT
    if column in ("date_of_birth", "birth_date", "dob"):
        return ElementClass.BIRTH_DATE
    if column.endswith("_date"):
        return ElementClass.EVENT_DATE
    if column in ("employer_key", "employer_id", "employer", "fein", "seq_account"):
        return ElementClass.EMPLOYER
    if column in ("wages", "wage", "earnings", "total_wages", "quarterly_wages"):
        return ElementClass.WAGE
    if column in DEMOGRAPHICS:
        return ElementClass.DEMOGRAPHIC
    stems = set(column.split("_"))
    return ElementClass.GEOGRAPHY if stems & set(GEOGRAPHIES) else ElementClass.ATTRIBUTE


def column_for(name: str, declared: str | None = None) -> Column | None:
    """The column as an extract may hold it, or ``None`` where its class never leaves."""
    kind = classify(name, declared)
    treatment = TREATMENTS[kind]
    return None if treatment is None else Column(name=name, treatment=treatment, quasi=kind in QUASI_CLASSES)


def check_treatments(columns: tuple[Column, ...]) -> None:
    """Refuse a specification that asks for a gentler treatment than the table above gives."""
    for column in columns:
        allowed = column_for(column.name)
        if allowed is None:
            raise Unprocessable(f"The column {column.name} never enters an extract.", "Take it out of the request.")
        if allowed.treatment is not Treatment.KEEP and column.treatment is not allowed.treatment:
            raise Unprocessable(
                f"The column {column.name} must be treated as {allowed.treatment}.",
                "Compile the specification again from the approval.",
            )


def expression(column: Column, stored_type: str, policy: RiskPolicy) -> str:
    """SQL for ``column`` of the row alias ``t`` as the extract holds it."""
    source = f't."{column.name}"'
    dated = stored_type.startswith(("DATE", "TIMESTAMP"))
    match column.treatment:
        case Treatment.YEAR:
            whole = stored_type.endswith(("INT", "INTEGER"))
            return f"CAST({source} AS INTEGER)" if whole else f"CAST(year(TRY_CAST({source} AS DATE)) AS INTEGER)"
        case Treatment.QUARTER:
            day = f"TRY_CAST({source} AS DATE)"
            return f"(CAST(year({day}) AS VARCHAR) || 'Q' || CAST(quarter({day}) AS VARCHAR))"
        case Treatment.WAGE:
            step = policy.wage_step
            return f"CAST(least(round({source} / {step}.0) * {step}, {policy.wage_top}) AS BIGINT)"
        case Treatment.EMPLOYER:
            return "e.pseudonym"
        case Treatment.KEEP if dated:
            raise Unprocessable(
                f"The column {column.name} holds exact dates and cannot be kept as it is.",
                "Give it a name that ends in _date, so that it is coarsened.",
            )
        case _:
            return source
