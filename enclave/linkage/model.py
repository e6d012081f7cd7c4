"""The match model: comparisons, blocking rules and their parameters (Fellegi-Sunter, by Splink).

Promise: the same data and the same version give the same weights. Limit: rare levels cannot be learnt from data of one
state's size, so their m and u are declared here and fixed. Caution: the "twin" level is declared, not learnt: it weighs
"same birth date and last name, another first name" as evidence of a sibling rather than of a random stranger, and where
two records look like siblings, home, phone and parent say nothing; such pairs go to clerical review. Sources: Fellegi &
Sunter (1969); Winkler (1990); Splink 5.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import SettingsCreator, block_on

MODEL_VERSION = "2025.1"
KEPT_FROM_WEIGHT = -5.0
LINKED_FROM_WEIGHT = 4.0
SEED = 1907

Level = cll.CustomLevel | cll.NullLevel | cll.ExactMatchLevel | cll.ElseLevel | cll.And

SWAPPED = "(name_pair_l = name_pair_r AND first_formal_l <> first_formal_r)"
SAME_LAST_NAME = (
    "(list_has_any(last_words_l, last_words_r) OR jaro_winkler_similarity(last_name_l, last_name_r) >= 0.9)"
)
DAY_MONTH_SWAPPED = "(birth_year_l = birth_year_r AND month(dob_l) = day(dob_r) AND day(dob_l) = month(dob_r))"
NEW_YEARS_DAY = "(birth_year_l = birth_year_r AND (dob_text_l[5:8] = '0101' OR dob_text_r[5:8] = '0101'))"
BORN_ALIKE = f"(damerau_levenshtein(dob_text_l, dob_text_r) <= 1 OR {DAY_MONTH_SWAPPED} OR {NEW_YEARS_DAY})"
TWIN = (
    f"(dob_l = dob_r AND {SAME_LAST_NAME} AND first_formal_l <> first_formal_r "
    "AND jaro_winkler_similarity(first_name_l, first_name_r) < 0.8)"
)
SIBLING = f"coalesce({TWIN} OR NOT {BORN_ALIKE}, false)"
"""Two children of one home look like this; what they share by living there is then no evidence of one person."""
CONTRADICTION = (
    f"{SIBLING} OR coalesce(damerau_levenshtein(ssn_l, ssn_r) > 1, false) OR coalesce(ssid_l <> ssid_r, false)"
)
"""What speaks against one person, as opposed to what merely says little about it."""
JUDGED_COLUMNS = (
    "first_name", "first_formal", "last_name", "last_words", "name_pair", "dob", "dob_text", "birth_year", "ssn", "ssid"
)  # fmt: skip


def side_by_side(columns: Iterable[str] = ()) -> str:
    """The select list that puts two records ``l`` and ``r`` beside each other, as the expressions above name them."""
    names = dict.fromkeys([*JUDGED_COLUMNS, *columns])
    return ", ".join(f"{side}.{name} AS {name}_{side}" for side in "lr" for name in names)


def _level(sql: str, label: str, m: float, u: float | None = None) -> Any:
    """A level with declared m; u is declared too where random sampling could never meet it."""
    level = cll.CustomLevel(sql, label)
    level.configure(m_probability=m, fix_m_probability=True)
    if u is not None:
        level.configure(u_probability=u, fix_u_probability=True)
    return level


def _exact(column: str, m: float, frequencies: bool = False, u: float | None = None) -> Any:
    level = cll.ExactMatchLevel(column)
    level.configure(m_probability=m, fix_m_probability=True)
    if frequencies:
        level.configure(tf_adjustment_column=column, tf_minimum_u_value=0.00001)
    if u is not None:
        level.configure(u_probability=u, fix_u_probability=True)
    return level


def _other(m: float, u: float | None = None) -> Any:
    level = cll.ElseLevel()
    level.configure(m_probability=m, fix_m_probability=True)
    if u is not None:
        level.configure(u_probability=u, fix_u_probability=True)
    return level


def _null(sql: str) -> Any:
    level = cll.CustomLevel(sql, "not known")
    level.configure(is_null_level=True)
    return level


def first_name() -> Any:
    return cl.CustomComparison(
        [
            cll.NullLevel("first_name"),
            _exact("first_name", 0.80, frequencies=True),
            _level(SWAPPED, "first and last swapped", 0.005, 1e-6),
            _level("first_formal_l = first_formal_r", "same formal name", 0.10),
            _level("jaro_winkler_similarity(first_name_l, first_name_r) >= 0.9", "one or two letters off", 0.05),
            _level(
                "starts_with(first_name_l, first_name_r) OR starts_with(first_name_r, first_name_l)", "shortened", 0.015
            ),
            _level(TWIN, "twin: same birth date and last name, other first name", 0.0002, 1.0),
            _other(0.0298),
        ],
        output_column_name="first_name",
    )


def last_name() -> Any:
    return cl.CustomComparison(
        [
            _null(f"last_name_l IS NULL OR last_name_r IS NULL OR ({SWAPPED})"),
            _exact("last_name", 0.84, frequencies=True),
            _level("list_has_any(last_words_l, last_words_r)", "one of two last names", 0.06),
            _level("jaro_winkler_similarity(last_name_l, last_name_r) >= 0.9", "one or two letters off", 0.04),
            _other(0.06),
        ],
        output_column_name="last_name",
    )


def birth_date() -> Any:
    return cl.CustomComparison(
        [
            cll.NullLevel("dob"),
            _exact("dob", 0.965, u=0.00006),
            _level(DAY_MONTH_SWAPPED, "day and month swapped", 0.006, 0.00006),
            _level("damerau_levenshtein(dob_text_l, dob_text_r) <= 1", "one digit off", 0.02, 0.002),
            _level(NEW_YEARS_DAY, "same year, one is the first of January", 0.004, 0.001),
            _level("birth_year_l = birth_year_r", "same year", 0.003),
            _other(0.002),
        ],
        output_column_name="dob",
    )


def identifier(column: str, exact: float, close: float) -> Any:
    """SSN or SSID: u is declared, because a sample of random pairs never holds an agreement."""
    return cl.CustomComparison(
        [
            cll.NullLevel(column),
            _exact(column, exact, u=1e-8),
            _level(f"damerau_levenshtein({column}_l, {column}_r) <= 1", "one digit off", close, 1e-4),
            _other(1 - exact - close, 0.99989999),
        ],
        output_column_name=column,
    )


def residence() -> Any:
    return cl.CustomComparison(
        [
            _null(f"zip_l IS NULL OR zip_r IS NULL OR {SIBLING}"),
            _level("street_l = street_r AND zip_l = zip_r", "same street and ZIP", 0.40, 1e-4),
            _exact("zip", 0.25, frequencies=True),
            _other(0.35),
        ],
        output_column_name="zip",
    )


def contact() -> Any:
    return cl.CustomComparison(
        [
            _null(
                "((email_l IS NULL OR email_r IS NULL) AND (phone_l IS NULL OR phone_r IS NULL)) "
                f"OR ({SIBLING} AND NOT coalesce(email_l = email_r, false))"
            ),
            _level("email_l = email_r", "same e-mail", 0.30, 1e-6),
            _level("phone_l = phone_r", "same phone", 0.25, 1e-5),
            _other(0.45, 0.999989),
        ],
        output_column_name="contact",
    )


def parent_name() -> Any:
    return cl.CustomComparison(
        [
            _null(f"parent_name_l IS NULL OR parent_name_r IS NULL OR {SIBLING}"),
            _exact("parent_name", 0.85, u=1e-3),
            _level("jaro_winkler_similarity(parent_name_l, parent_name_r) >= 0.9", "near", 0.06, 2e-3),
            _other(0.09, 0.997),
        ],
        output_column_name="parent_name",
    )


def sex() -> Any:
    return cl.CustomComparison(
        [cll.NullLevel("sex"), _exact("sex", 0.99, u=0.5), _other(0.01, 0.5)], output_column_name="sex"
    )


def middle_initial() -> Any:
    return cl.CustomComparison(
        [cll.NullLevel("middle_initial"), _exact("middle_initial", 0.95), _other(0.05)],
        output_column_name="middle_initial",
    )


def blocking_rules() -> list[Any]:
    """Pairs are looked at when one rule holds; each kind of error leaves at least one rule standing."""
    return [
        block_on("ssn"),
        block_on("ssid"),
        block_on("dob", "last_name"),
        block_on("dob", "first_formal"),
        block_on("name_pair", "birth_year"),
        block_on("name_pair", "zip"),
        block_on("dob", "zip"),
        block_on("email"),
        block_on("phone"),
    ]


TERM_FREQUENCY_COLUMNS = ("first_name", "last_name", "zip")


def settings() -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="uid",
        comparisons=[
            first_name(), last_name(), middle_initial(), birth_date(), sex(), identifier("ssn", 0.985, 0.01),
            identifier("ssid", 0.93, 0.02), residence(), contact(), parent_name(),
        ],
        blocking_rules_to_generate_predictions=blocking_rules(),
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=False,
    )  # fmt: skip
