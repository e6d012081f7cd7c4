"""Which role each column of a table plays: what is a count, and what is not.

Declared by the sidecar or by an answer; or a header of the lexicon; or integers that add to a total, stand beside a
"<11", or fill a cross-table whose columns are categories; else silence. Years, grades, ZIP codes, ids, p-values and
ranks are not counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from c2c_research.disclosure import words as lexicon
from c2c_research.disclosure.cells import Mark, Value
from c2c_research.disclosure.tables import Role, Table

_SAID = {
    "count": Role.COUNT, "rate": Role.RATE, "mean": Role.MEAN, "magnitude": Role.MAGNITUDE, "key": Role.KEY,
    "code": Role.KEY, "statistic": Role.STATISTIC, "other": Role.STATISTIC,
}  # fmt: skip
_OF_RULES = {"code", "codes", "allowed", "possible", "legal", "statutory"}
_DIAGNOSTICS = {"rhat", "hat", "ess", "vif", "gap", "gradient", "iterations", "lag", "eigenvalue"}
_ABOVE, _BELOW = {"num", "numer", "numerator"}, {"den", "denom", "denominator"}
# what was typed above a printed table: `table(d$a, d$b)`, `tab a b`, `value_counts()`, PROC FREQ
_COUNTING_CALL = re.compile(
    r"(?<![\w.])(?:x?table|xtabs|ftable|tabyl|addmargins|crosstab|pd\.crosstab)\(|\b(?:value_counts|size|nunique)\(\)"
    r"|(?:^|\s)\. tab(?:ulate|1|2)?\s(?!.*\bsum)|\bfreq procedure\b", re.IGNORECASE
)  # fmt: skip
_PLURALS = frozenset(
    ["students", "persons", "people", "individuals", "pupils", "children", "graduates", "completers", "participants",
     "workers", "respondents", "patients", "claimants", "learners", "clients", "deaths", "applicants", "youth"]
)  # fmt: skip
_PER = re.compile(r"(?:^|[\s_])per[\s_]*(?:1[,_]?000|10[,_]?000|100[,_]?000|1k|100k)\b", re.IGNORECASE)
_SPELL = re.compile(
    r"(?:\b|_)(?:(?:two|four|2|4)[ _-]?(?:year|yr)|within[ _](?:\d{1,2}|one|two|three|four|five|six|eight|ten)[ _-]?"
    r"(?:years?|yrs?|terms?|quarters?|months?))(?=\b|_)", re.IGNORECASE
)  # fmt: skip
_OF_SIMULATIONS = frozenset(["reps", "replications", "bias", "coverage", "rmse", "mse", "dgp", "nsim", "simulations"])
_ENDS = (("source", "target"), ("from", "to"), ("origin", "destination"))
_COUNTED_NOUNS = "|".join(sorted(lexicon.COUNT_NOUNS & _PLURALS))
_COUNTED_CAPTION = re.compile(
    rf"(?:^|[,(\n]\s*)(?:number of )?(?:{_COUNTED_NOUNS})\s*(?:$|[,)\n]|(?:enrolled )?by\b)",
    re.IGNORECASE,
)
_LIKELY = 50
_SMALL = 10
_CODES = lexicon.KEY_NUMBERS - {"grade", "age"}
_STATISTIC = lexicon.STATISTIC - {"f", "t", "p", "z"}


def infer_roles(table: Table) -> tuple[Role, ...]:
    """One role a column. Declared roles win, except that no declaration turns a count into something else."""
    roles = [table.given.get(column) or _role_of(table, column) for column in range(table.width)]
    _index_column(table, roles)
    if _is_simulation(table):
        roles = [Role.STATISTIC if role is Role.COUNT else role for role in roles]
    _flow(table, roles)
    _declare(table, roles)
    _running_keys(table, roles)
    _quotients(table, roles)
    unknown = [column for column, role in enumerate(roles) if role is Role.UNKNOWN]
    if len(unknown) > 1 and _shares_add_up(table, unknown) and not table.context.cells_are_counts:
        for column in unknown:
            roles[column] = Role.RATE
    elif unknown and _cells_are_counts(table, roles, unknown):
        for column in unknown:
            if _whole(table.column(column)):
                roles[column] = Role.COUNT
    _parts_of_a_total(table, roles)
    return tuple(roles)


def _parts_of_a_total(table: Table, roles: list[Role]) -> None:
    """Whole numbers that add up with counts to a total are counts, whatever their name ("On aid", "Not on aid")."""
    counts = [column for column, role in enumerate(roles) if role is Role.COUNT]
    amounts = [c for c, role in enumerate(roles) if role is Role.MAGNITUDE and _whole(table.column(c))]
    named = [column for column in counts if not table.is_total_column(column)]
    if amounts and named and _complete_a_count(table, roles, amounts):
        for column in amounts:
            roles[column] = Role.COUNT


def _is_simulation(table: Table) -> bool:
    """A Monte Carlo study: sample sizes beside replications, bias or coverage are nobody's."""
    named = {word for name in table.header for word in lexicon.words(name)}
    return len(named & _OF_SIMULATIONS) > 1


def _flow(table: Table, roles: list[Role]) -> None:
    """Links between numbered or named states ("source", "target", "value"): the value counts who went."""
    named = {"".join(lexicon.words(name)): column for column, name in enumerate(table.header)}
    ends = [pair for pair in _ENDS if set(pair) <= set(named)]
    values = [named[word] for word in ("value", "weight", "flow", "size") if word in named]
    if not ends or len(values) != 1 or set(lexicon.words(table.caption)) & lexicon.MONEY:
        return
    numbers = [value.number or 0 for value in table.column(values[0])]
    if _whole(table.column(values[0])) and max(numbers, default=0) > _SMALL:
        roles[values[0]] = Role.COUNT
        for end in ends[0]:
            roles[named[end]] = Role.KEY


def likely_counts(table: Table) -> list[int]:
    """Columns that nothing explains, of whole numbers small and large beside text keys: a reviewer should look."""
    if (table.context.declared and table.context.counts) or not table.columns_of(Role.KEY):
        return []
    found = []
    for column in table.columns_of(Role.UNKNOWN):
        numbers = [value.number or 0 for value in table.column(column) if value.mark is Mark.NUMBER]
        small = any(0 < number <= _SMALL for number in numbers)
        wide = len(numbers) > 2 and (max(numbers) >= _LIKELY or _is_part(table, column))
        if small and wide and _whole(table.column(column)):
            found.append(column)
    return found


def _is_part(table: Table, column: int) -> bool:
    """Does every number stay below a count in its row, as a part of the counted persons does, with some variety?"""
    for whole in table.columns_of(Role.COUNT):
        pairs = [(row[column].number, row[whole].number) for row in table.values]
        shown = [(part, total) for part, total in pairs if part is not None and total is not None]
        if len(shown) > 2 and all(part <= total for part, total in shown) and max(p for p, _ in shown) > 2 * _SMALL:
            return True
    return False


def _index_column(table: Table, roles: list[Role]) -> None:
    """A first column without a name that runs 0, 1, 2 … is the index that pandas writes."""
    nameless = bool(roles) and table.header[0].strip().lower() in ("", "index", "unnamed: 0", "#", "row")
    if nameless and roles[0] in (Role.UNKNOWN, Role.COUNT) and len(table.rows) > 1 and _is_running(table.column(0)):
        roles[0] = Role.KEY


def _running_keys(table: Table, roles: list[Role]) -> None:
    """Whole numbers that run up one by one, or are 0 and 1 only, name groups where another column counts them."""
    for column, role in enumerate(roles):
        others = [place for place, other in enumerate(roles) if other is Role.COUNT and place > column]
        if role not in (Role.COUNT, Role.UNKNOWN) or table.given.get(column) or not others or len(table.rows) < 2:
            continue
        if table.header[column].strip() in table.context.counts or table.is_total_column(column):
            continue
        numbers = [value.number for value in table.column(column) if value.mark is Mark.NUMBER]
        steps = {(b or 0) - (a or 0) for a, b in pairwise(numbers)}
        flags = set(numbers) <= {0.0, 1.0} and len(numbers) > 1 and role is not Role.UNKNOWN
        if (len(numbers) > 2 and steps == {1.0} and (numbers[0] or 0) <= 20) or flags:
            roles[column] = Role.KEY


def _quotients(table: Table, roles: list[Role]) -> None:
    """Two unknown columns of whole numbers whose quotient a rate prints, row by row, are its numerator and base."""
    unknown = [c for c, role in enumerate(roles) if role in (Role.UNKNOWN, Role.COUNT) and _whole(table.column(c))]
    rates = [column for column, role in enumerate(roles) if role is Role.RATE]
    for above, below, rate in ((a, b, r) for a in unknown for b in unknown for r in rates if a != b):
        lines = [[row[place] for place in (above, below, rate)] for row in table.values]
        known = [line for line in lines if all(value.number is not None for value in line) and line[1].number]
        if len(known) > 1 and any(all(_is_share(line, scale) for line in known) for scale in (1, 100)):
            for column in (above, below):
                roles[column] = Role.COUNT


def _is_share(line: list[Value], scale: int) -> bool:
    part, whole, rate = (value.number or 0 for value in line)
    return 0 <= part <= whole and abs(scale * part / whole - rate) <= 0.5 * 10.0 ** -line[2].decimals + 1e-9


def _shares_add_up(table: Table, unknown: list[int]) -> bool:
    """Do the numbers of every row, or of every column, add to 1 or to 100? Then they are shares."""
    rows = [[row[column] for column in unknown] for row in table.values]
    columns = [list(line) for line in zip(*rows, strict=True)]
    return len(rows) > 1 and any(all(_is_whole_share(line) for line in lines) for lines in (rows, columns))


def _is_whole_share(line: list[Value]) -> bool:
    numbers = [value.number for value in line if value.number is not None]
    if len(numbers) < len(line) or min(numbers, default=-1.0) < 0 or max(numbers, default=0.0) > 100:
        return False
    whole = 100.0 if max(numbers) > 1 else 1.0
    if whole == 1.0 and not any(value.decimals for value in line):
        return False
    slack = len(line) * 0.5 * 10.0 ** -max(value.decimals for value in line) + 1e-9
    return abs(sum(numbers) - whole) <= slack


def _declare(table: Table, roles: list[Role]) -> None:
    """Apply the sidecar. A key's name means its first column only: a category may be called like the row variable."""
    names = [name.strip() for name in table.header]
    for name in table.context.rows:
        column = names.index(name) if name in names else None
        if column is not None and roles[column] is not Role.COUNT:
            roles[column] = Role.KEY
    for column, name in enumerate(names):
        said = table.context.columns.get(" ".join(name.split()).lower(), "")
        if said and roles[column] is not Role.COUNT:
            roles[column] = _SAID[said]
        if name in table.context.counts:
            roles[column] = Role.COUNT
        elif _declared_rate(table, column, roles[column]):
            roles[column] = Role.RATE


def _declared_rate(table: Table, column: int, role: Role) -> bool:
    named = table.header[column].strip() in table.context.rates
    if role is Role.COUNT:
        # nobody declares a count away; numbers of which none is above 1 may be shares after all
        return named and all((value.number or 0) <= 1 for value in table.column(column))
    return role is not Role.KEY and (named or (role is Role.UNKNOWN and table.context.kind == "rates"))


def _role_of(table: Table, column: int) -> Role:
    values = table.column(column)
    tokens = set(lexicon.words(table.header[column]))
    numbers = [value for value in values if value.mark is Mark.NUMBER]
    filled = [value for value in values if value.mark is not Mark.EMPTY]
    markers = [value for value in filled if value.mark in (Mark.SUPPRESSED, Mark.BANDED)]
    if filled and len(numbers) + len(markers) < 0.6 * len(filled):
        return Role.IDENTIFIER if _is_identifier_name(table.header[column]) else Role.KEY
    if (not numbers and not markers) or (column == 0 and _are_codes(values)) or _are_stars(filled):
        return Role.KEY
    if all(value.named_n for value in numbers) and numbers:
        return Role.COUNT
    if _is_half_of_a_ratio(table, tokens):
        return Role.COUNT if _whole(values) else Role.STATISTIC
    own = _own_name(table, column)
    if own.lower() == "support" and any(name.strip().lower() == "recall" for name in table.header):
        return Role.COUNT
    named = _role_by_name(own, set(lexicon.words(own))) or _role_by_name(table.header[column], tokens)
    if named is Role.COUNT and not _whole(values):
        # a mean or a weighted figure may carry a count's noun ("students per teacher")
        named = None
    if "cohort" in tokens and named is Role.KEY and _sizes(numbers):
        named = Role.COUNT
    if named is not None:
        return named
    if any(value.percent for value in numbers):
        return Role.RATE
    if any(value.upper is not None for value in markers) and _whole(values):
        return Role.COUNT
    if numbers and all(value.is_integer and 1900 <= (value.number or 0) <= 2100 for value in numbers):
        return Role.KEY
    return Role.UNKNOWN


def _is_half_of_a_ratio(table: Table, tokens: set[str]) -> bool:
    """Are these words "num" or "den", and do both stand in the table's header?"""
    if not tokens & (_ABOVE | _BELOW) or len(tokens) > 2:
        return False
    others = [set(lexicon.words(name)) for name in table.header]
    return any(each & _ABOVE for each in others) and any(each & _BELOW for each in others)


def _are_stars(filled: list[Value]) -> bool:
    """The column of significance that a regression prints: stars and points, nothing else."""
    texts = {value.text for value in filled}
    return len(texts) > 1 and all(set(text) <= set("*.+†") for text in texts)


def _are_codes(values: tuple[Value, ...]) -> bool:
    """Codes such as "07", "18", "37": distinct, of one width, some with a leading zero. Nobody writes counts so."""
    texts = [value.text for value in values if value.mark is Mark.NUMBER]
    return (
        len(texts) > 1
        and len(set(texts)) == len(texts)
        and all(text.isdigit() for text in texts)
        and len({len(text) for text in texts}) == 1
        and any(text[0] == "0" and len(text) > 1 for text in texts)
    )


def _sizes(numbers: list[Value]) -> bool:
    """Sizes of groups rather than years or running numbers."""
    found = [value.number or 0 for value in numbers]
    return max(found, default=0) > 20 and not all(1900 <= number <= 2100 for number in found)


def _role_by_name(header: str, tokens: set[str]) -> Role | None:
    if len(tokens) > 2:
        # "Alder Union High" is a school's name, "ci low" a bound's
        tokens = tokens - {"high", "low"}
    if tokens & lexicon.RATE or (_PER.search(header) and not tokens & lexicon.MONEY):
        return Role.RATE
    if _SPELL.search(header):
        # "four_year" is where students went, "enrolled within 2 years" what they did: neither is a time
        header = _SPELL.sub(" ", header)
        tokens = set(lexicon.words(header))
    if tokens & lexicon.EXTREME and (tokens & _DIAGNOSTICS or _is_no_persons_extreme(header)):
        return Role.STATISTIC
    if tokens & lexicon.EXTREME:
        # the lowest code of a codebook, the highest amount a rule allows: nobody's value
        return (
            Role.STATISTIC if tokens & {"code", "codes", "allowed", "possible", "legal", "statutory"} else Role.EXTREME
        )
    if tokens & lexicon.MEAN:
        return Role.MEAN
    if _is_identifier_name(header):
        return Role.IDENTIFIER
    if tokens & lexicon.INSTITUTIONS and not tokens & lexicon.COUNT_NOUNS - {"number", "total"}:
        return Role.STATISTIC
    if tokens & {"number", "num", "count", "n"} and tokens & lexicon.THINGS and not tokens & lexicon.PERSON_COUNTS:
        return Role.STATISTIC
    if tokens & lexicon.COUNT_STRONG and not tokens & lexicon.STATISTIC - {"f", "t", "p", "z"}:
        return Role.COUNT
    if tokens & (lexicon.STATISTIC - {"f", "t", "p", "z"}) or (tokens and tokens <= {"t", "z", "p"}):
        return Role.STATISTIC
    if tokens & lexicon.MONEY:
        return Role.MAGNITUDE
    ordered = lexicon.words(header)
    if ordered and ordered[-1] in lexicon.KEY_NUMBERS:
        return Role.KEY
    if tokens & lexicon.COUNT_NOUNS and not lexicon.is_total(header):
        return Role.COUNT
    if tokens & lexicon.KEY_NUMBERS:
        return Role.KEY
    if tokens in ({"tested"}, {"assessed"}, {"surveyed"}, {"interviewed"}, {"examined"}, {"screened"}):
        # "Tested negative" is a category, "Tested" how many were
        return Role.COUNT
    return None


def _is_no_persons_extreme(header: str) -> bool:
    """The minimum wage is a law's, the lowest county a place's."""
    ordered = lexicon.words(header)
    places = all(word in lexicon.EXTREME | lexicon.PLACES for word in ordered)
    return (places and len(ordered) > 1) or any(pair == ("minimum", "wage") for pair in pairwise(ordered))


def _is_identifier_name(header: str) -> bool:
    tokens = lexicon.words(header)
    joined = "".join(tokens)
    if joined in lexicon.IDENTIFIER or joined in ("ssn", "ssid"):
        return True
    if len(tokens) >= 2 and tokens[0] in ("pseudo", "ssid", "ssn", "pid", "hashed", "anon", "masked"):
        return tokens[-1] in lexicon.IDENTIFIER | {"hash", "hashed", "code", "number", "no"}
    return len(tokens) >= 2 and tokens[-1] in lexicon.IDENTIFIER and bool(set(tokens[:-1]) & lexicon.CASE_NOUNS)


def _is_running(values: tuple[Value, ...]) -> bool:
    """An index column: 0, 1, 2 … or 1, 2, 3 …"""
    numbers = [value.number for value in values]
    return any(numbers == [float(start + step) for step in range(len(numbers))] for start in (0, 1))


def _whole(values: tuple[Value, ...]) -> bool:
    """Only non-negative integers beside markers and holes."""
    numbers = [value for value in values if value.mark is Mark.NUMBER]
    banded = any(value.mark is Mark.BANDED for value in values)
    return not banded and all(value.is_integer and (value.number or 0) >= 0 for value in numbers)


def _cells_are_counts(table: Table, roles: list[Role], unknown: list[int]) -> bool:
    if table.context.cells_are_counts:
        return True
    if table.context.kind in ("regression", "survival", "rates", "magnitude"):
        return False
    if not all(_whole(table.column(column)) for column in unknown):
        return False
    if _complete_a_count(table, roles, unknown):
        return True
    if table.context.kind == "frequency" and not table.context.counts:
        return True
    if _caption_counts(table.caption) or _COUNTING_CALL.search(table.title) or _is_confusion(table):
        return True
    if _caption_measures(table.caption):
        return False
    return _adds_up(table, roles, unknown) or _is_cross_table(table, roles, unknown)


def _complete_a_count(table: Table, roles: list[Role], unknown: list[int]) -> bool:
    """Do the unknown columns and the counts add to one of the counts, in all shown rows ("Students, Women, Other")?"""
    counts = [column for column, role in enumerate(roles) if role is Role.COUNT]
    for total in (*counts, *(column for column in unknown if table.is_total_column(column))):
        if not counts:
            return False
        parts = [column for column in (*counts, *unknown) if column != total]
        rows = [[row[column].number for column in (total, *parts)] for row in table.values]
        shown = [[number for number in row if number is not None] for row in rows if None not in row]
        if len(shown) > 1 and len(parts) > 1 and all(whole > 0 and whole == sum(rest) for whole, *rest in shown):
            return True
    return False


def _caption_measures(caption: str) -> bool:
    tokens = set(lexicon.words(caption))
    return bool(tokens & (lexicon.RATE | lexicon.MEAN | {"median", "percentile", "index", "score", "scores", "rank"}))


def _is_cross_table(table: Table, roles: list[Role], unknown: list[int]) -> bool:
    """Whole numbers in columns called after categories, or after nothing (the size of a group as pandas writes it).

    Columns with names that the lexicon does not know need a wide spread: some numbers up to 10, some of 50 and more.
    """
    if Role.KEY not in roles or any(role in (Role.STATISTIC, Role.MEAN, Role.EXTREME, Role.RATE) for role in roles):
        return False
    if any(role is Role.KEY and _is_worded(table, c) and c > min(unknown) for c, role in enumerate(roles)):
        # what stands left of the words that name a row is a code of it
        return False
    names = [_own_name(table, column) for column in unknown]
    numbers = [value.number or 0 for column in unknown for value in table.column(column) if value.mark is Mark.NUMBER]
    hidden = any(value.mark is Mark.SUPPRESSED for column in unknown for value in table.column(column))
    largest = max(numbers, default=0)
    if len(unknown) == 1:
        return names[0] in ("", "0") and roles[:-1].count(Role.KEY) == len(roles) - 1 and (largest > _SMALL or hidden)
    if Role.COUNT in roles or any(_measures(name) for name in names):
        return False
    if sum(lexicon.is_category(name) for name in names) * 2 >= len(names):
        years = all(lexicon.words(name) and all(w.isdigit() for w in lexicon.words(name)) for name in names)
        return largest > (100 if years and not hidden else _SMALL) or (hidden and largest > 0)
    small = any(0 < number <= _SMALL for number in numbers)
    return len(names) > 1 and largest >= _LIKELY and small and all(name for name in names)


def _is_worded(table: Table, column: int) -> bool:
    return any(value.mark is Mark.TEXT for value in table.column(column))


def _own_name(table: Table, column: int) -> str:
    return table.header[column].rpartition("|")[2].strip()


def _measures(name: str) -> bool:
    tokens = set(lexicon.words(name))
    tokens = tokens - {"high", "low"} if len(tokens) > 2 else tokens
    return bool(tokens & (_STATISTIC | lexicon.MEAN | lexicon.RATE | lexicon.MONEY | _CODES))


def _caption_counts(caption: str) -> bool:
    tokens = lexicon.words(caption)
    head = set(tokens[:6])
    if head & (lexicon.RATE | lexicon.MEAN | lexicon.MONEY | lexicon.STATISTIC):
        return False
    if not _caption_measures(caption) and _COUNTED_CAPTION.search(caption):
        return True
    return bool(head & {"number", "count", "counts", "frequency", "headcount", "n"})


def _is_confusion(table: Table) -> bool:
    """A table of what a model said against what was: by its name, or by the names of its four cells."""
    said = set(lexicon.words(" ".join([table.caption, table.where, table.title, *table.header])))
    names = {text.strip().lower() for text in (*table.header, *(row[0] for row in table.rows[:8]))}
    return bool(said & {"confusion"}) or {"tp", "fp"} <= names or {"true positive", "false positive"} <= names


def _adds_up(table: Table, roles: list[Role], unknown: list[int]) -> bool:
    """Do whole numbers add to a total, in a line that is fully shown, or stay below one where some are hidden?"""
    complete = broken = partial = 0
    for parts, total in [*_column_sums(table, roles, unknown), *_row_sums(table, unknown)]:
        if total.number is None or len(parts) < 2:
            continue
        shown = [part.number for part in parts if part.number is not None]
        hidden = any(part.mark is Mark.SUPPRESSED for part in parts)
        difference = total.number - sum(shown)
        tolerance = 0.5 * max(table.context.rounding_base, 0) * (len(shown) + 1)
        if not hidden and abs(difference) <= tolerance:
            complete += 1 if total.number > 0 else 0
        elif hidden and difference >= -tolerance:
            partial += 1
        else:
            broken += 1
    return (complete > broken) or (complete == 0 and broken == 0 and partial > 1)


def _column_sums(table: Table, roles: list[Role], unknown: list[int]) -> Iterator[tuple[list[Value], Value]]:
    keys = [column for column, role in enumerate(roles) if role is Role.KEY]
    totals = [index for index, row in enumerate(table.rows) if any(table.is_total_row(row[column]) for column in keys)]
    if len(totals) != 1:
        return
    for column in unknown:
        parts = [row[column] for index, row in enumerate(table.values) if index not in totals]
        yield parts, table.values[totals[0]][column]


def _row_sums(table: Table, unknown: list[int]) -> Iterator[tuple[list[Value], Value]]:
    totals = [column for column in unknown if table.is_total_column(column)]
    if len(totals) != 1:
        return
    for row in table.values:
        yield [row[column] for column in unknown if column not in totals], row[totals[0]]
