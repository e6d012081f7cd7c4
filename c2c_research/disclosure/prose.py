"""Counts that stand in sentences: "only 3 students left", "n = 7".

A number is taken as a count of persons only where the noun behind it is a person's. "Grade 3 students", "at least 10
students", "3 years" and "2 schools" are none. A count is *clear* where the sentence tells what these persons did or
were ("3 students were homeless", "7 of the 212 students left"); a rule, a condition or an example is never clear.
"""

from __future__ import annotations

import re

_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
}  # fmt: skip
_PERSONS = (
    r"(?:students?|persons?|people|individuals?|pupils?|children|learners?|graduates?|enrollees?|respondents?"
    r"|participants?|workers?|recipients?|completers?|dropouts?|women|men|girls|boys|patients?|youths?|cases"
    r"|clients?|claimants?|applicants?|veterans?|refugees?|teachers?|employees|mothers|fathers|residents|inmates"
    r"|survivors|trainees|apprentices|deaths|minors|teens|adults|estudiantes|alumnos|personas"
    r"|families|households?|couples|beneficiaries|earners|infants|newborns|toddlers|caregivers|tenants|prisoners"
    r"|parolees|probationers|defendants)"
)
_ADJECTIVES = (
    r"(?:(?:female|male|black|white|asian|hispanic|latino|latina|native|foster|homeless|new|other|such|of the|of these"
    r"|single|former|young|enrolled|transfer|high|school|college|different|disabled|migrant|american|indian|pacific"
    r"|islander|african|alaska|multiracial|latinx|nonbinary|non-binary|dislocated|adult|undocumented|pregnant|veteran"
    r"|english|spanish|gifted|rural|urban|suspended|expelled|retained|low-income|part-time|full-time|eligible|adopted|unaccompanied|incarcerated|filipino)\s+){0,3}"
)
_COUNTED = re.compile(
    rf"(?<![\w.,$-])(\d{{1,2}}|{'|'.join(_NUMBERS)})\s+{_ADJECTIVES}{_PERSONS}\b"
    r"(?!\s+(?:per|in ten|or more|or fewer)\b)",
    re.IGNORECASE,
)
_STATED = re.compile(
    rf"\b(?:number|count|n|no\.) of {_ADJECTIVES}(?:{_PERSONS}|events|failures|subjects)"
    r"\s*(?:[:=]|is|was)\s*(\d{1,2})(?![\d.,%])",
    re.I,
)
_N_IS = re.compile(
    r"(?<![\w.])[nN]\s*=\s*(\d{1,2})(?![\d.,]\d|\d|%|\s*(?:schools|colleges|districts|sites|programs|models))"
)
_NOT_A_COUNT = re.compile(
    r"\b(?:grades?|years?|least|most|than|every|top|age|ages|aged|minimum|maximum|threshold"
    r"|(?:minimum|maximum|threshold|limit|out|cells?|counts?) of|under|over|below|above"
    r"|title|type|track|arm|class|period|room|stage|part|round|term|semester|quarter|stratum|cluster|option|category"
    r"|panel|quartile|quintile|decile|band|bin|zone|strand|lane|pathway"
    r"|level|step|table|figure|model|section|chapter|group|groups|to|in|per|or|out|each|x|by|cohort|phase|wave|tier|about)\s*$"
    r"|[<>≥≤=-]\s*$|\d[.,-]\s*$",
    re.IGNORECASE,
)
_WORTH_A_LOOK = re.compile(rf"{_PERSONS}|\bn\s*=", re.IGNORECASE)
_LOG = re.compile(
    r"^\W*(?:\d[\d:.,TZ -]*)?\W*(?:INFO|DEBUG|WARN|WARNING|ERROR)\b|\b(?:threads|retries|processes|cores)\b"
)
# nouns that in a log are programs and their work
_OF_A_PROGRAM = re.compile(r"(?:workers?|clients?|cases|children|residents|employees|adults|minors)$", re.IGNORECASE)
_TAKEN = re.compile(
    r"\b(?:excluded|excludes?|excluding|drops?|removes?|omits?|omitting|without|except(?: for)?"
    r"|dropped|dropping|removed|removing|deleted|lost|kept|retained|skipped|flagged|found"
    r"|unmatched|missing|censored|imputed|leaving|leaves|left)\s*:?\s*$", re.IGNORECASE
)  # fmt: skip
# "Died during follow-up: n = 5", as the boxes of a flow of participants say
_IN_A_BOX = re.compile(
    r"\b(?:died|deaths?|deceased|lost|withdr[ae]w\w*|excluded|declined|refused|dropped|discontinued|allocated"
    r"|randomi[sz]ed|analy[sz]ed|ineligible|moved|incarcerated|consented|completed|enrolled)\b[^.;\n\[\]{}]{0,60}?"
    r"[(:,]\s*[nN]\s*=\s*(\d{1,2})(?![\d.,]\d|\d|%|\s*(?:schools|colleges|districts|sites|programs|models))",
    re.IGNORECASE,
)
# "- Incarcerated: 4 clients", a list of counts by group
_IN_A_LIST = re.compile(
    rf"^\s*(?:[-*+•]|\d+[.)])\s+[A-Za-z][^:.;!?\d]{{1,40}}:\s*(\d{{1,2}})\s+{_ADJECTIVES}{_PERSONS}\s*[.;,]?\s*$", re.I
)
_OF_A_BASE = re.compile(
    rf"(?<![\w.,$-])(\d{{1,2}}|{'|'.join(_NUMBERS)})\s+(?:out\s+)?of\s+(?:the|these|those|its|our|all)?\s*(\d[\d,]*)\s+"
    rf"{_ADJECTIVES}{_PERSONS}\b", re.IGNORECASE,
)  # fmt: skip
_BEFORE_A_BASE = re.compile(
    rf"(?<![\w.,$-])(\d{{1,2}}|{'|'.join(_NUMBERS)})\s+{_ADJECTIVES}{_PERSONS}\s+(?:out\s+)?of\s+(?:the|these|those|all)\s+(\d[\d,]*)",
    re.IGNORECASE,
)
_OUT_OF = re.compile(
    rf"\b(?:of|among) (?:the |these |those |our |all )?(\d[\d,]* )?{_ADJECTIVES}{_PERSONS}\b[^.;,]{{0,60}},\s*"
    rf"(\d{{1,2}}|{'|'.join(_NUMBERS)})\b", re.IGNORECASE,
)  # fmt: skip
_DID = re.compile(
    r"^(?:\s*\([^()]{1,40}\))?\s+(?:(?:who|that|in|of|from|with|at|and|also|then|there|still|never|later|the|a|school|district|county|college|state|program|[A-Z][\w'-]+)\s+){0,5}"
    r"(?:was|were|had|have|has|did|left|took|got|went|became|met|chose|found|began|held|lost|won|live[ds]?|made|gave"
    r"|are|is|withdrew|withdraw|fell|grew|came|said|felt|told|wrote|paid|sent|spent|kept|broke|quit|ran|saw|sought"
    r"|taught|bought|brought|cannot|could|do|does|remain|remains|report|live|work|receive|receives|[a-z]{2,}ed|whose|[a-záéíóú]{3,}(?:aron|ieron|aban|ían)|estaban|fueron|tenían|eran|están)\b"
)
# "of the 412 graduates only 3 were homeless": the noun stands before
_ONLY = re.compile(
    rf"\b(?:only|just|exactly|merely)\s+(\d{{1,2}}|{'|'.join(_NUMBERS)})\s+(?:of them\s+)?"
    r"(?:were|was|had|have|did|left|took|got|went|became|passed|[a-z]{3,}ed)\b", re.IGNORECASE
)  # fmt: skip
_LONE = re.compile(rf"\b(?:a|one|only one) (?:single|lone|sole|solitary)\s+{_ADJECTIVES}{_PERSONS}\b", re.IGNORECASE)
_STRESSED = re.compile(
    r"\b(?:(?:is|are|was|were) based on|rests? on|only|just|exactly|there (?:was|were|are|is)"
    r"|a mere|merely|namely)\s*$",
    re.IGNORECASE,
)
_PART_OF = re.compile(r"\bof\s*$", re.IGNORECASE)
_NOT_SAID = re.compile(
    r"\b(?:if|would|could|may|might|should|must|shall|example|e\.g|suppose|hypothetical\w*|simulat\w+|synthetic|suppress\w*"
    r"|mask\w*|hidden|threshold|minimum|rules?|random\w*|fictitious|interview\w*|focus|committee|board|panel"
    r"|staff|team|authors?)\b", re.IGNORECASE
)  # fmt: skip
_IDIOM = frozenset([2, 3, 4, 5, 10, 100, 1000])
_N_CLEAR = re.compile(r"[nN]\s*=\s*(\d{1,2})(?:\s*[);.]|\s+(?:[a-z]{2,}ed|was|were|left|had|took|went)\b|\s*$)")
LONGEST = 2_000
BEFORE = 24


def small_counts_in(text: str, threshold: int) -> int:
    """How many sentences show a count of 1 to `threshold` − 1 persons."""
    parts = (line[at : at + LONGEST] for line in text.split("\n") for at in range(0, len(line), LONGEST))
    return sum(_shows_small_count(part, threshold) for part in parts if _WORTH_A_LOOK.search(part))


def clear_counts_in(text: str, threshold: int) -> int:
    """How many sentences clearly tell of 1 to `threshold` − 1 persons what they did or were."""
    parts = (line[at : at + LONGEST] for line in text.split("\n") for at in range(0, len(line), LONGEST))
    sentences = (one for part in parts if _WORTH_A_LOOK.search(part) for one in re.split(r"(?<=[.!?;])\s+", part))
    return sum(_is_clear(sentence, threshold) for sentence in sentences)


def _is_clear(sentence: str, threshold: int) -> bool:
    if _NOT_SAID.search(sentence):
        return False
    if any(0 < int(number) < threshold for number in _IN_A_BOX.findall(sentence)):
        return True
    listed = _IN_A_LIST.match(sentence)
    if listed and 0 < int(listed[1]) < threshold and not _NOT_A_COUNT.search(listed[0][: listed.start(1)]):
        return True
    if _LOG.search(sentence):
        return any(_is_taken(match, sentence, threshold) for match in _COUNTED.finditer(sentence))
    for match in _COUNTED.finditer(sentence):
        before, after = sentence[max(0, match.start() - BEFORE) : match.start()], sentence[match.end() :]
        small = 0 < _number(match[1]) < threshold and not _NOT_A_COUNT.search(before)
        if match[0].lower().endswith("cases"):
            continue
        stressed = bool(_STRESSED.search(before) or _TAKEN.search(before))
        # "one student" speaks of any student
        if small and not _PART_OF.search(before) and (stressed or (match[1].lower() != "one" and _DID.search(after))):
            return True
    for match in [*_OF_A_BASE.finditer(sentence), *_BEFORE_A_BASE.finditer(sentence)]:
        before = sentence[max(0, match.start() - BEFORE) : match.start()]
        base = int(match[2].replace(",", "") or 0)
        if 0 < _number(match[1]) < threshold and base not in _IDIOM and not _NOT_A_COUNT.search(before):
            return True
    for match in _OUT_OF.finditer(sentence):
        if 0 < _number(match[2]) < threshold and _DID.search(sentence[match.end() :]):
            return True
    said = re.search(_PERSONS, sentence, re.IGNORECASE)
    if any(0 < int(number) < threshold for number in _STATED.findall(sentence)):
        return True
    if said and any(0 < _number(match[1]) < threshold for match in _ONLY.finditer(sentence)):
        return True
    if any(_DID.search(sentence[match.end() :]) for match in _LONE.finditer(sentence)):
        return True
    return said is not None and any(0 < int(number) < threshold for number in _N_CLEAR.findall(sentence))


def _is_taken(match: re.Match[str], line: str, threshold: int) -> bool:
    """A line of a log that says how many persons a step left out, kept or found."""
    before = line[max(0, match.start() - BEFORE) : match.start()]
    told = bool(_TAKEN.search(before) or _DID.search(line[match.end() :]))
    return told and 0 < _number(match[1]) < threshold and not _OF_A_PROGRAM.search(match[0])


def _number(word: str) -> int:
    return _NUMBERS.get(word.lower()) or int(word)


def _shows_small_count(line: str, threshold: int) -> bool:
    if _LOG.search(line):
        return False
    for match in _COUNTED.finditer(line):
        word, before = match[1].lower(), line[max(0, match.start() - BEFORE) : match.start()]
        number = _number(word)
        alone = word == "one" and not before.rstrip().lower().endswith(("only", "just", "than"))
        if 0 < number < threshold and not alone and not _NOT_A_COUNT.search(before):
            return True
    stated = [*_N_IS.findall(line), *_STATED.findall(line)]
    return any(0 < int(number) < threshold for number in stated)
