"""Photos hold nothing but what is to be seen, and nobody sees them before the people in them agreed."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from assembly.services.errors import RuleError, StorageError
from assembly.services.follow_up import evidence
from assembly.services.site_visits.pictures import (
    LONGEST_SIDE,
    LONGEST_SIDE_OF_SCAN,
    LONGEST_SIDE_OF_THUMBNAIL,
    photo_from,
)
from tests.assembly.engines import free_port
from tests.assembly.photographs import CAMERA, COMMENT, PLACE, bomb, photograph
from tests.assembly.scanner import EICAR
from tests.assembly.services.test_materials import PDF


def opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_place_camera_and_comments_are_gone(kind: str) -> None:
    taken = photograph(kind=kind)
    assert CAMERA.encode() in taken, "the photograph has what should be removed"
    assert opened(taken).getexif().get_ifd(0x8825)
    made = photo_from(taken, clamd=None)
    for content in (made.content, made.thumbnail):
        image = opened(content)
        assert image.format == "JPEG"
        assert dict(image.getexif()) == {}
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression"}
        for trace in (CAMERA.encode(), PLACE.encode(), COMMENT, b"Exif", b"GPS"):
            assert trace not in content


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_of_a_picture_as_evidence_place_and_camera_are_gone_and_a_scan_stays_legible(kind: str) -> None:
    made = evidence.looked_at(photograph(4961, 3508, kind=kind), clamd=None)  # A3 at 300 dots per inch
    image = opened(made.content)
    assert (made.suffix, image.format, image.width) == (".jpg", "JPEG", LONGEST_SIDE_OF_SCAN)
    assert dict(image.getexif()) == {}
    for trace in (CAMERA.encode(), PLACE.encode(), COMMENT, b"Exif", b"GPS"):
        assert trace not in made.content
    page = evidence.looked_at(photograph(3508, 2480, kind=kind, turned=6), clamd=None)
    assert opened(page.content).size == (2480, 3508)


def test_a_pdf_as_evidence_stays_as_it_is() -> None:
    made = evidence.looked_at(PDF, clamd=None)
    assert (made.content, made.suffix) == (PDF, ".pdf")


def test_it_stands_upright_and_is_made_small() -> None:
    made = photo_from(photograph(4000, 2000, turned=6), clamd=None)  # turned by a quarter to the right
    assert (made.width, made.height) == (LONGEST_SIDE // 2, LONGEST_SIDE)
    assert opened(made.content).size == (made.width, made.height)
    assert max(opened(made.thumbnail).size) == LONGEST_SIDE_OF_THUMBNAIL
    whole = opened(made.content)
    pixels = [whole.getpixel(at) for at in ((10, 10), (made.width - 10, 10))]
    assert pixels[0] == (255, 255, 255)
    assert isinstance(pixels[1], tuple)
    assert pixels[1][0] > 200
    assert pixels[1][1] < 60, "what was red at the left above is at the right above"
    assert photo_from(photograph(320, 200), clamd=None).width == 320, "a small one stays as it is"


def test_what_is_transparent_becomes_white() -> None:
    made = io.BytesIO()
    Image.new("RGBA", (100, 100), (255, 0, 0, 0)).save(made, "PNG")
    assert opened(photo_from(made.getvalue(), clamd=None).content).getpixel((50, 50)) == (255, 255, 255)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bomb(8_000, 8_000), "million pixels"),  # more than we take
        (bomb(12_000, 12_000), "million pixels"),  # the library warns
        (bomb(30_000, 30_000), "million pixels"),  # the library refuses
        (bomb(5_000, 5_000), "cannot be read"),  # cut off
        (photograph()[:2000], "cannot be read"),
        (b"\xff\xd8\xff\xe0 no picture", "cannot be read"),
        (b"\x89PNG\r\n\x1a\n no picture", "cannot be read"),
        (photograph(30, 300), "too small"),
        (PDF, "no photo"),
        (b"text", "no photo"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "kind are not taken"),
        (b"GIF89a" + bytes(100), "kind are not taken"),
        (b"", "empty"),
    ],
)
def test_bombs_and_what_is_no_photo_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(RuleError, match=message) as refused:
        photo_from(content, clamd=None)
    assert refused.value.field == "file"


def test_what_follows_a_picture_in_its_file_is_not_kept() -> None:
    assert EICAR not in photo_from(photograph() + EICAR, clamd=None).content


def test_clamd_looks_at_it(clamds: tuple[str, str]) -> None:
    assert photo_from(photograph(), clamd=clamds[0]).width == 320
    with pytest.raises(RuleError, match="found malware"):
        photo_from(EICAR, clamd=clamds[0])
    with pytest.raises(StorageError, match="could not be scanned"):
        photo_from(photograph(), clamd=f"127.0.0.1:{free_port()}")
