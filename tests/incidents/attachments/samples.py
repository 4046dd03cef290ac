"""Pictures and files for tests, made here."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

from PIL import Image

# Degrees, minutes and seconds of a place, and words that no picture needs.
LATITUDE = (52.0, 31.0, 12.25)
SECRETS = (b"qanaryplace", b"qanarycamera", b"qanarycomment")
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


def exif(orientation: int = 1) -> Image.Exif:
    """EXIF with a camera, a place and how the picture was held."""
    data = Image.Exif()
    data[0x0112], data[0x010F], data[0x010E] = orientation, "qanarycamera", "qanaryplace"
    data.get_ifd(0x8825).update({1: "N", 2: LATITUDE, 3: "E", 4: LATITUDE})
    return data


def picture(form: str = "PNG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **options: Any) -> bytes:
    """A picture whose left half is red and right half blue."""
    image = Image.new("RGB", size, (255, 0, 0))
    image.paste((0, 0, 255), (size[0] // 2, 0, *size))
    out = io.BytesIO()
    image.convert(mode).save(out, form, **options)
    return out.getvalue()


def moving(form: str, frames: int = 3, size: tuple[int, int] = (20, 10)) -> bytes:
    shades = [Image.new("RGB", size, (n * 80 % 256, n * 50 % 256, n % 256)) for n in range(frames)]
    out = io.BytesIO()
    shades[0].save(
        out, form, save_all=True, append_images=shades[1:], duration=[100 + n for n in range(frames)], loop=2
    )
    return out.getvalue()


def large_header(width: int, height: int) -> bytes:
    """A PNG of that size by its header, with next to nothing in it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def read(content: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(content))
    image.load()
    return image
