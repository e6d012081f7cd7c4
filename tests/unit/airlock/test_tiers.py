"""How many people read a request is decided by what its files verifiably are, never by what their author says."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from enclave.core.errors import Conflict, EnclaveError, NotAllowed, NotFound
from enclave.core.signing import Keyring, SigningKey, seal
from output_review import second_looks, service, tiers
from output_review.airlock import Upload
from output_review.policies import required_votes
from output_review.record import verify
from output_review.states import FileKind, LookState, ReleaseState, ReviewMode, VoteChoice
from tests.unit.airlock.house import ALICE, AMIR, CHRIS, DANA, ERIN, FAIL, NOOR, PROJECT, SAM, WORKER, House

REVIEW = {"status": "review", "findings": []}
TABLE = b"county,measure,value,half_width,status\nAlpine,n,120,8,\n"
NAMES = {
    "t1.csv": FileKind.OUTPUT,
    "t2.csv": FileKind.OUTPUT,
    "make.py": FileKind.CODE,
    "notes.txt": FileKind.SUPPORTING,
}


@pytest.fixture
def trusting(house: House, tmp_path: Path) -> House:
    """A house that knows the data service's key, and a stranger's."""
    keys = {name: SigningKey.create(tmp_path / f"{name}.key", name) for name in ("data", "portal")}
    house.airlock = replace(house.airlock, keyring=Keyring({name: key.public_text for name, key in keys.items()}))
    return house


def put_answer(house: House, request: str, name: str, *, signer: str = "data", project: str = PROJECT,
               of: bytes = TABLE) -> None:  # fmt: skip
    """A table with a receipt beside it, signed by `signer`, for `project`, about the bytes `of`."""

    def stored(data: bytes) -> tuple[str, int]:
        return house.airlock.blobs.put(io.BytesIO(data), 2**20)

    payload = {"project": project, "result_sha256": stored(of)[0]}
    receipt = seal("dp.receipt", payload, SigningKey.load(house.root / f"{signer}.key"), house.clock)
    sha256, size = stored(TABLE)
    beside = {"receipt": stored(json.dumps(receipt).encode())[0]}
    house.do(service.put_file, ALICE, request, Upload(name, sha256, size, FileKind.OUTPUT, beside))


def decided(house: House, request: str) -> tuple[str, str]:
    house.check(request)
    house.do(service.submit, ALICE, request)
    found = house.get(request)
    return found.tier, found.review_mode


# number, files that leave or help, what the checks say, tier, mode
TABLE_OF_TIERS: list[tuple[int, list[str], Any, str, str]] = [
    (1, ["make.py"], None, "code", "SINGLE"),
    (2, ["make.py"], REVIEW, "code", "SINGLE"),
    (3, ["make.py"], FAIL, "standard", "SEQUENTIAL"),
    (4, ["make.py", "notes.txt"], None, "code", "SINGLE"),
    (5, ["make.py", "t2.csv"], None, "standard", "SEQUENTIAL"),
    (6, ["t1.csv"], None, "receipted", "SINGLE"),
    (7, ["t1.csv", "make.py"], None, "receipted", "SINGLE"),
    (8, ["t1.csv"], FAIL, "standard", "SEQUENTIAL"),
    (9, ["t1.csv", "t2.csv"], None, "standard", "SEQUENTIAL"),
    (10, ["t2.csv"], None, "standard", "SEQUENTIAL"),
]


@pytest.mark.parametrize(("number", "names", "says", "tier", "mode"), TABLE_OF_TIERS)
def test_the_table_of_tiers(trusting: House, number: int, names: list[str], says: Any, tier: str, mode: str) -> None:
    """`t1.csv` has a receipt that holds; `t2.csv` has none; `notes.txt` does not leave."""
    request = trusting.draft()
    for name in names:
        if name == "t1.csv":
            put_answer(trusting, request, name)
        else:
            trusting.put(request, name, f"a,n\n{name},25\n".encode(), NAMES[name])
        if says is not None:
            trusting.checker.answers[name] = says
    trusting.check(request)
    if says is FAIL:
        for name in names:
            trusting.do(service.justify, ALICE, request, name, rule="min_cell", justification="Public.")
    assert decided(trusting, request) == (tier, mode)
    assert required_votes(trusting.get(request)) == (1 if mode == "SINGLE" else 2)
    assert trusting.get(request).tier_reason == tiers.tier_named(tier).reason


# number, how the receipt is wrong
FORGED: list[tuple[int, dict[str, Any]]] = [
    (1, {"signer": "portal"}),
    (2, {"project": "another"}),
    (3, {"of": b"county,measure,value\n"}),
]


@pytest.mark.parametrize(("number", "wrong"), FORGED)
def test_a_receipt_of_others_or_about_other_bytes_opens_nothing(
    trusting: House, number: int, wrong: dict[str, Any]
) -> None:
    request = trusting.draft()
    put_answer(trusting, request, "t1.csv", **wrong)
    assert decided(trusting, request) == ("standard", "SEQUENTIAL")


def test_a_receipt_that_is_no_json_opens_nothing(trusting: House) -> None:
    request = trusting.draft()
    junk, _ = trusting.airlock.blobs.put(io.BytesIO(b"\xff{"), 2**20)
    sha256, size = trusting.airlock.blobs.put(io.BytesIO(TABLE), 2**20)
    upload = Upload("t1.csv", sha256, size, FileKind.OUTPUT, {"receipt": junk})
    trusting.do(service.put_file, ALICE, request, upload)
    assert decided(trusting, request) == ("standard", "SEQUENTIAL")


def test_every_tier_can_be_decided_and_the_last_takes_everything() -> None:
    table = tiers.tiers()
    assert table[-1].every == {tiers.Nature.ANYTHING} and table[-1].worst.value == "fail"
    assert all(tier.second_look > 0 for tier in table if tier.mode is ReviewMode.SINGLE)
    assert {tier.mode for tier in table} == {ReviewMode.SINGLE, ReviewMode.SEQUENTIAL}


def test_repeated_outputs_count_only_byte_for_byte(house: House) -> None:
    request = house.draft()
    house.put(request, "t1.csv", TABLE)
    run = {"t1.csv": house.get(request).files[0].sha256}
    house.airlock = replace(house.airlock, repeated=lambda _session, _request: run)
    assert decided(house, request) == ("report", "SINGLE")
    other = house.draft()
    house.put(other, "t1.csv", TABLE + b"Butte,n,90,8,\n")
    assert decided(house, other) == ("standard", "SEQUENTIAL")


def test_a_resubmission_never_asks_for_fewer_people(trusting: House) -> None:
    request = trusting.draft()
    trusting.put(request, "make.py", b"print(1)\n", FileKind.CODE)
    trusting.put(request, "t2.csv")
    assert decided(trusting, request) == ("standard", "SEQUENTIAL")
    trusting.do(service.return_to_author, CHRIS, request, "The table is not needed.")
    trusting.do(service.withdraw_file, ALICE, request, "t2.csv")
    assert decided(trusting, request) == ("standard", "SEQUENTIAL")


def test_a_resubmission_may_ask_for_more_people(trusting: House) -> None:
    request = trusting.draft()
    trusting.put(request, "make.py", b"print(1)\n", FileKind.CODE)
    assert decided(trusting, request) == ("code", "SINGLE")
    trusting.vote(CHRIS, request)
    trusting.do(service.return_to_author, CHRIS, request, "Add the table that it makes.")
    trusting.put(request, "t2.csv")
    assert decided(trusting, request) == ("standard", "SEQUENTIAL")
    trusting.vote(CHRIS, request)
    with pytest.raises(EnclaveError):
        trusting.do(service.approve, CHRIS, request)


def test_the_author_of_a_draft_may_ask_for_two_independent_readers(trusting: House) -> None:
    request = trusting.draft()
    trusting.put(request, "make.py", b"print(1)\n", FileKind.CODE)
    with pytest.raises(NotAllowed):
        trusting.do(tiers.ask_blind, AMIR, request)
    trusting.do(tiers.ask_blind, ALICE, request)
    assert decided(trusting, request) == ("code", "INDEPENDENT")
    assert "alice asked for it" in trusting.get(request).tier_reason
    trusting.vote(CHRIS, request)
    assert trusting.state(request) == ReleaseState.PARTIALLY_REVIEWED


def test_a_senior_checker_may_ask_before_the_first_vote_and_nobody_else(house: House) -> None:
    request = house.submitted()
    for actor in (CHRIS, NOOR, ALICE):
        with pytest.raises(EnclaveError):
            house.do(tiers.ask_blind, actor, request)
    house.do(tiers.ask_blind, SAM, request)
    assert house.get(request).review_mode == ReviewMode.INDEPENDENT
    other = house.submitted(["t2.csv"])
    house.vote(CHRIS, other, VoteChoice.APPROVED)
    with pytest.raises(Conflict):
        house.do(tiers.ask_blind, SAM, other)


def code_released(house: House, share: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """Code let out by chris alone, under a table whose share of second looks is `share`."""
    table = tuple(replace(tier, second_look=share) for tier in tiers.tiers())
    monkeypatch.setattr(tiers, "tiers", lambda: table)
    request = house.draft()
    house.put(request, "make.py", b"print(1)\n", FileKind.CODE)
    house.check(request)
    house.do(service.submit, ALICE, request)
    house.vote(CHRIS, request)
    house.do(service.approve, CHRIS, request)
    house.release(request)
    return request


def test_one_checker_lets_code_out_and_the_record_says_why(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    request = code_released(house, 0, monkeypatch)
    bundle = house.root / "bundles" / request / "bundle.zip"
    assert verify(bundle, house.keyring, house.clock).holds
    review = json.loads((bundle.parent / "record.json").read_text())["payload"]["review"]
    assert (review["tier"], review["mode"], review["required_votes"]) == ("code", "SINGLE", 1)
    assert "code" in review["reason"] and "Tier" in (bundle.parent / "record.html").read_text()
    assert house.get(request).second_look is None


def test_a_second_look_is_somebody_elses_and_an_incident_leaves_the_decision_to_a_senior(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = code_released(house, 100, monkeypatch)
    for actor, problem in ((CHRIS, Conflict), (AMIR, NotAllowed), (ALICE, NotAllowed), (NOOR, NotAllowed)):
        with pytest.raises(problem):
            house.do(second_looks.take, actor, request)
    with pytest.raises(Conflict):
        house.do(second_looks.close, DANA, request, incident=False)
    house.do(second_looks.take, DANA, request)
    with pytest.raises(Conflict):
        house.do(second_looks.take, ERIN, request)
    with pytest.raises(Conflict):
        house.do(second_looks.close, DANA, request, incident=True, note=" ")
    house.do(second_looks.close, DANA, request, incident=True, note="Line 3 names a person.")
    assert house.state(request) == ReleaseState.RELEASED
    with house.database.read() as session:
        assert [look.state for look, _ in second_looks.waiting(session)] == [LookState.INCIDENT]
    house.do(service.revoke, SAM, request, "A name got out.")
    with house.database.read() as session:
        assert second_looks.waiting(session) == []
    with pytest.raises(NotFound):
        house.do(second_looks.close, DANA, request, incident=False)


def test_an_agreement_ends_the_second_look(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    request = code_released(house, 100, monkeypatch)
    house.do(second_looks.take, DANA, request)
    look = house.do(second_looks.close, DANA, request, incident=False)
    assert (look.state, look.checker) == (LookState.AGREED, "dana")
    with pytest.raises(Conflict):
        house.do(second_looks.close, DANA, request, incident=True, note="On reflection.")


def test_four_eyes_are_never_drawn_for_a_second_look(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tiers, "drawn", lambda *_: True)
    request = house.approved()
    house.release(request, WORKER)
    assert house.get(request).second_look is None


def test_the_share_is_drawn_from_the_id_alone() -> None:
    ids = [f"rel_{number:05d}" for number in range(5000)]
    share = sum(tiers.drawn(each, second_looks.PURPOSE, 20) for each in ids) / len(ids)
    assert 0.18 < share < 0.22
    assert not any(tiers.drawn(each, second_looks.PURPOSE, 0) for each in ids)
