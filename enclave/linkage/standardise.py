"""Identity columns brought to one spelling, in SQL, so that the model compares like with like.

Promise: every source record appears exactly once in ``records``; nothing is invented, an implausible value becomes
NULL and so counts as "not known" and never as disagreement. Limit: names are folded to A-Z, so names that differ in
accents only are the same name here. Source of the SSN rules: Social Security Administration, RM 10201.035 (area 000,
666 and 900-999, group 00 and serial 0000 are never issued).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb

from enclave.core.errors import BadInput
from enclave.linkage import nicknames

IDENTITY_COLUMNS = (
    "first_name", "middle_name", "last_name", "suffix", "date_of_birth", "sex", "ssn", "ssid",
    "street", "city", "zip", "phone", "email", "parent_name",
)  # fmt: skip
IMPLAUSIBLE_SSNS = ("123456789", "987654321", "078051120", "219099999", "111111111", "222222222", "333333333",
                    "444444444", "555555555", "777777777", "888888888")  # fmt: skip
NAME_SUFFIXES = ("JR", "SR", "II", "III", "IV")
EARLIEST_BIRTH = "1900-01-01"


@dataclass(frozen=True)
class IdentityFile:
    """One provider's identity records: Parquet or CSV with ``record_id`` and any of ``IDENTITY_COLUMNS``."""

    provider: str
    path: Path
    year: int = 0


def load(connection: duckdb.DuckDBPyConnection, files: Sequence[IdentityFile]) -> int:
    """Read the files into ``identity`` and standardise them into ``records``; the number of records.

    Of a record id that a provider sends in several years the latest year counts. Raises BadInput for a file without
    ``record_id`` and for an empty list.
    """
    if not files:
        raise BadInput("There is nothing to match.", "Accept at least one contribution first.")
    _create_identity(connection)
    for file in files:
        _append(connection, file)
    _keep_latest(connection)
    return standardise(connection)


def _create_identity(connection: duckdb.DuckDBPyConnection) -> None:
    columns = ", ".join(f"{name} VARCHAR" for name in IDENTITY_COLUMNS)
    connection.execute(
        f"CREATE OR REPLACE TABLE identity (provider VARCHAR, year INTEGER, record_id VARCHAR, {columns})"
    )


def _append(connection: duckdb.DuckDBPyConnection, file: IdentityFile) -> None:
    reader = _reader(file.path)
    parameters = [str(file.path)]
    present = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {reader}", parameters).fetchall()}
    if "record_id" not in present:
        raise BadInput(
            f"{file.path.name} has no column record_id.", "Name the column with the provider's own person id record_id."
        )
    selected = ", ".join(f"CAST({name} AS VARCHAR)" if name in present else "NULL" for name in IDENTITY_COLUMNS)
    connection.execute(
        f"INSERT INTO identity SELECT ?, ?, CAST(record_id AS VARCHAR), {selected} FROM {reader} "
        "WHERE record_id IS NOT NULL",
        [file.provider, file.year, *parameters],
    )


def _reader(path: Path) -> str:
    match path.suffix.lower():
        case ".parquet":
            return "read_parquet(?)"
        case ".csv":
            return "read_csv(?, header=true, all_varchar=true)"
        case other:
            raise BadInput(
                f"Identity files are .parquet or .csv, not {other or 'without an ending'}.", "Convert the file."
            )


def _keep_latest(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "CREATE OR REPLACE TABLE identity AS SELECT * FROM identity "
        "QUALIFY row_number() OVER (PARTITION BY provider, record_id ORDER BY year DESC, rowid) = 1"
    )


def standardise(connection: duckdb.DuckDBPyConnection) -> int:
    """``identity`` → ``records``, one row each, numbered by ``uid`` in the order of (provider, record_id)."""
    connection.execute("CREATE OR REPLACE TEMP TABLE nickname (short VARCHAR, formal VARCHAR)")
    connection.executemany("INSERT INTO nickname VALUES (?, ?)", [list(pair) for pair in nicknames.pairs()])
    connection.execute(_RECORDS_SQL)
    (count,) = connection.execute("SELECT count(*) FROM records").fetchall()[0]
    return int(count)


def _letters(column: str) -> str:
    return f"nullif(regexp_replace(strip_accents(upper({column})), '[^A-Z]', '', 'g'), '')"


def _words(column: str) -> str:
    """A list of the A-Z words of a name, in order, name suffixes left out."""
    folded = f"regexp_replace(strip_accents(upper({column})), '[''’.]', '', 'g')"
    suffixes = ", ".join(f"'{suffix}'" for suffix in NAME_SUFFIXES)
    return (
        f"list_filter(regexp_split_to_array(regexp_replace({folded}, '[^A-Z]+', ' ', 'g'), ' '), "
        f"lambda word: word <> '' AND word NOT IN ({suffixes}))"
    )


def _digits(column: str) -> str:
    return f"regexp_replace(coalesce({column}, ''), '[^0-9]', '', 'g')"


def _valid_ssn(digits: str) -> str:
    banned = ", ".join(f"'{value}'" for value in IMPLAUSIBLE_SSNS)
    return (
        f"CASE WHEN length({digits}) = 9 AND {digits}[1:3] NOT IN ('000', '666') AND {digits}[1:1] <> '9' "
        f"AND {digits}[4:5] <> '00' AND {digits}[6:9] <> '0000' AND {digits} NOT IN ({banned}) THEN {digits} END"
    )


_RECORDS_SQL = f"""
CREATE OR REPLACE TABLE records AS
WITH folded AS (
    SELECT provider, record_id,
        {_words("first_name")} AS first_words,
        {_words("last_name")} AS last_words,
        {_letters("middle_name")}[1:1] AS middle_initial,
        try_cast(date_of_birth AS DATE) AS born,
        CASE WHEN upper(trim(sex)) IN ('M', 'F', 'MALE', 'FEMALE') THEN upper(trim(sex))[1:1] END AS sex,
        {_digits("ssn")} AS ssn_digits,
        {_digits("ssid")} AS ssid_digits,
        nullif(regexp_replace(strip_accents(upper(street)), '[^A-Z0-9]', '', 'g'), '') AS street,
        {_digits("zip")}[1:5] AS zip_digits,
        right({_digits("phone")}, 10) AS phone_digits,
        nullif(lower(trim(email)), '') AS email,
        {_letters("parent_name")} AS parent_name
    FROM identity
), plain AS (
    SELECT *, nullif(array_to_string(first_words, ''), '') AS first_name,
        nullif(array_to_string(last_words, ''), '') AS last_name,
        CASE WHEN born BETWEEN DATE '{EARLIEST_BIRTH}' AND current_date THEN born END AS dob
    FROM folded
)
SELECT row_number() OVER (ORDER BY plain.provider, plain.record_id) AS uid,
    plain.provider, plain.record_id,
    first_name, coalesce(nickname.formal, first_words[1]) AS first_formal, middle_initial,
    last_name, CASE WHEN last_name IS NOT NULL THEN last_words END AS last_words,
    CASE WHEN first_name IS NOT NULL AND last_name IS NOT NULL THEN array_to_string(list_sort(
        [coalesce(nickname.formal, first_words[1]), coalesce(surname.formal, last_name)]), '/') END AS name_pair,
    dob, strftime(dob, '%Y%m%d') AS dob_text, year(dob) AS birth_year, sex,
    {_valid_ssn("ssn_digits")} AS ssn,
    CASE WHEN length(ssid_digits) = 10 AND ssid_digits[1:1] <> '0' THEN ssid_digits END AS ssid,
    street, CASE WHEN length(zip_digits) = 5 AND zip_digits <> '00000' THEN zip_digits END AS zip,
    CASE WHEN length(phone_digits) = 10 THEN phone_digits END AS phone,
    CASE WHEN email LIKE '%_@_%' THEN email END AS email, parent_name,
    md5(concat_ws('|', first_name, last_name, middle_initial, dob, sex, ssn_digits, ssid_digits, street, zip_digits,
        phone_digits, email, parent_name)) AS fingerprint
FROM plain LEFT JOIN nickname ON nickname.short = first_words[1]
    LEFT JOIN nickname AS surname ON surname.short = last_name
ORDER BY uid
"""
