"""Imports every module with mapped classes, so that `create_all` knows all tables."""

from __future__ import annotations

import importlib
import pkgutil

import enclave
import output_review

for package in (enclave, output_review):
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if module.name.endswith(".model"):
            importlib.import_module(module.name)
