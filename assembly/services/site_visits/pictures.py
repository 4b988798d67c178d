"""Photos made fit to be shown: known by their content, small, and without what the camera wrote into them."""

from __future__ import annotations

import dataclasses
import io

from PIL import Image, ImageOps

from assembly.services.errors import RuleError, marked
from assembly.services.materials.files import PICTURES, UploadedFile
from assembly.services.materials.publishing import looked_at

LONGEST_SIDE = 1600
"""Pixels of what is kept: sharp on a projector and on half a printed page."""
LONGEST_SIDE_OF_THUMBNAIL = 480
LONGEST_SIDE_OF_SCAN = 4000
"""Pixels of a scanned page: A4 at 300 dots per inch has 3,508."""
MOST_PIXELS = 50_000_000
"""Of what is uploaded: the largest phones take this; a file that unpacks to more is an attack on memory."""
SHORTEST_SIDE = 40
QUALITY, QUALITY_OF_SCAN = 82, 92
UNREADABLE = (OSError, ValueError, SyntaxError, IndexError, TypeError, EOFError)
"""What the library raises for files that are broken or cut off."""
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)


@dataclasses.dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """A photo that may be kept: JPEG, upright, with its thumbnail."""

    content: bytes
    thumbnail: bytes
    width: int
    height: int

    def __repr__(self) -> str:
        return f"Picture({self.width} × {self.height})"


def photo_from(content: bytes, *, clamd: str | None) -> Picture:
    """Return what is kept of an uploaded photo.

    It is drawn anew, so that nothing of the file is left but what is to be seen: no place, time or name of a camera.
    It takes as long as the scanner does, so it comes before anything is locked. Raises RuleError, StorageError.
    """
    file = looked_at(content, clamd=clamd)
    if file.suffix not in PICTURES:
        raise RuleError(marked("This is no photo. Give a picture in the format JPEG or PNG."), field="file")
    whole = _drawn_anew(file, LONGEST_SIDE)
    small = whole.copy()
    small.thumbnail((LONGEST_SIDE_OF_THUMBNAIL, LONGEST_SIDE_OF_THUMBNAIL))
    return Picture(_encoded(whole), _encoded(small), whole.width, whole.height)


def scan_from(file: UploadedFile) -> UploadedFile:
    """Return a picture drawn anew, as photos are, but so large that a scanned page can be read. Raises RuleError."""
    return UploadedFile(_encoded(_drawn_anew(file, LONGEST_SIDE_OF_SCAN), QUALITY_OF_SCAN), ".jpg")


def _drawn_anew(file: UploadedFile, longest_side: int) -> Image.Image:
    """Return what is to be seen, upright, with sides of so many pixels at most."""
    try:
        with Image.open(io.BytesIO(file.content), formats=("JPEG", "PNG")) as image:
            _check_size(image)
            image.draft("RGB", (longest_side, longest_side))  # a large JPEG is unpacked in a smaller size at once
            whole = _on_white(ImageOps.exif_transpose(image))
    except BOMBS:
        raise _too_large() from None
    except UNREADABLE:
        raise RuleError(
            marked("The picture cannot be read. Save it anew as JPEG and try again."), field="file"
        ) from None
    whole.thumbnail((longest_side, longest_side))
    return whole


def _check_size(image: Image.Image) -> None:
    """Look at the size that the file says it has, before anything is unpacked."""
    if image.width * image.height > MOST_PIXELS:
        raise _too_large()
    if min(image.size) < SHORTEST_SIDE:
        raise RuleError(
            marked("The picture is too small: each side needs at least %(pixels)s pixels."),
            field="file",
            pixels=SHORTEST_SIDE,
        )


def _too_large() -> RuleError:
    return RuleError(
        marked("The picture has more than %(millions)s million pixels. Make it smaller."),
        field="file",
        millions=MOST_PIXELS // 1_000_000,
    )


def _on_white(image: Image.Image) -> Image.Image:
    """Return only the pixels, on a new sheet: what the file holds beside them is left behind."""
    sheet = Image.new("RGB", image.size, "white")
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        sheet.paste(layer, mask=layer.getchannel("A"))
    else:
        sheet.paste(image.convert("RGB"))
    return sheet


def _encoded(image: Image.Image, quality: int = QUALITY) -> bytes:
    made = io.BytesIO()
    image.save(made, "JPEG", quality=quality, optimize=True)
    return made.getvalue()
