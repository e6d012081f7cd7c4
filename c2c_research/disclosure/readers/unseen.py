"""What nobody sees in a text: characters without width, letters that turn the direction, remarks that hold data.

A remark (a comment, a property, a description) holds data where a number is left after dates, years, versions and
numbers of tables, figures and the like are taken out, or where it is long or encoded.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from c2c_research.disclosure.document import Hidden

MANY_UNSEEN = 12
LONG_REMARK = 600
MANY_NUMBERS = 8
_PRECISE = re.compile(r"-?\d+\.\d+|\d{5,19}")
_UNSEEN = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e0fff]")
_JOINERS = re.compile("[\u200c-\u200f\u00ad]")
_TURNED = re.compile("[\u202d\u202e]")
_TAGS = re.compile("[\U000e0000-\U000e0fff]")
_FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007f]{3,8}")
_ENCODED = re.compile(r"(?:[A-Za-z0-9+/_-]{76}\s?)*[A-Za-z0-9+/_-]{160,}={0,2}|(?:[A-Za-z0-9+/]{60,76}=?=?\n\s*){4,}")
_STAMP = re.compile(
    r"\b\d{4}[-/:.]\d{1,2}[-/:.]\d{1,2}(?:[T ]\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,9})?)?(?:Z|\s?[+-]\d\d:?\d\d)?"
    r"|\b\d{1,2}[/.]\d{1,2}[/.]\d{4}\b|\b\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d{1,6})?\b|\b(?:19|20)\d\d(?:[-–/]\d\d(?:\d\d)?)?\b"
)
_LABEL = re.compile(
    r"\b(?:tables?|tab|fig(?:ure)?s?|charts?|plots?|panels?|sections?|sec|parts?|chapters?|steps?|pages?|sheets?|slides?"
    r"|versions?|release|rev(?:ision)?|ver|v|h|col(?:umn)?s?|rows?|lines?|level|appendix|models?|notes?|items?|blocks?"
    r"|cells?|tabs?|specs?|equations?|eq|quality|issues?|tickets?|pr|py|python|pandas|numpy|matplotlib|seaborn|r|stata"
    r"|sas|spss|excel|libreoffice|openpyxl|xlsxwriter|quarto|knitr|rmarkdown|jupyter(?:lab)?|nbconvert|pandoc|jpeg|jpg"
    r"|png|html|css|bootstrap|jquery|utf|iso|adobe|photoshop|gimp|inkscape|cairo|ggplot|ggplot2|statsmodels|stargazer"
    r"|xmp core|core|toolkit|ie|gte|lte|lt|gt)[\s.:#=_-]*v?\(?\d+(?:[.\-_]\d+)*[a-z]?\)?",
    re.IGNORECASE,
)
_VERSION = re.compile(r"\bv?\d{1,4}(?:\.\d{1,4}){2,3}\b|\bv\d{1,3}(?:\.\d{1,4})*\b", re.IGNORECASE)
_OF_A_RULE = re.compile(
    r"\b(?:round(?:ed|ing)?(?: to)?(?: the nearest)?|base"
    r"|(?:counts?|cells?|numbers?) (?:below|under|of fewer than|less than))\s+\d{1,3}\b", re.IGNORECASE
)  # fmt: skip
_ADDRESS = re.compile(
    r"\b(?:https?|ftp)://\S+|\b(?:urn|uuid|xmp\.[di]id):\S+|\b[a-z]+(?:[-/][a-z0-9]+)+\b|#[0-9a-f]{3,8}\b",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"(?<![A-Za-z_\d])\d+(?![\dA-Za-z])")

# a person's code: letters and a long number. Cameras, books and papers number themselves in the same way
_CODE = re.compile(
    r"(?<![\w.-])(?!(?:img|dsc|pxl|vid|doi|isbn|issn|pmc|pmid|orcid)[_-]?\d)[a-z]{1,4}[_-]?\d{6,12}(?![\w-])", re.I
)


def holds_data(remark: str) -> bool:
    """Does a remark hold more than words about itself?"""
    if len(remark) > LONG_REMARK or _ENCODED.search(remark):
        return True
    rest = _ADDRESS.sub(" ", remark)
    for known in (_STAMP, _LABEL, _VERSION, _OF_A_RULE):
        rest = known.sub(" ", rest)
    return bool(_NUMBER.search(rest) or _CODE.search(rest))


def attributes_hold_data(values: Iterable[str], shown: str) -> bool:
    """Do attributes that nobody sees (`data-…`) carry many precise numbers that the page itself does not show?"""
    numbers = {value.strip() for value in values if _PRECISE.fullmatch(value.strip())}
    return len(numbers) >= MANY_NUMBERS and sum(number not in shown for number in numbers) >= MANY_NUMBERS


def is_encoded(text: str) -> bool:
    """Is there a long run of letters and digits, as Base64 writes bytes?"""
    return any(_mixed(match[0]) for match in re.finditer(r"[A-Za-z0-9+/]{400,}={0,2}", text))


def _mixed(run: str) -> bool:
    kinds = (str.islower, str.isupper, str.isdigit)
    return all(any(kind(char) for char in run[:2_000]) for kind in kinds) and len(set(run[:2_000])) > 20


def unseen_characters(text: str) -> list[Hidden]:
    """Findings about characters that no reader sees. Single joiners in names and emoji, and marks, are quiet."""
    if text.isascii():
        return []
    found = []
    text = _FLAG.sub("", text)
    if _TAGS.search(text):
        found.append(Hidden("The text holds letters that are not shown."))
    if _TURNED.search(text):
        found.append(Hidden("The text holds marks that turn the order of letters, so that it reads otherwise."))
    silent = len(_UNSEEN.findall(text)) - len(_JOINERS.findall(text))
    if silent > MANY_UNSEEN or re.search("[\u200b-\u200f\u2060-\u2064\ufeff]{4,}", text):
        found.append(Hidden("The text holds characters without width, which can carry data."))
    return found


def plain(text: str) -> str:
    """The text without characters that are not seen, and digits of every script as 0 to 9."""
    if text.isascii():
        return text
    text = _UNSEEN.sub("", text)
    return "".join(str(unicodedata.digit(char, char)) if char.isdecimal() else char for char in text)
