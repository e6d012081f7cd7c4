"""The worker believes signed events of the vault only, and each of them once."""

from __future__ import annotations

import json

import pytest

from enclave.core import audit
from enclave.core.errors import EnclaveError, NotAuthenticated
from enclave.core.ids import new_id
from enclave.core.signing import SigningKey, seal
from enclave.editions import store
from services.worker import vault_events
from tests.portal import Portal
from tests.unit.editions.test_events import published


def write_event(portal: Portal, key: SigningKey, **changes: object) -> str:
    event_id = new_id("evt")
    payload = published(1) | {"id": event_id} | changes
    envelope = seal("vault.event", payload, key, portal.context.clock)
    (portal.context.settings.paths.events / f"{event_id}.json").write_text(json.dumps(envelope))
    return event_id


def test_a_signed_event_is_mirrored_and_no_longer_pending(portal: Portal, keys: dict[str, SigningKey]) -> None:
    event = write_event(portal, keys["vault"])
    assert vault_events.pending(portal.context) == [event]
    vault_events.run(portal.context, event)
    vault_events.run(portal.context, event)
    assert vault_events.pending(portal.context) == []
    with portal.context.database.read() as session:
        assert [edition.id for edition in store.list_editions(session)] == ["2025r1"]
        assert audit.list_events(session, action="edition").total == 1


def test_an_event_signed_by_another_service_is_not_believed(portal: Portal, keys: dict[str, SigningKey]) -> None:
    event = write_event(portal, keys["worker"])
    with pytest.raises(NotAuthenticated):
        vault_events.run(portal.context, event)
    assert vault_events.pending(portal.context) == [event]


def test_an_event_under_another_name_is_not_believed(portal: Portal, keys: dict[str, SigningKey]) -> None:
    event = write_event(portal, keys["vault"], id="evt_another")
    with pytest.raises(EnclaveError, match="own name"):
        vault_events.run(portal.context, event)


def test_events_are_taken_in_the_order_of_their_names(portal: Portal, keys: dict[str, SigningKey]) -> None:
    events = [write_event(portal, keys["vault"], subject=f"2025r{number}") for number in range(1, 4)]
    assert vault_events.pending(portal.context) == sorted(events)
