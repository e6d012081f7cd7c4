"""What a wheel may bring into an image: files beside those that are there, and none of the enclave's modules."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from scripts.console import SetupError
from scripts.wheels import check_adds_only, read_wheel

SITE = "lib/python3.11/site-packages"
PRESENT = frozenset({f"{SITE}/pandas/__init__.py", "bin/pip", "bin/c2c", "share/jupyter/kernels/python3/kernel.json"})


def made(folder: Path, files: dict[str, str], licence: str = "License: MIT\n") -> Path:
    """A wheel with these files."""
    path = folder / "kelp-1.0-py3-none-any.whl"
    metadata = {"kelp-1.0.dist-info/METADATA": f"Metadata-Version: 2.1\nName: kelp\nVersion: 1.0\n{licence}"}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in (metadata | files).items():
            archive.writestr(name, content)
    return path


# number, what the wheel holds, may it come in
WHEELS: list[tuple[int, dict[str, str], bool]] = [
    (1, {"kelp/__init__.py": ""}, True),
    (2, {"kelp.py": "", "kelp-1.0.data/scripts/kelp-say": ""}, True),
    (3, {"kelp-1.0.data/data/share/kelp/table.csv": ""}, True),
    (4, {"pandas/__init__.py": ""}, False),
    (5, {"kelp-1.0.data/purelib/pandas/__init__.py": ""}, False),
    (6, {"kelp-1.0.data/platlib/pandas/__init__.py": ""}, False),
    (7, {"kelp-1.0.data/scripts/c2c": ""}, False),
    (8, {"kelp-1.0.dist-info/entry_points.txt": "[console_scripts]\npip = kelp:main\n"}, False),
    (9, {"kelp-1.0.data/data/share/jupyter/kernels/python3/kernel.json": ""}, False),
    (10, {"c2c_research/dp.py": ""}, False),
    (11, {"c2c_research.py": ""}, False),
    (12, {"kelp-1.0.data/purelib/c2c_research/x.py": ""}, False),
    (13, {"enclave/__init__.py": ""}, False),
    (14, {"services/__init__.py": ""}, False),
    (15, {"../../../bin/sh": ""}, False),
    (16, {"kelp-1.0.data/data/../../etc/passwd": ""}, False),
    (17, {"kelp-1.0.data/data//etc/passwd": ""}, True),  # lies below the environment when the installer joins it
]


@pytest.mark.parametrize(("number", "files", "may"), WHEELS, ids=[str(each[0]) for each in WHEELS])
def test_a_wheel_adds_files_and_changes_none(number: int, files: dict[str, str], may: bool, tmp_path: Path) -> None:
    path = made(tmp_path, files)
    wheel = read_wheel(path, SITE)
    if may:
        check_adds_only(path, wheel, PRESENT, SITE)
    else:
        with pytest.raises(SetupError, match="would replace"):
            check_adds_only(path, wheel, PRESENT, SITE)


# number, lines of the metadata, the licence
LICENCES = [
    (1, "License-Expression: MIT AND BSD-3-Clause\nLicense: see file\n", "MIT AND BSD-3-Clause"),
    (2, "License: Copyright 2020 Somebody\nClassifier: License :: OSI Approved :: BSD License\n", "BSD License"),
    (3, "License: NCSA\n", "NCSA"),
    (4, "License: UNKNOWN\n", ""),
    (5, "", ""),
]


@pytest.mark.parametrize(("number", "lines", "licence"), LICENCES)
def test_a_missing_licence_is_a_caution(number: int, lines: str, licence: str, tmp_path: Path) -> None:
    wheel = read_wheel(made(tmp_path, {"kelp.py": ""}, lines), SITE)
    assert wheel.licence == licence
    assert any("no licence" in each for each in wheel.warnings) == (not licence)


def test_code_at_every_start_and_extensions_of_the_lab_are_cautions(tmp_path: Path) -> None:
    files = {"kelp.pth": "import kelp", "kelp-1.0.data/data/share/jupyter/labextensions/kelp/package.json": "{}"}
    warnings = read_wheel(made(tmp_path, files), SITE).warnings
    assert ["start of every Python" in warnings[0], "JupyterLab" in warnings[1]] == [True, True]


def test_a_file_that_is_no_wheel_says_so(tmp_path: Path) -> None:
    path = tmp_path / "kelp-1.0-py3-none-any.whl"
    path.write_bytes(b"not an archive")
    with pytest.raises(SetupError, match="no readable wheel"):
        read_wheel(path, SITE)
