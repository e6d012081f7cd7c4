"""The set-up's own behaviour in bad circumstances: each gets a sentence and a mend."""

from __future__ import annotations

import ast
import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import machine
from scripts.clone import ROOT, instance, port
from scripts.console import SetupError, fail
from scripts.context import Context
from scripts.engine import ensure_engine
from scripts.locks import build_tools, read_lock
from scripts.machine import check_disk, check_port
from scripts.shell import has, run
from scripts.wheelhouse import Target, Wheelhouse


def test_a_taken_port_names_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("C2C_PORT", str(taken.getsockname()[1]))
        with pytest.raises(SetupError, match="is taken") as problem:
            check_port()
    assert "C2C_PORT=" in problem.value.advice


@pytest.mark.skipif(not has("docker"), reason="there is no Docker client")
def test_an_engine_that_does_not_answer_is_one_sentence_and_a_mend(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(SetupError, match="No engine answers") as problem:
        ensure_engine()
    assert "DOCKER_HOST" in problem.value.advice


@pytest.mark.parametrize("text", ["http", "0", "70000", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("C2C_PORT", text)
    with pytest.raises(SetupError, match="no port"):
        port()


def test_a_full_disk_is_named_before_anything_is_built(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(machine, "NEEDED_GIB", 10**9)
    with pytest.raises(SetupError, match="GiB are free"):
        check_disk([tmp_path / "not" / "there"])


def test_a_failed_program_shows_its_last_lines() -> None:
    code = "import sys; print('first'); print('no space left on device', file=sys.stderr); sys.exit(3)"
    with pytest.raises(SetupError, match="no space left on device"):
        run([sys.executable, "-c", code], what="Building", advice="Free some space.")


def test_a_missing_program_is_named() -> None:
    with pytest.raises(SetupError, match="'no-such-program' is missing"):
        run(["no-such-program"], what="Building", advice="Install it.")


def test_an_error_is_one_sentence_and_its_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert fail(SetupError("It broke.", "Mend it.")) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip().splitlines() == ["Stopped: It broke.", "To mend it: Mend it."]


def test_two_data_directories_are_two_enclaves(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("C2C_DATA_DIR", raising=False)
    usual = instance()
    monkeypatch.setenv("C2C_DATA_DIR", str(tmp_path))
    assert instance() != usual
    assert instance().startswith("c2c-")


def test_a_changed_byte_changes_the_tag_and_a_changed_time_does_not(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    digests = []
    for content in ("a = 1\n", "a = 1\n", "a = 2\n"):
        file.write_text(content)
        context = Context()
        context.add_tree("app", tmp_path, [file])
        digests.append(context.digest("deps"))
    assert digests[0] == digests[1] != digests[2]


def test_files_are_chosen_by_digest_and_never_by_name(tmp_path: Path) -> None:
    house = Wheelhouse(tmp_path)
    (tmp_path / "rich-99-py3-none-any.whl").write_bytes(b"not what was locked")
    pin = read_lock("vault")["rich"]
    assert house.find(pin) is None


def test_wheels_of_a_newer_c_library_are_not_taken_for_an_older_base() -> None:
    base = Target((3, 11), (2, 36))
    assert base.takes_wheels_of(Target((3, 11), (2, 31)))
    assert not base.takes_wheels_of(Target((3, 11), (2, 39)))
    assert not base.takes_wheels_of(Target((3, 12), (2, 36)))
    assert "manylinux_2_36_" in " ".join(base.pip_flags())


def test_build_tools_are_locked_too() -> None:
    assert build_tools().count("--hash=sha256:") >= 2


def test_a_source_distribution_brings_its_build_tools_even_into_an_empty_folder(tmp_path: Path) -> None:
    house = Wheelhouse(tmp_path / "house")
    house.folder.mkdir()
    assert house.tools_for("sandbox") == {}
    source = house.folder / "autograd-gamma-0.5.0.tar.gz"
    source.write_bytes(b"bytes that stand for the locked file")
    stat, pin = source.stat(), read_lock("sandbox")["autograd-gamma"]
    digests = {f"{source.name}|{stat.st_size}|{stat.st_mtime_ns}": next(iter(pin.digests))}
    (tmp_path / "house.index.json").write_text(json.dumps(digests))
    assert set(Wheelhouse(house.folder).tools_for("sandbox")) == {"setuptools", "wheel"}


def test_the_scripts_need_nothing_but_the_standard_library() -> None:
    allowed = {*sys.stdlib_module_names, "scripts"}
    for path in (ROOT / "scripts").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            assert {name.partition(".")[0] for name in names} <= allowed, path.name


def test_make_alone_lists_every_target() -> None:
    listed = subprocess.run(
        ["make", "-C", str(ROOT), "--no-print-directory"], capture_output=True, text=True, check=True
    )
    for target in ("demo", "stop", "test", "soak", "check", "docs", "bench", "clean", "images", "lock"):
        assert f"make {target} " in listed.stdout
