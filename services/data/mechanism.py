"""The job that audits the mechanism: planted editions through the code that answers, on every table."""

from __future__ import annotations

from enclave.core.errors import BadInput
from enclave.dp.engine import GaussianNoise
from enclave.dp.mechanism import audit
from enclave.dp.policy import load_policies
from services.data.context import DataContext, Handler, Payload

FEWEST, MOST = 2, 5_000


def run(context: DataContext, job: Payload) -> Payload:
    """Findings a table and statistic, from `draws` answers of each neighbour. Reads no edition."""
    draws, tables = job.get("draws"), job.get("tables") or sorted(load_policies())
    if type(draws) is not int or not FEWEST <= draws <= MOST:
        raise BadInput("The number of draws is out of range.", f"Send {FEWEST} to {MOST} draws.")
    if not isinstance(tables, list) or not set(tables) <= set(load_policies()):
        raise BadInput("A table is not known.", "Send names of datasets, or none for all.")
    found = [finding for table in tables for finding in audit(load_policies()[table], draws, GaussianNoise())]
    return {"draws": draws, "holds": all(each.holds for each in found), "findings": [each.as_json() for each in found]}


HANDLERS: dict[str, Handler] = {"dp.audit": run}
