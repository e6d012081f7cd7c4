"""A release that is killed between any two steps is finished by the next try, and nothing half-made is ever out."""

from __future__ import annotations

import zipfile
from typing import Any

import pytest

from enclave.core.errors import Conflict, NotFound
from output_review import release as module
from output_review import service
from output_review.record import verify
from output_review.states import ReleaseState
from tests.unit.airlock.house import ALICE, WORKER, House


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["_sealed", "_build", "_finish", "replace_dir_atomic", "write_atomic", "record"])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_at_any_step(house: House, monkeypatch: pytest.MonkeyPatch, step: str, when: str) -> None:
    request = house.approved()
    real = getattr(module, step)

    def killed(*values: Any, **named: Any) -> None:
        if when == "after":
            real(*values, **named)
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(module, step, killed)
        try:
            house.release(request)
        except Killed:
            assert house.state(request) is ReleaseState.APPROVED
            with pytest.raises(NotFound):
                house.do(service.download, ALICE, request)
    bundle = house.release(request)
    assert house.state(request) is ReleaseState.RELEASED
    assert verify(bundle, house.keyring, house.clock).holds
    assert [path.name for path in bundle.parent.parent.iterdir() if path.name.startswith(".building")] == []
    assert zipfile.ZipFile(bundle).testzip() is None


def test_a_full_disk_is_told_and_tried_again(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    request = house.approved()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(module, "replace_dir_atomic", full)
        with pytest.raises(Conflict, match="tried again"):
            house.release(request)
    assert "could not be written" in house.get(request).release_problem
    service.release(house.airlock, house.database, WORKER, request, house.key)
    assert house.state(request) is ReleaseState.RELEASED
