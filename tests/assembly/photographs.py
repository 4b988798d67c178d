"""Photographs as cameras make them, with all that these write into their files."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image

CAMERA, PLACE, COMMENT = "Quittenkamera 7731", "Quittenquellweg", b"Zwirnzelle war hier"
ORIENTATION, MODEL, DESCRIPTION, GPS = 0x0112, 0x0110, 0x010E, 0x8825


def photograph(width: int = 320, height: int = 200, *, kind: str = "JPEG", turned: int = 1) -> bytes:
    """Return a photograph with place, camera, description and comment; its left upper quarter is red."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    exif = Image.Exif()
    exif[ORIENTATION], exif[MODEL], exif[DESCRIPTION] = turned, CAMERA, PLACE
    exif.get_ifd(GPS).update({1: "N", 2: (49.0, 47.0, 31.0), 3: "E", 4: (9.0, 56.0, 12.0)})
    made = io.BytesIO()
    if kind == "JPEG":
        image.save(made, kind, exif=exif, comment=COMMENT, quality=95)
    else:
        image.save(made, kind, exif=exif)
    return made.getvalue()


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of a few bytes that says it has so many pixels, and unpacks to as many as fit in these bytes."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100_000)))
