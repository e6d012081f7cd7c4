"""Pictures, rebuilt: only the chunks that draw are kept, so nothing else can hide in what is shown."""

from __future__ import annotations

import base64
import zlib
from dataclasses import dataclass

from output_review.render.markup import Html, joined, tag

_PNG = b"\x89PNG\r\n\x1a\n"
_DRAWING = (b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND")
_MAX_SIDE = 12_000
_MAX_PIXELS = 60_000_000


@dataclass(frozen=True)
class ImageView:
    """A picture embedded as data; an <img> of image data runs nothing."""

    name: str
    media: str
    data: bytes
    width: int
    height: int

    def html(self) -> Html:
        source = f"data:{self.media};base64,{base64.b64encode(self.data).decode()}"
        return joined(
            tag("img", src=source, alt=f"The submitted figure {self.name}", class_="review-figure"),
            tag("p", f"{self.width} × {self.height} points; shown without its metadata.", class_="review-note"),
        )


def read_image(name: str, data: bytes) -> ImageView:
    """ValueError when it is neither a plain PNG nor a plain JPEG."""
    return _png(name, data) if data.startswith(_PNG) else _jpeg(name, data)


def _png(name: str, data: bytes) -> ImageView:
    kept, position, size = [_PNG], len(_PNG), (0, 0)
    while position + 12 <= len(data):
        length = int.from_bytes(data[position : position + 4])
        end = position + 12 + length
        kind, body = data[position + 4 : position + 8], data[position + 8 : end - 4]
        if end > len(data) or zlib.crc32(kind + body) != int.from_bytes(data[end - 4 : end]):
            break
        if kind == b"IHDR":
            size = _sized(int.from_bytes(body[:4]), int.from_bytes(body[4:8]))
        if kind in _DRAWING:
            kept.append(data[position:end])
        position = end
        if kind == b"IEND" and size != (0, 0):
            return ImageView(name, "image/png", b"".join(kept), *size)
    raise ValueError("not a whole PNG picture")


def _jpeg(name: str, data: bytes) -> ImageView:
    if not data.startswith(b"\xff\xd8"):
        raise ValueError("not a JPEG picture")
    kept, position, size = [b"\xff\xd8"], 2, (0, 0)
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker, length = data[position + 1], int.from_bytes(data[position + 2 : position + 4])
        end = position + 2 + length
        if marker in (0xC0, 0xC1, 0xC2):
            size = _sized(
                int.from_bytes(data[position + 7 : position + 9]),
                int.from_bytes(data[position + 5 : position + 7]),
            )
        # Application segments and comments carry metadata; JFIF's own (E0) is needed by no decoder.
        if not 0xE0 <= marker <= 0xEF and marker != 0xFE:
            kept.append(data[position:end])
        if marker == 0xDA:
            finish = data.rfind(b"\xff\xd9")
            if size == (0, 0) or finish < end:
                break
            return ImageView(name, "image/jpeg", b"".join([*kept, data[end : finish + 2]]), *size)
        position = end
    raise ValueError("not a whole JPEG picture")


def _sized(width: int, height: int) -> tuple[int, int]:
    if not (0 < width <= _MAX_SIDE and 0 < height <= _MAX_SIDE and width * height <= _MAX_PIXELS):
        raise ValueError("a picture of impossible size")
    return width, height
