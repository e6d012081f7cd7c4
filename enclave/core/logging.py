"""Structured logs: ids and counts only, never a value out of a record."""

from __future__ import annotations

import logging
import sys
from typing import Any

import structlog


def configure(service: str) -> None:
    """Send JSON lines to standard error, each with the service's name and the time in UTC."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def get_logger() -> Any:
    """The logger; call `log.info("what_happened", request=id, files=3)`."""
    return structlog.get_logger()
