"""The tutorials, executed by their own kernels in the images that researchers get, on a small extract.

Cells that ask the portal (tag `relay`) need a lab and are left out here: see `tests/e2e/test_tutorials.py`. The image
with R is built on demand (`make images-r`): where it is not there, its tutorial is skipped.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import duckdb
import pytest

from scripts.clone import ROOT
from scripts.images import ensure_images, image_tags
from services.cli import shelf

pytestmark = pytest.mark.engine
TUTORIALS = sorted((ROOT / "notebooks" / "tutorials").glob("*.ipynb"))
EXECUTE = r"""
import json, sys
from pathlib import Path
import nbformat, papermill
source = Path("/opt/c2c/tutorials") / sys.argv[1]
note = nbformat.read(source, 4)
note.cells = [cell for cell in note.cells if "relay" not in cell.metadata.get("tags", [])]
nbformat.write(note, "/workspace/t.ipynb")
papermill.execute_notebook("/workspace/t.ipynb", "/workspace/done.ipynb", cwd="/workspace", progress_bar=False)
done = nbformat.read("/workspace/done.ipynb", 4)
kinds = sorted({kind for cell in done.cells for output in cell.get("outputs", []) for kind in output.get("data", {})})
text = "".join(output.get("text", "") for cell in done.cells for output in cell.get("outputs", []))
print(json.dumps({"kinds": kinds, "text": text, "files": sorted(p.name for p in Path("/workspace").iterdir())}))
"""


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """An extract of one table and the reference shelf, as bind mounts."""
    data, reference = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("reference")
    duckdb.connect().execute(
        f"""COPY (SELECT 4611686018427387904 + i AS person_id, 2021 + i % 2 AS academic_year,
        CASE WHEN i % 41 = 0 THEN '02' ELSE ['01', '19', '37'][1 + i % 3] END AS county_code,
        ['asian', 'hispanic', 'white', 'two_or_more'][1 + (i * 7) % 4] AS race_ethnicity,
        ['F', 'M'][1 + i % 2] AS gender FROM range(900) t(i)) TO '{data}/k12_completion.parquet' (FORMAT parquet)"""
    )
    columns = {"academic_year": {"description": "Academic year by its spring"}, "gender": {"codes": {"F": "Female"}}}
    (data / "codebook.json").write_text(json.dumps({"tables": {"k12_completion": {"columns": columns}}}))
    shelf.build(reference)
    for folder in (data, reference):
        folder.chmod(0o755)
        for above in list(folder.parents)[:2]:
            above.chmod(0o755)
    return ["-v", f"{data}:/data:ro", "-v", f"{reference}:/reference:ro"]


def executed(image: str, tutorial: str, places: list[str]) -> dict[str, object]:
    """What a tutorial printed and left in the workspace of a hardened container."""
    hardening = ["--network=none", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges"]
    room = ["--tmpfs=/tmp", "--tmpfs=/workspace:uid=1000", "--pids-limit=128", "-e", "JUPYTER_RUNTIME_DIR=/tmp/j"]
    where = ["-e", "C2C_PROJECT=college-going", "-e", "C2C_DATA=/data", "-e", "LANG=C.UTF-8"]
    argv = ["docker", "run", "--rm", *hardening, *room, *where, *places, image, "python", "-c", EXECUTE, tutorial]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr[-3000:]
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


@pytest.mark.parametrize("path", [path for path in TUTORIALS if not path.name.startswith("r-")], ids=lambda p: p.stem)
def test_a_tutorial_runs_in_the_sandbox(path: Path, places: list[str]) -> None:
    answer = executed(ensure_images()["sandbox"], path.name, places)
    if path.stem == "start-here":
        assert any(kind.startswith("application/vnd.vegalite") for kind in answer["kinds"])
        assert "git version" in str(answer["text"])


def test_the_tutorial_in_r_reads_the_extract_and_writes_a_table(places: list[str]) -> None:
    image = image_tags("sandbox-r")["sandbox-r"]
    if subprocess.run(["docker", "image", "inspect", image], capture_output=True, check=False).returncode:
        pytest.skip("the image with R is built on demand: make images-r")
    answer = executed(image, "r-first-table.ipynb", places)
    assert "k12_completion" in str(answer["text"])
    assert "graduates-by-year-r.csv: passes" in str(answer["text"])
    assert {"graduates.csv", "graduates.dta", "graduates-by-year-r.csv"} <= set(answer["files"])  # type: ignore[arg-type]


def test_every_card_of_the_launcher_has_a_title_a_sentence_and_a_place() -> None:
    cards = [json.loads(path.read_text())["metadata"]["c2c"] for path in TUTORIALS]
    assert sorted(card["order"] for card in cards) == list(range(1, len(cards) + 1))
    assert all(card["title"] and card["about"] for card in cards)
    assert [card["title"] for card in sorted(cards, key=lambda card: card["order"])][:2] == [
        "Start here",
        "Tables and disclosure checks",
    ]


def test_the_sandboxs_pip_says_how_to_ask_for_a_package() -> None:
    argv = ["docker", "run", "--rm", "--network=none", ensure_images()["sandbox"], "pip", "install", "geopandas"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1
    assert "Ask for geopandas in the portal" in done.stderr
