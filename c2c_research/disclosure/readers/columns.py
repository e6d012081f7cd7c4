"""Columns of a text: set apart by blanks that stand at one place in all lines."""

from __future__ import annotations

import re

from c2c_research.disclosure.cells import Mark, parse


def is_number(text: str) -> bool:
    return parse(text).mark in (Mark.NUMBER, Mark.SUPPRESSED) or parse(text, decimal_comma=True).mark is Mark.NUMBER


def columns(lines: list[str], least: int = 1) -> list[list[str]]:
    """Cut lines where all of them have a blank, or `least` blanks side by side."""
    expanded = [line.expandtabs(8) for line in lines]
    width = max(len(line) for line in expanded)
    used = bytearray(width)
    for line in expanded:
        for match in re.finditer(r"\S+", line):
            used[match.start() : match.end()] = b"\x01" * (match.end() - match.start())
    spans = _spans([not flag for flag in used])
    spans = _joined(spans, least) if least > 1 else _words_joined(spans, expanded)
    return [[line[start:end].strip() for start, end in spans] for line in expanded]


def _joined(spans: list[tuple[int, int]], least: int) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for start, end in spans:
        if joined and start - joined[-1][1] < least:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return joined


def _words_joined(spans: list[tuple[int, int]], lines: list[str]) -> list[tuple[int, int]]:
    """Join what one blank sets apart: the words of a header over one column, the words of a key below one header."""
    joined: list[tuple[int, int]] = []
    for span in spans:
        if joined and span[0] - joined[-1][1] == 1 and _are_words(joined[-1], span, lines):
            joined[-1] = (joined[-1][0], span[1])
        else:
            joined.append(span)
    return joined


def _are_words(left: tuple[int, int], right: tuple[int, int], lines: list[str]) -> bool:
    (head, *body), (other, *cells) = ([line[start:end].strip() for line in lines] for start, end in (left, right))
    if not any(body):
        return bool(head and other) and not is_number(head)
    if head and other and not any(cells):
        return True
    goes_on = all(first or not second for first, second in zip(body, cells, strict=True))
    return bool(head) and not other and goes_on and all(parse(c).mark in (Mark.TEXT, Mark.EMPTY) for c in cells)


def _spans(blank: list[bool]) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start: int | None = None
    for column, empty in enumerate([*blank, True]):
        if not empty and start is None:
            start = column
        elif empty and start is not None:
            spans.append((start, column))
            start = None
    return spans
