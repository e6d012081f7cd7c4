"""Kinds of bytes, and when they are too many: one rule for the gateway that counts and the portal that decides."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MB = 1_000_000


class Kind(StrEnum):
    """What bytes on their way to a browser belong to."""

    STATIC = "static"
    """Scripts, styles and fonts of the image."""
    CONTENTS = "contents"
    """Files and folders of the workspace, as Lab reads them."""
    KERNEL = "kernel"
    """What kernels print."""
    OTHER = "other"
    """The rest: settings, lists, layouts."""


@dataclass(frozen=True)
class Limits:
    """Megabytes of one session at which people are told, and at which the lab is stopped."""

    alert_mb: int
    stop_mb: int

    def counted(self, down: Mapping[Kind, int]) -> int:
        """The bytes that count. The image's own files do not, up to the stop's amount: opening Lab costs nothing.

        Above it they do: the lab's server is hostile, and may answer with data where the image's files are.
        """
        static = max(0, down.get(Kind.STATIC, 0) - self.stop_mb * MB)
        return static + sum(size for kind, size in down.items() if kind is not Kind.STATIC)

    def alerts(self, down: Mapping[Kind, int]) -> bool:
        """Whether people should know."""
        return self.counted(down) >= self.alert_mb * MB

    def stops(self, down: Mapping[Kind, int]) -> bool:
        """Whether it has to end."""
        return self.counted(down) >= self.stop_mb * MB
