"""Kinds of values that callers send, narrower than Python's own, so that the schema says what is taken."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator, AwareDatetime


def _of_our_time(moment: datetime) -> datetime:
    if not 1900 <= moment.year <= 2999:
        raise ValueError("a moment between the years 1900 and 2999")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_of_our_time)]
"""A moment with its time zone, of a year that a calendar knows."""

Place = Annotated[int | None, Query(ge=1, le=2**53)]
"""Where a list goes on: a sequence number."""

Year = Annotated[int | None, Query(ge=1900, le=2999)]
"""A calendar year."""
