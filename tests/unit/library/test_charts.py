"""Altair in a kernel of the sandbox: a chart is data for JupyterLab's own Vega, never a page that fetches scripts."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from c2c_research import packages

SHOW = """
from IPython.core.interactiveshell import InteractiveShell
import json, sys
shell = InteractiveShell.instance()
{before}
shell.extension_manager.load_extension("c2c_research.charts")
{after}
import altair
chart = altair.Chart({{"values": [{{"a": 1}}]}}).mark_bar().encode(x="a:Q")
data, _ = shell.display_formatter.format(chart)
print(json.dumps(data))
"""


ASKED = "import importlib.util; importlib.util.find_spec('altair')"
MOMENTS = {"imported later": ("", ""), "imported before": ("import altair", ""), "only asked for": ("", ASKED)}


@pytest.mark.parametrize(("before", "after"), MOMENTS.values(), ids=MOMENTS)
def test_a_chart_is_shown_as_data_that_the_lab_draws(before: str, after: str) -> None:
    argv = [sys.executable, "-c", SHOW.format(before=before, after=after)]
    done = subprocess.run(argv, capture_output=True, text=True, check=True, timeout=60)
    shown = json.loads(done.stdout.splitlines()[-1])
    assert "text/html" not in shown
    assert shown["application/vnd.vegalite.v5+json"]["$schema"].endswith("/vega-lite/v5.json")
    assert shown["application/vnd.vegalite.v5+json"]["mark"] == {"type": "bar"}


@pytest.mark.parametrize(
    ("typed", "named"), [("install geopandas", "geopandas"), ("install -U a b", "a, b"), ("", "a package")]
)
def test_installing_is_answered_with_the_way_to_ask(typed: str, named: str) -> None:
    assert f"Ask for {named} in the portal" in packages.answer(typed)


def test_the_kernels_pip_answers_and_installs_nothing() -> None:
    code = (
        "from IPython.core.interactiveshell import InteractiveShell as S; s = S.instance();"
        "s.extension_manager.load_extension('c2c_research.packages'); s.run_line_magic('pip', 'install geopandas')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)
    assert "Ask for geopandas in the portal" in done.stderr
