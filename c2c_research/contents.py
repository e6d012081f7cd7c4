"""What the lab's server takes from the browser: notebooks and text that Lab itself saves, no uploads.

Lab saves notebooks as JSON and files as text; its uploads come as base64 or in chunks. Those are refused with the way
in. Limit: order, not a wall: what a researcher can type or paste, they can bring in; what goes out is reviewed.
"""

from __future__ import annotations

from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

MOST_TEXT = 20 * 2**20
REFUSED = "Nothing is uploaded into a lab: ask the enclave's office to bring a file in. Saved text is at most 20 MB."


def refused(model: dict[str, Any]) -> bool:
    """Whether a model that the browser saves is an upload, or text beyond what anybody writes by hand."""
    if "chunk" in model or model.get("format") == "base64":
        return True
    content = model.get("content")
    return isinstance(content, str) and len(content) > MOST_TEXT


class NoUploads(AsyncLargeFileManager):
    """The server's file manager without uploads."""

    async def save(self, model: dict[str, Any], path: str = "") -> Any:
        """Save what Lab wrote; 403 for an upload."""
        if refused(model):
            raise HTTPError(403, REFUSED)
        return await super().save(model, path)  # type: ignore[no-untyped-call]  # the base has no types
