"""The application database: one base, two kinds of session, two column types."""

from sqlalchemy.orm import Session

from enclave.core.db.base import Base, JsonValue, UtcDateTime
from enclave.core.db.database import Database

__all__ = ["Base", "Database", "JsonValue", "Session", "UtcDateTime"]
