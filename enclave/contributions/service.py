"""Intake: a delivery becomes a contribution, or is refused with a report that says why.

Promises: nothing is read in without an active agreement that names every delivered element; identity columns end in
`identity.parquet` and nowhere else; bad rows are set aside while they are at most 1 % of a file, else the whole
delivery is rejected; a killed intake leaves nothing that looks finished, and running it again goes on; the same
bytes are recognised and change nothing. A contribution's id is the digest of what was delivered and what it was
judged by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from enclave.contributions.delivery import Delivery
from enclave.contributions.events import EventFolder, event_id_after
from enclave.contributions.making import Making, begin, conclude, place, validate
from enclave.contributions.policies import (
    check_agreement_covers,
    check_elements_agreed,
    expected_columns,
    read_agreement,
)
from enclave.contributions.schema import PROVIDERS, ProviderSchema, load_schema
from enclave.contributions.states import EVENTS, ContributionState
from enclave.contributions.store import Contribution, ContributionStore
from enclave.contributions.structure import Structure, missing_parts, read_structure
from enclave.core.clock import Clock
from enclave.core.digests import canonical_json, sha256_hex
from enclave.core.errors import NotAllowed, NotFound
from enclave.core.signing import Keyring, SigningKey


@dataclass(frozen=True)
class VaultContext:
    """What a vault job works with."""

    vault: Path
    snapshot: Path
    events: EventFolder
    keyring: Keyring
    key: SigningKey
    clock: Clock


@dataclass(frozen=True)
class IntakeResult:
    """The contribution, and whether this intake changed anything."""

    contribution: Contribution
    changed: bool


def schema_of(provider: str) -> ProviderSchema:
    """The provider's schema; NotFound for a provider that is not known."""
    try:
        return load_schema(provider)
    except KeyError:
        raise NotFound("There is no such provider.", f"Choose one of {', '.join(PROVIDERS)}.") from None


def take_in(context: VaultContext, delivery: Delivery) -> IntakeResult:
    """Take a delivery in; NotAllowed where the agreement does not cover it. A rejection is a result, not an error."""
    schema = schema_of(delivery.provider)
    structure = read_structure(delivery, schema)
    try:
        expected = _agreed(context, delivery, schema, structure)
    except NotAllowed:
        _tell_refusal(context, delivery, schema)
        raise
    store = ContributionStore(context.vault)
    with store.lock(delivery.provider):
        known = store.find(delivery.provider, delivery.year, _contribution_id(delivery, schema, expected))
        contribution = known or _make(context, store, delivery, schema, structure, expected)
        _settle(context, store, contribution)
        return IntakeResult(contribution, changed=known is None)


def _agreed(
    context: VaultContext, delivery: Delivery, schema: ProviderSchema, structure: Structure
) -> dict[str, list[str]]:
    agreement = read_agreement(context.snapshot, delivery.provider, context.keyring, context.clock)
    check_agreement_covers(agreement, delivery.year)
    check_elements_agreed(agreement, structure.elements(schema))
    return expected_columns(schema, agreement)


def _contribution_id(delivery: Delivery, schema: ProviderSchema, expected: Mapping[str, list[str]]) -> str:
    judged = {
        "provider": delivery.provider,
        "year": delivery.year,
        "files": {table: delivered.sha256 for table, delivered in delivery.files.items()},
        "schema": schema.model_dump(mode="json"),
        "expected": {table: list(columns) for table, columns in expected.items()},
    }
    return f"con_{sha256_hex(canonical_json(judged))[:26]}"


def _make(
    context: VaultContext, store: ContributionStore, delivery: Delivery, schema: ProviderSchema,
    structure: Structure, expected: Mapping[str, list[str]],
) -> Contribution:  # fmt: skip
    """The contribution of a delivery, made from where a killed run left it."""
    contribution = _received(context, store, delivery, _contribution_id(delivery, schema, expected))
    if contribution.state is ContributionState.RECEIVED:
        problems = structure.problems + missing_parts(structure, delivery, expected)
        making = Making(contribution, delivery, schema, structure.headers, problems)
        validate(making)
        conclude(making, context.key, context.clock)
    place(contribution)
    return contribution


def _received(
    context: VaultContext, store: ContributionStore, delivery: Delivery, contribution_id: str
) -> Contribution:
    folder = store.incoming(delivery.provider, delivery.year) / contribution_id
    if (folder / "state.json").exists():
        contribution = store.load(folder)
    else:
        contribution = Contribution(contribution_id, delivery.provider, delivery.year, folder, [])
        begin(contribution, folder)
        sizes = {"files": len(delivery.files), "bytes": sum(each.size for each in delivery.files.values())}
        digests = {table: delivered.sha256 for table, delivered in delivery.files.items()}
        contribution.arrive(ContributionState.RECEIVED, context.clock.now(), sizes, digests)
        contribution.save()
    contribution.tell(context.events)
    return contribution


def _settle(context: VaultContext, store: ContributionStore, contribution: Contribution) -> None:
    """What follows a finished contribution, also when an earlier run was killed before it: events, superseding."""
    contribution.tell(context.events)
    if contribution.state is not ContributionState.ACCEPTED:
        return
    for other in store.all(contribution.provider, contribution.year):
        earlier = other.steps[0].event_id < contribution.steps[0].event_id
        if earlier and other.state is ContributionState.ACCEPTED:
            other.arrive(ContributionState.SUPERSEDED, context.clock.now(), {}, {"by": contribution.id})
            other.save()
        other.tell(context.events)


def _tell_refusal(context: VaultContext, delivery: Delivery, schema: ProviderSchema) -> None:
    """The application hears of a delivery that no agreement covers; the vault keeps nothing of it."""
    context.events.tell(event_id_after(""), {
        "type": EVENTS[ContributionState.REJECTED], "subject": _contribution_id(delivery, schema, {}),
        "provider": delivery.provider, "year": delivery.year, "counts": {"not_agreed": 1}, "digests": {},
    })  # fmt: skip
