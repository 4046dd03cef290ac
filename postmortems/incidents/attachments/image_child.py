"""The child process that checks pictures and writes them anew; its parent is `image_process`.

What comes out is the picture alone: turned as its EXIF says, with its colour profile, and without EXIF,
place, comment, thumbnail, or whatever else stood in the file or behind it. The child may be killed
at any moment.
"""

from __future__ import annotations

import io
import json
import struct
import warnings
from typing import Any

from PIL import (
    GifImagePlugin,
    Image,
    ImageOps,
    ImageSequence,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from postmortems import child_processes, limits
from postmortems.incidents.attachments import file_types
from postmortems.incidents.attachments.file_types import GIF, JPEG, PNG, WEBP

# A picture of the most pixels that an operator may allow, in four bytes each, turned, and as it is written.
MEMORY = 2 * 1024 * 1024 * 1024
OPENS: dict[str, Any] = {
    PNG: PngImagePlugin.PngImageFile,
    # Not by way of Image.open, which makes something else of what has a second picture behind it.
    JPEG: JpegImagePlugin.JpegImageFile,
    GIF: GifImagePlugin.GifImageFile,
    WEBP: WebPImagePlugin.WebPImageFile,
}
LARGEST_PROFILE = 64 * 1024
QUALITY = 90


class Refused(Exception):
    """Why a picture is not taken, to stand behind its name."""


def cleaned(content: bytes, most_pixels: int) -> tuple[dict[str, Any], bytes]:
    """The picture's type, width and height, and its bytes. Raises `Refused`."""
    media_type = file_types.picture_type(content)
    if media_type == WEBP:
        # Its reader sets memory aside before anybody can ask how much.
        _refuse_large(_webp_size(content), most_pixels)
    # Asked for here, in words; what a frame says of itself later is caught by the reader.
    Image.MAX_IMAGE_PIXELS = None
    with OPENS[media_type](io.BytesIO(content)) as picture:
        _refuse_large(picture.size, most_pixels)
    Image.MAX_IMAGE_PIXELS = most_pixels
    with OPENS[media_type](io.BytesIO(content)) as picture:
        picture.verify()
    with OPENS[media_type](io.BytesIO(content)) as picture:
        frames = getattr(picture, "n_frames", 1)
        out = io.BytesIO()
        if frames > 1:
            _refuse_long(picture.size, frames, most_pixels)
            _write_moving(picture, media_type, content, out)
            width, height = picture.size
        else:
            width, height = _write_still(picture, media_type, content, out)
    return {"type": media_type, "width": width, "height": height}, out.getvalue()


def _refuse_large(size: tuple[int, int], most_pixels: int) -> None:
    width, height = size
    if width * height > most_pixels:
        raise Refused(
            f"has {width} × {height} pixels, and {most_pixels // 1_000_000} million are the most; "
            "make it smaller, or cut out what matters"
        )


def _refuse_long(size: tuple[int, int], frames: int, most_pixels: int) -> None:
    if frames > limits.FRAMES:
        raise Refused(f"moves through {frames} frames, and {limits.FRAMES} are the most; make it shorter")
    if size[0] * size[1] * frames > limits.FRAME_PIXELS_TIMES * most_pixels:
        raise Refused("has too many pixels in all its frames together; make it smaller or shorter")


def _webp_size(content: bytes) -> tuple[int, int]:
    """Width and height as the header has them (RFC 9649 §2.5 to §2.7)."""
    kind, at = content[12:16], content[20:30]
    if kind == b"VP8X":
        return 1 + int.from_bytes(at[4:7], "little"), 1 + int.from_bytes(at[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(at[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", at[6:10])
    return width & 0x3FFF, height & 0x3FFF


def _write_still(picture: Any, media_type: str, content: bytes, out: io.BytesIO) -> tuple[int, int]:
    picture.load()
    profile = picture.info.get("icc_profile") or b""
    turned = ImageOps.exif_transpose(picture)
    is_turned = turned.size != picture.size or picture.getexif().get(0x0112, 1) not in (0, 1)
    options: dict[str, Any] = {}
    if media_type == JPEG:
        is_kept = not is_turned and picture.mode in ("L", "RGB")
        options = {"quality": "keep" if is_kept else QUALITY, "comment": b""}
        turned = picture if is_kept else turned.convert("L" if turned.mode == "L" else "RGB")
        profile = profile if picture.mode != "CMYK" else b""
    elif media_type == WEBP:
        options = {"lossless": b"VP8L" in content, "quality": QUALITY}
    elif media_type == GIF:
        options = {"comment": b""}
    if profile and len(profile) <= LARGEST_PROFILE:
        options["icc_profile"] = profile
    turned.info = {name: value for name, value in turned.info.items() if name == "transparency"}
    turned.save(out, media_type.partition("/")[2].upper(), **options)
    return turned.size


def _write_moving(picture: Any, media_type: str, content: bytes, out: io.BytesIO) -> None:
    """Every frame with its time, and how often they are shown; each is read twice and held once."""
    durations = []
    for frame in ImageSequence.Iterator(picture):
        frame.load()
        durations.append(int(frame.info.get("duration", 0)))
    picture.seek(0)
    options: dict[str, Any] = {"save_all": True, "duration": durations, "comment": b""}
    if media_type == WEBP:
        options |= {"lossless": b"VP8L" in content, "quality": QUALITY}
    if "loop" in picture.info:
        options["loop"] = picture.info["loop"]
    for told in ("comment", "exif", "xmp", "XML:com.adobe.xmp", "icc_profile", "default_image"):
        picture.info.pop(told, None)
    picture.save(out, media_type.partition("/")[2].upper(), **options)


def answer(question: bytes) -> bytes:
    """`{"type", "width", "height"}` in a line and the bytes behind it, or `{"refused"}` alone."""
    most_pixels, _, content = question.partition(b"\n")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            told, written = cleaned(content, int(most_pixels))
    except Refused as refused:
        told, written = {"refused": str(refused)}, b""
    except MemoryError:
        told, written = {"refused": "takes more memory than a picture may; make it smaller"}, b""
    # What hostile bytes make a decoder raise has no end, and each of them says the same: it cannot be read.
    except Exception:
        told, written = {"refused": "is broken or cut off, and cannot be shown; save it again"}, b""
    return json.dumps(told).encode() + b"\n" + written


if __name__ == "__main__":
    child_processes.serve(answer, MEMORY)
