"""Workspaces at rest: quota, encryption, sealing, snapshots; on the real kernel, as root."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest

from enclave.core.clock import FixedClock
from enclave.core.errors import Conflict, NotAllowed, NotFound
from enclave.sandboxes.project_keys import KeyStore, MasterKey, derive
from enclave.sandboxes.sizes import MEBIBYTE, Size
from services.guard.folders import Folders
from services.guard.looking import look
from services.guard.mounts import close_room, share_run_folder
from services.guard.packing import read_archive, write_archive
from services.guard.spent import Spent
from services.guard.streams import CHUNK, decrypt, encrypt
from services.guard.volumes import Store, Volumes, volumes_work

KEY = b"k" * 32
SIZE = Size(0, 0, 0, 32 * MEBIBYTE, 512)
SECRET = b"a line that must not be found at rest"
needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")


@pytest.fixture
def mounts() -> Iterator[Path]:
    """A shared folder for mounts, clean again afterwards."""
    folder = Path(f"/run/c2c-u{secrets.token_hex(4)}-volumes")
    share_run_folder(folder)
    yield folder
    for volume in folder.glob("vol-*"):
        close_room(volume)
    close_room(folder)


@pytest.fixture(params=["volume", "folder"])
def store(request: pytest.FixtureRequest, tmp_path: Path, mounts: Path) -> Store:
    """Both ways of keeping workspaces; the first where this machine can."""
    if request.param == "folder":
        return Folders(tmp_path / "ws", mounts)
    if why_not := volumes_work(mounts):
        pytest.skip(why_not)
    return Volumes(tmp_path / "ws", mounts)


def _at_rest(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


@needs_root
def test_a_sealed_workspace_shows_nothing_and_opens_whole(store: Store, tmp_path: Path) -> None:
    files = store.open("promise", "rosa", SIZE, KEY)
    (files / "secret name.txt").write_bytes(SECRET)
    (files / "link").symlink_to("secret name.txt")
    os.chown(files / "secret name.txt", 1000, 1000)
    store.seal("promise", "rosa", KEY)
    assert store.opened() == []
    at_rest = _at_rest(tmp_path / "ws")
    assert SECRET not in at_rest and b"secret name" not in at_rest
    files = store.open("promise", "rosa", SIZE, KEY)
    assert (files / "link").read_bytes() == SECRET
    store.close("promise", "rosa")


@needs_root
def test_another_key_opens_nothing(store: Store) -> None:
    files = store.open("promise", "rosa", SIZE, KEY)
    (files / "a").write_bytes(SECRET)
    store.seal("promise", "rosa", KEY)
    with pytest.raises(Conflict):
        store.open("promise", "rosa", SIZE, b"q" * 32)
    assert store.open("promise", "rosa", SIZE, KEY).joinpath("a").read_bytes() == SECRET
    store.close("promise", "rosa")


@needs_root
def test_a_volume_holds_its_quota_of_bytes_and_files_and_grows(tmp_path: Path, mounts: Path) -> None:
    if why_not := volumes_work(mounts):
        pytest.skip(why_not)
    store = Volumes(tmp_path / "ws", mounts)
    files = store.open("promise", "rosa", SIZE, KEY)
    with pytest.raises(OSError, match="No space left"):
        (files / "flood").write_bytes(bytes(40 * MEBIBYTE))
    (files / "flood").unlink()
    with pytest.raises(OSError, match="No space left"):
        for number in range(600):
            (files / str(number)).touch()
    assert store.usage("promise", "rosa").files_used == store.usage("promise", "rosa").files_most
    store.close("promise", "rosa")
    store.open("promise", "rosa", Size(0, 0, 0, 64 * MEBIBYTE, 1024), KEY)
    assert store.usage("promise", "rosa").bytes_most > 50 * MEBIBYTE
    store.close("promise", "rosa")


@needs_root
@pytest.mark.parametrize("leftover", ["part", "both", "opening"])
def test_a_kill_while_sealing_a_folder_loses_nothing(leftover: str, tmp_path: Path, mounts: Path) -> None:
    """The three states a kill can leave: a half archive, archive and folder, archive and half-unpacked folder."""
    store = Folders(tmp_path / "ws", mounts)
    (store.open("promise", "rosa", SIZE, KEY) / "a").write_bytes(SECRET)
    os.chown(mounts / store.opened()[0] / "files" / "a", 1000, 1000)
    place = tmp_path / "ws" / "promise"
    if leftover == "part":
        (place / ".rosa.sealed.part").write_bytes(b"half an archive")
    else:
        write_archive(place / "rosa.plain" / "files", place / "rosa.sealed", derive(KEY, "seal"), {})
        if leftover == "both":
            (place / "rosa.plain" / "files" / "a").unlink()
    store.close("promise", "rosa")
    if leftover != "opening":
        store.seal("promise", "rosa", KEY)
    assert (store.open("promise", "rosa", SIZE, KEY) / "a").read_bytes() == SECRET
    store.close("promise", "rosa")


@needs_root
def test_a_link_leads_the_guard_nowhere(tmp_path: Path) -> None:
    (tmp_path / "outside").write_text("of the host")
    files = tmp_path / "files"
    files.mkdir()
    os.chown(files, 1000, 1000)
    (files / "link").symlink_to(tmp_path / "outside")
    (files / "folder").symlink_to(tmp_path)
    for path in ("link", "folder/outside"):
        with pytest.raises(NotFound):
            look(files, path)
    write_archive(files, tmp_path / "a.c2cs", KEY, {})
    (tmp_path / "back").mkdir()
    os.chown(tmp_path / "back", 1000, 1000)
    read_archive(tmp_path / "a.c2cs", tmp_path / "back", KEY)
    assert (tmp_path / "back" / "link").readlink() == tmp_path / "outside"
    assert not (tmp_path / "back" / "outside").exists()


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK])
def test_a_stream_comes_back_as_it_was(size: int) -> None:
    plain, sealed = secrets.token_bytes(size), io.BytesIO()
    assert encrypt(io.BytesIO(plain), sealed, KEY, {}) == size
    sealed.seek(0)
    assert b"".join(decrypt(sealed, KEY)) == plain


@pytest.mark.parametrize(
    ("number", "harm"),
    [
        (1, lambda raw: raw[:-1]),
        (2, lambda raw: raw[: len(raw) // 2]),
        (3, lambda raw: raw[:-40] + bytes([raw[-40] ^ 1]) + raw[-39:]),
        (4, lambda raw: raw.replace(b"promise", b"another")),
        (5, lambda raw: raw + raw[-50:]),
        (6, lambda raw: raw.splitlines(keepends=True)[0]),
    ],
)
def test_a_changed_or_cut_stream_is_refused(number: int, harm: object) -> None:
    sealed = io.BytesIO()
    encrypt(io.BytesIO(secrets.token_bytes(2 * CHUNK)), sealed, KEY, {"project": "promise"})
    assert callable(harm)
    with pytest.raises(Conflict):
        list(decrypt(io.BytesIO(harm(sealed.getvalue())), KEY))


def test_a_destroyed_key_opens_nothing_again(tmp_path: Path, clock: FixedClock) -> None:
    master = MasterKey.ensure(tmp_path / "rooms.key", tmp_path / "rooms.public")
    store = KeyStore(tmp_path / "keys", tmp_path / "rooms.public")
    store.ensure("promise", clock)
    first = master.unwrap(store.folder, "promise")
    store.ensure("promise", clock)
    assert master.unwrap(store.folder, "promise") == first and len(first) == 32
    assert first not in (tmp_path / "keys" / "promise.json").read_bytes()
    (store.folder / "other.json").write_bytes((store.folder / "promise.json").read_bytes())
    with pytest.raises(Conflict):
        master.unwrap(store.folder, "other")
    assert store.destroy("promise") and not store.destroy("promise")
    with pytest.raises(NotFound):
        master.unwrap(store.folder, "promise")


def test_a_grant_counts_once_through_restarts(tmp_path: Path, clock: FixedClock) -> None:
    Spent(tmp_path / "spent").spend("grant_1", clock.now())
    with pytest.raises(NotAllowed, match="used before"):
        Spent(tmp_path / "spent").spend("grant_1", clock.now())
    for odd in ("", "../x", "a/b"):
        with pytest.raises(NotAllowed):
            Spent(tmp_path / "spent").spend(odd, clock.now())
