"""Groups whose members could be hurt more, or are known to more people, than others: foster youth, homeless …

Read from the words of a table: its population, caption, column headers and row keys. "Not homeless" is no such group.
Source: high-risk populations of the CalHHS Data De-Identification Guidelines; subgroups of K-12 accountability.
"""

from __future__ import annotations

import re

from c2c_research.disclosure.tables import Role, Table

_GROUP = re.compile(
    r"\b(?:foster|homeless\w*|unhoused|mckinney|disabilit\w*|disabled|special education|swd|iep|504 plan"
    r"|english learners?|limited english|lep|els?(?= |$)(?! (?:dorado|centro|monte|cajon|segundo|cerrito|camino|paso))"
    r"|migrant\w*|justice[- ]involved|juvenile justice|court[- ]school\w*"
    r"|incarcerat\w*|probation\w*|detention|parole\w*"
    r"|behaviou?ral health|mental(?:ly)? (?:health|ill\w*)|substance (?:use|abuse)|developmental\w*"
    r"|non-?citizens?|undocumented|immigrants?|refugees?|asylum\w*)\b"
)
_NOT = re.compile(r"\b(?:not|no|non|without|never|excl\w*|other than)[\s-]+(?:\w+[\s-]+){0,2}$")
_YES = frozenset(["yes", "y", "1", "true"])


def names_high_risk(text: str) -> bool:
    """Do these words name a high-risk group?"""
    words = re.sub(r"[_/|]+", " ", text).lower()
    return any(not _NOT.search(words[: match.start()]) for match in _GROUP.finditer(words))


def is_high_risk(table: Table, row: int, column: int) -> bool:
    """Does the cell speak of a high-risk group: by its table, its column or its row?"""
    if names_high_risk(f"{table.context.population} {table.caption}") or names_high_risk(table.header[column]):
        return True
    for key in table.columns_of(Role.KEY):
        label = table.rows[row][key].strip()
        if names_high_risk(f"{table.header[key]} " if label.lower() in _YES else label):
            return True
    return False
