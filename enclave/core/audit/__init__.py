"""The audit trail: append-only, hash-chained, written in the transaction of what it tells of."""

from enclave.core.audit.chain import ChainReport, verify
from enclave.core.audit.model import AuditEvent
from enclave.core.audit.record import record
from enclave.core.audit.store import Page, list_events

__all__ = ["AuditEvent", "ChainReport", "Page", "list_events", "record", "verify"]
