"""The checks of `c2c doctor`."""

from __future__ import annotations

from services.cli.diagnosis.finding import Finding, Level
from services.cli.diagnosis.run import diagnose

__all__ = ["Finding", "Level", "diagnose"]
