"""Pictures are written anew: what comes out is the picture and nothing else, or words that say why not."""

from __future__ import annotations

import io

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from postmortems.errors import Invalid
from postmortems.incidents.attachments import image_child
from postmortems.incidents.attachments.image_child import Refused
from postmortems.incidents.attachments.image_process import checked
from tests.incidents.attachments import samples

MOST = 1_000_000
FORMS = ["PNG", "JPEG", "WEBP"]


def cleaned(content: bytes, most: int = MOST) -> Image.Image:
    told, written = image_child.cleaned(content, most)
    image = samples.read(written)
    assert (told["width"], told["height"]) == image.size
    assert f"image/{str(image.format).lower()}" == told["type"]
    assert not any(secret in written for secret in samples.SECRETS)
    return image


@pytest.mark.parametrize("form", FORMS)
def test_place_camera_and_all_other_exif_are_gone(form: str) -> None:
    content = samples.picture(form, exif=samples.exif())
    assert samples.read(content).getexif().get_ifd(0x8825)[2] == samples.LATITUDE

    image = cleaned(content)

    assert dict(image.getexif()) == {}
    assert not {"exif", "xmp", "comment", "XML:com.adobe.xmp"} & image.info.keys()


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_that_was_taken_sideways_stands_upright(form: str) -> None:
    image = cleaned(samples.picture(form, exif=samples.exif(orientation=6))).convert("RGB")

    assert image.size == (20, 40)
    top, bottom = image.getpixel((10, 4)), image.getpixel((10, 36))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    assert top[0] > 200 > 60 > top[2]
    assert bottom[2] > 200 > 60 > bottom[0]


@pytest.mark.parametrize(
    "form, mode",
    [
        *[("PNG", mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "I;16")],
        *[("JPEG", mode) for mode in ("L", "RGB", "CMYK")],
        *[("GIF", mode) for mode in ("L", "P")],
        *[("WEBP", mode) for mode in ("RGB", "RGBA")],
    ],
)
def test_every_kind_of_colour_comes_through(form: str, mode: str) -> None:
    assert cleaned(samples.picture(form, mode=mode)).size == (40, 20)


def test_what_is_seen_through_stays_so() -> None:
    for form in ("PNG", "WEBP"):
        image = Image.new("RGBA", (4, 4), (255, 0, 0, 0))
        out = io.BytesIO()
        image.save(out, form, lossless=True)
        pixel = cleaned(out.getvalue()).convert("RGBA").getpixel((1, 1))
        assert isinstance(pixel, tuple)
        assert pixel[3] == 0


@pytest.mark.parametrize("form", FORMS)
def test_the_colour_profile_stays(form: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    assert cleaned(samples.picture(form, icc_profile=profile)).info["icc_profile"] == profile


def test_words_in_a_picture_that_are_not_seen_are_gone() -> None:
    told = PngImagePlugin.PngInfo()
    told.add_text("Comment", "qanarycomment")
    told.add_itxt("XML:com.adobe.xmp", "<x>qanaryplace</x>")
    for content in (
        samples.picture("PNG", pnginfo=told),
        samples.picture("JPEG", comment=b"qanarycomment"),
        samples.picture("GIF", comment=b"qanarycomment"),
        samples.picture("WEBP", xmp=b"<x>qanaryplace</x>"),
    ):
        assert any(secret in content for secret in samples.SECRETS)
        cleaned(content)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_what_stands_behind_a_picture_is_gone(form: str) -> None:
    """A file that is a picture and a page at once is a picture afterwards."""
    behind = b"<html><script>qanarycomment</script></html>PK\x03\x04"
    written = image_child.cleaned(samples.picture(form) + behind, MOST)[1]

    assert b"script" not in written
    assert b"PK\x03\x04" not in written


@pytest.mark.parametrize("form", ["PNG", "GIF", "WEBP"])
def test_a_moving_picture_moves_on_with_its_times(form: str) -> None:
    image = cleaned(samples.moving(form))
    times = []
    for number in range(getattr(image, "n_frames", 1)):
        image.seek(number)
        image.load()
        times.append(round(image.info["duration"], -1))

    assert times == [100, 100, 100]
    assert image.info["loop"] == 2


@pytest.mark.parametrize(
    "content, why",
    [
        (samples.large_header(10_000, 5_000), "has 10000 × 5000 pixels, and 1 million are the most"),
        (samples.picture("JPEG", size=(2000, 1000)), "has 2000 × 1000 pixels"),
        (samples.picture("GIF", size=(2000, 1000)), "has 2000 × 1000 pixels"),
        (samples.picture("WEBP", size=(2000, 1000)), "has 2000 × 1000 pixels"),
        (samples.picture("WEBP", size=(2000, 1000), lossless=True), "has 2000 × 1000 pixels"),
        (samples.picture("WEBP", size=(2000, 1000), exif=samples.exif()), "has 2000 × 1000 pixels"),
        (samples.moving("GIF", frames=40, size=(400, 200)), "too many pixels in all its frames"),
    ],
)
def test_too_many_pixels_are_refused_before_they_are_read(content: bytes, why: str) -> None:
    with pytest.raises(Refused, match=why):
        image_child.cleaned(content, MOST)


def test_too_many_frames_are_refused() -> None:
    with pytest.raises(Refused, match="moves through 501 frames, and 500 are the most"):
        image_child.cleaned(samples.moving("GIF", frames=501, size=(2, 2)), MOST)


def broken() -> list[tuple[str, bytes]]:
    whole = {form: samples.picture(form, size=(300, 200)) for form in ("PNG", "JPEG", "GIF", "WEBP")}
    cut = [(f"{form} cut", content[: len(content) // 2]) for form, content in whole.items()]
    heads = [(f"{form} head", content[:16]) for form, content in whole.items()]
    png = whole["PNG"]
    damaged = png[:-30] + bytes([png[-30] ^ 0xFF]) + png[-29:]
    return [*cut, *heads, ("damaged", damaged), ("no pixels", samples.large_header(10, 10))]


@pytest.mark.parametrize("content", [pytest.param(content, id=name) for name, content in broken()])
def test_a_broken_picture_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(Invalid, match="is broken or cut off, and cannot be shown; save it again"):
        checked(content, "graph.png", MOST)


def test_a_picture_is_checked_in_a_process_of_its_own() -> None:
    found = checked(samples.picture("JPEG"), "a/graph.png", MOST)

    assert (found.name, found.media_type, found.width, found.height) == ("graph.jpg", "image/jpeg", 40, 20)
    with pytest.raises(Invalid, match=r"graph\.png has 10000 × 5000 pixels"):
        checked(samples.large_header(10_000, 5_000), "graph.png", MOST)


def test_other_files_stay_as_they_are() -> None:
    found = checked(b"as it came\r\n\0", "notes.log", MOST)

    assert (found.name, found.content, found.media_type, found.width) == (
        "notes.log",
        b"as it came\r\n\0",
        "",
        None,
    )
