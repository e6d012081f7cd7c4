"""Altair charts drawn by JupyterLab's own Vega: Altair's default fetches scripts from the web, which a sandbox has not.

Loaded by every kernel. Altair writes Vega-Lite 6, JupyterLab 4 draws what is called Vega-Lite 5; the grammar of the
two is the same and only the name of the schema is rewritten. Limit: a chart's picture cannot be saved from its menu;
submit the table that it is drawn from.
"""

from __future__ import annotations

import importlib.util
import re
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MIME = "application/vnd.vegalite.v5+json"
_SCHEMA = re.compile(r"/vega-lite/v\d[^/]*\.json$")


def bundle(chart: dict[str, Any], **_: Any) -> dict[str, Any]:
    """What a notebook shows for a chart's specification."""
    schema = _SCHEMA.sub("/vega-lite/v5.json", str(chart.get("$schema", "")))
    return {MIME: {**chart, "$schema": schema}, "text/plain": "<altair chart>"}


def load_ipython_extension(shell: Any) -> None:
    """Let Altair draw in the lab from the moment it is imported."""
    if "altair" in sys.modules:
        _use(sys.modules["altair"])
    else:
        sys.meta_path.insert(0, _WhenImported())


def _use(altair: ModuleType) -> None:
    altair.renderers.register("enclave", bundle)
    altair.renderers.enable("enclave")


class _WhenImported(MetaPathFinder):
    """Finds `altair` as others would, and adds what is done after it was executed.

    Looking is not importing: polars only asks whether Altair is there. So it goes on until the module was executed.
    """

    _looking = False

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "altair" or self._looking:
            return None
        self._looking = True
        try:
            spec = importlib.util.find_spec(fullname)
        finally:
            self._looking = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Then(spec.loader)
        return spec


class _Then(Loader):
    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        _use(module)
