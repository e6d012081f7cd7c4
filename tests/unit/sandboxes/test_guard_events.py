"""What the guard did and refused stands in the audit, each event once, and only when the guard signed it."""

from __future__ import annotations

import json

import pytest

from enclave.core.audit.store import list_events
from enclave.core.clock import FixedClock
from enclave.core.errors import EnclaveError
from enclave.core.signing import SigningKey
from services.guard.events import Events
from services.worker.guard_events import pending, run
from tests.portal import Portal


@pytest.fixture
def events(portal: Portal, keys: dict[str, SigningKey], clock: FixedClock) -> Events:
    return Events(portal.context.settings.paths.events, keys["guard"], clock)


def test_each_event_enters_the_audit_once(portal: Portal, events: Events) -> None:
    events.record("create", "sbx-1", user="rosa", project="promise", status="201")
    events.record("refused", "/containers/create", method="POST", reason="The request differs.")
    found = pending(portal.context)
    assert len(found) == 2
    for event in (*found, *found):
        run(portal.context, event)
    assert pending(portal.context) == []
    with portal.context.database.read() as session:
        page = list_events(session, actor="service:guard")
        assert sorted((row.action, row.details["sandbox"]) for row in page.events) == [
            ("sandbox.create", "sbx-1"),
            ("sandbox.refused", "/containers/create"),
        ]


def test_the_path_of_a_look_stands_in_the_audit_and_in_no_log(
    portal: Portal, events: Events, capsys: pytest.CaptureFixture[str]
) -> None:
    events.record("look", "promise", name="rosa", path="notes/canary-jane-doe.txt")
    said = capsys.readouterr()
    assert "sandbox_look" in said.out + said.err
    assert "canary" not in said.out + said.err
    (event,) = pending(portal.context)
    run(portal.context, event)
    with portal.context.database.read() as session:
        (row,) = list_events(session, actor="service:guard").events
        assert row.details["path"] == "notes/canary-jane-doe.txt"


def test_another_services_signature_is_not_believed(
    portal: Portal, keys: dict[str, SigningKey], clock: FixedClock
) -> None:
    Events(portal.context.settings.paths.events, keys["hub"], clock).record("create", "sbx-1")
    (event,) = pending(portal.context)
    with pytest.raises(EnclaveError):
        run(portal.context, event)


def test_a_changed_event_is_not_believed(portal: Portal, events: Events) -> None:
    events.record("create", "sbx-1", user="rosa")
    (event,) = pending(portal.context)
    path = portal.context.settings.paths.events / f"{event}.json"
    envelope = json.loads(path.read_text())
    envelope["payload"]["details"]["user"] = "eve"
    path.write_text(json.dumps(envelope))
    with pytest.raises(EnclaveError):
        run(portal.context, event)


def test_the_vaults_ear_does_not_hear_the_guard(portal: Portal, events: Events) -> None:
    from services.worker import vault_events

    events.record("create", "sbx-1")
    assert vault_events.pending(portal.context) == []
