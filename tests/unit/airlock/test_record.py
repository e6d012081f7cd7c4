"""The signed record is verified without a network, and a changed byte is found wherever it is."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from enclave.core.errors import BadInput
from enclave.core.signing import Keyring, SigningKey, seal
from output_review import record, service
from output_review.record import Verification, verify
from output_review.states import FileKind
from tests.unit.airlock.house import ALICE, CHRIS, DANA, FAIL, SAM, House


@pytest.fixture
def bundle(house: House) -> Path:
    house.checker.answers["t1.csv"] = FAIL
    request = house.draft()
    house.put(request, context=b"kind: frequency\n")
    house.put(request, "notes.txt", b"for the checkers", FileKind.SUPPORTING)
    house.check(request)
    house.do(service.justify, ALICE, request, "t1.csv", rule="min_cell", justification="Published before.")
    house.do(service.submit, ALICE, request)
    house.do(service.tick, CHRIS, request, ["understood", "counts"])
    house.vote(CHRIS, request)
    house.vote(DANA, request)
    house.do(service.decide_exception, SAM, request, "t1.csv", rule="min_cell", grant=True, reason="Public.")
    house.do(service.approve, DANA, request)
    return house.release(request)


def _changed(bundle: Path, change: Callable[[dict[str, bytes]], None]) -> Path:
    with zipfile.ZipFile(bundle) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    target = bundle.with_name("changed.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return target


def _failed(result: Verification) -> list[str]:
    return [check["check"] for check in result.checks if not check["holds"]]


def test_a_bundle_verifies_as_a_zip_and_as_a_folder(house: House, bundle: Path, tmp_path: Path) -> None:
    result = verify(bundle, house.keyring, house.clock)
    assert result.holds, result.as_json()
    assert "files/notes.txt" not in zipfile.ZipFile(bundle).namelist()
    zipfile.ZipFile(bundle).extractall(tmp_path / "unpacked")
    assert verify(tmp_path / "unpacked", house.keyring, house.clock).holds


@pytest.mark.parametrize("name", ["files/t1.csv", "record.html", "record.pdf"])
def test_a_changed_byte_is_found(house: House, bundle: Path, name: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        members[name] = members[name][:-1] + bytes([members[name][-1] ^ 1])

    assert _failed(verify(_changed(bundle, change), house.keyring, house.clock)) == [name]


def test_every_changed_byte_of_the_record_is_found(house: House, bundle: Path) -> None:
    original = zipfile.ZipFile(bundle).read("record.json")
    for position in range(0, len(original), 97):
        changed = original[:position] + bytes([original[position] ^ 1]) + original[position + 1 :]
        altered = _changed(bundle, lambda members, changed=changed: members.update({"record.json": changed}))
        assert not verify(altered, house.keyring, house.clock).holds, position


def test_an_added_and_a_missing_file_are_found(house: House, bundle: Path) -> None:
    added = _changed(bundle, lambda members: members.update({"files/more.csv": b"a"}))
    assert _failed(verify(added, house.keyring, house.clock)) == ["manifest"]
    missing = _changed(bundle, lambda members: members.__delitem__("files/t1.csv"))
    assert _failed(verify(missing, house.keyring, house.clock)) == ["files/t1.csv"]


def test_another_enclaves_key_is_refused(house: House, bundle: Path, tmp_path: Path) -> None:
    other = SigningKey.create(tmp_path / "other.key", "worker")
    result = verify(bundle, Keyring({"worker": other.public_text}), house.clock)
    assert _failed(result) == ["signature"]


@pytest.mark.parametrize(
    ("part", "value", "fails"),
    [
        ("votes", lambda file: file["votes"].pop(), "t1.csv: votes"),
        ("votes", lambda file: file["votes"][0].update(checker="alice"), "t1.csv: votes"),
        ("votes", lambda file: file["votes"][0].update(checker="amir"), "t1.csv: votes"),
        ("votes", lambda file: file["votes"][0].update(checker="dana"), "t1.csv: votes"),
        ("votes", lambda file: file["votes"][0].update(binding="0" * 64), "t1.csv: votes"),
        ("check", lambda file: file["check"]["findings"].clear(), "t1.csv: checks"),
        ("exception", lambda file: file["exceptions"].clear(), "t1.csv: exceptions"),
    ],
)
def test_even_a_signed_record_must_say_what_policy_demands(
    house: House, bundle: Path, part: str, value: Callable[[dict[str, object]], object], fails: str
) -> None:
    payload = json.loads(zipfile.ZipFile(bundle).read("record.json"))["payload"]
    value(next(entry for entry in payload["files"] if entry["name"] == "t1.csv"))
    envelope = json.dumps(seal(record.KIND, payload, house.key, house.clock)).encode()
    altered = _changed(bundle, lambda members: members.update({"record.json": envelope}))
    assert fails in _failed(verify(altered, house.keyring, house.clock))


def test_what_is_no_bundle_could_not_be_verified(house: House, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip")
    for path in (tmp_path / "x.zip", tmp_path / "absent.zip", tmp_path):
        with pytest.raises(BadInput):
            verify(path, house.keyring, house.clock)


def test_the_readable_record_says_the_same_without_scripts(bundle: Path) -> None:
    page = zipfile.ZipFile(bundle).read("record.html").decode()
    for words in ("Table 1", "chris", "dana", "min_cell", "Published before.", "enclave-default"):
        assert words in page
    assert "<script" not in page
