"""Workspaces at rest: quota, encryption, sealing, snapshots; on the real kernel, as root."""

from __future__ import annotations

import io
import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from enclave.core.clock import FixedClock
from enclave.core.errors import Conflict, NotAllowed, NotFound
from enclave.sandboxes.project_keys import KeyStore, MasterKey, derive
from enclave.sandboxes.sizes import MEBIBYTE, Size
from enclave.sandboxes.volumes import volume_id
from services.guard.folders import SLACK, Folders
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


def _deep(files: Path) -> None:
    """Data where a path is too long to name it."""
    here = os.open(files, os.O_RDONLY)
    for _ in range(30):
        os.mkdir("d" * 200, dir_fd=here)
        above, here = here, os.open("d" * 200, os.O_RDONLY, dir_fd=here)
        os.close(above)
    handle = os.open("flood", os.O_CREAT | os.O_WRONLY, dir_fd=here)
    os.write(handle, os.urandom(33 * MEBIBYTE))
    os.close(handle)
    os.close(here)


def _hole(files: Path) -> None:
    (files / "a").touch()
    os.truncate(files / "a", 1 << 30)


def _many(files: Path) -> None:
    for number in range(SIZE.files):
        (files / str(number)).touch()


def _outside(files: Path) -> None:
    (files.parents[2] / "large").write_bytes(bytes(40 * MEBIBYTE))
    (files / "link").symlink_to(files.parents[2] / "large")


# number, what is written into a plain workspace of 32 MiB and 512 files, whether it is over
WRITTEN = [
    (1, "31 MiB", lambda files: (files / "a").write_bytes(os.urandom(31 * MEBIBYTE)), False),
    (2, "33 MiB", lambda files: (files / "a").write_bytes(os.urandom(33 * MEBIBYTE)), True),
    (3, "33 MiB below 30 folders of long names", _deep, True),
    (4, "a hole of 1 GiB", _hole, False),
    (5, "512 empty files", _many, True),
    (6, "a link to 40 MiB elsewhere", _outside, False),
]


@needs_root
@pytest.mark.parametrize(("number", "what", "write", "over"), WRITTEN, ids=[line[1] for line in WRITTEN])
def test_a_plain_workspace_is_measured_without_following_links(
    number: int, what: str, write: Callable[[Path], object], over: bool, tmp_path: Path, mounts: Path
) -> None:
    store = Folders(tmp_path / "ws", mounts)
    write(store.open("promise", "rosa", SIZE, KEY))
    assert Folders(tmp_path / "ws", mounts).overfull() == ([volume_id("promise", "rosa")] if over else [])
    store.close("promise", "rosa")
    assert list(mounts.iterdir()) == []


@needs_root
def test_a_plain_workspace_that_is_too_full_may_be_opened_and_tidied_but_not_grow(tmp_path: Path, mounts: Path) -> None:
    store = Folders(tmp_path / "ws", mounts)
    files = store.open("promise", "rosa", SIZE, KEY)
    (files / "a").write_bytes(os.urandom(40 * MEBIBYTE))
    store.close("promise", "rosa")
    files = store.open("promise", "rosa", SIZE, KEY)
    (files / "b").write_bytes(os.urandom(MEBIBYTE))
    assert store.overfull() == []
    (files / "c").write_bytes(os.urandom(SLACK.disk))
    assert store.overfull() == [volume_id("promise", "rosa")]
    (files / "a").unlink()
    assert store.overfull() == []
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
