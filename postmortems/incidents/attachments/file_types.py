"""What a file is, by its first bytes, and the name that it is kept under. Pure.

Four kinds of pictures are shown. Pictures that cannot be cleaned of where and by whom they were taken are
refused, and so is SVG: it is a document that may run scripts and load others, and what takes these out takes
the labels of diagrams with them. Everything else is a file to download.
"""

from __future__ import annotations

import re
import unicodedata

from postmortems.errors import Invalid

PNG, JPEG, GIF, WEBP = "image/png", "image/jpeg", "image/gif", "image/webp"
ENDINGS = {PNG: "png", JPEG: "jpg", GIF: "gif", WEBP: "webp"}
SHOWN = "PNG, JPEG, GIF and WebP are shown"
NO_SVG = (
    "is an SVG, which may hold scripts and load what lies elsewhere; export it as PNG, or attach it in a zip"
)
# ISO base media files of pictures name a brand in their first box (ISO/IEC 23008-12 §10, AVIF 1.1 §6).
BRANDS = {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"avif", b"avis"}
# How pictures begin that we do not take.
OTHERS = (
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
    (b"\xff\x0a", "JPEG XL"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"8BPS", "Photoshop"),
)
PICTURE_NAMES = frozenset(
    (
        *("png", "apng", "jpg", "jpeg", "jpe", "jfif", "gif", "webp", "svg", "svgz", "bmp", "tif", "tiff"),
        *("heic", "heif", "avif", "ico", "jxl", "jp2", "psd"),
    )
)
LOOKED_AT = 64 * 1024
# What may stand before the root of an XML document. Nothing is tried twice: the groups give nothing back.
SVG = re.compile(
    r"\s*+(?>(?><\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?>\[.*?\]\s*+)?>)\s*+)*+<(?>[\w.-]+:)?svg[\s>/]",
    re.DOTALL | re.IGNORECASE,
)
LONGEST_NAME, LONGEST_ENDING = 100, 10
# Letters that no system or header takes badly are kept; controls and marks that turn the direction are not.
NOT_IN_NAMES = re.compile(
    '[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff<>:"|?*\\\\/;%#]'
)


def picture_type(content: bytes) -> str:
    """The media type of a picture that is shown; "" for any other file."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if content.startswith(b"\xff\xd8\xff"):
        return JPEG
    if content.startswith((b"GIF87a", b"GIF89a")):
        return GIF
    return WEBP if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


def refuse(content: bytes, name: str) -> None:
    """Raise `Invalid` for what is not taken at all: nothing, and pictures of other kinds."""
    called = shortened(name) or "the file"
    if not content:
        raise Invalid(f"{called} is empty; choose a file with something in it", "/file")
    if picture_type(content):
        return
    if is_svg(content):
        raise Invalid(f"{called} {NO_SVG}", "/file")
    if other := _other_picture(content):
        raise Invalid(
            f"{called} is a {other} picture, which may say where it was taken; {SHOWN}: save it as one",
            "/file",
        )
    ending = name.rpartition(".")[2].lower() if "." in name else ""
    if ending in PICTURE_NAMES:
        raise Invalid(f"{called} is no picture, whatever its name says; {SHOWN}", "/file")


def is_svg(content: bytes) -> bool:
    """Whether it is an XML document whose root is `svg`, in any encoding that its first bytes tell."""
    head = content[:LOOKED_AT]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = head.decode("utf-16", "replace")
    elif head.startswith(b"<\0") or head.startswith(b"\0<"):
        text = head.decode("utf-16-le" if head[1:2] == b"\0" else "utf-16-be", "replace")
    else:
        text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    return SVG.match(text) is not None


def _other_picture(content: bytes) -> str:
    if content[4:8] == b"ftyp" and content[8:12] in BRANDS:
        return "HEIC or AVIF"
    return next((kind for begins, kind in OTHERS if content.startswith(begins)), "")


def shortened(name: str) -> str:
    """A name as it came, without folders and what cannot be shown; its ending is kept."""
    base = unicodedata.normalize("NFC", re.split(r"[/\\]", name)[-1])
    plain = " ".join(NOT_IN_NAMES.sub("", base).split()).strip(". ")
    if len(plain) <= LONGEST_NAME:
        return plain
    stem, dot, ending = plain.rpartition(".")
    if not dot or len(ending) > LONGEST_ENDING:
        return plain[:LONGEST_NAME].rstrip(". ")
    return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip('. ')}.{ending}"


def kept_name(name: str, media_type: str) -> str:
    """The name of a file; a picture's ends as its content says."""
    plain = shortened(name)
    if not media_type:
        return plain or "file"
    stem, dot, ending = plain.rpartition(".")
    kept = stem if dot and ending.lower() in PICTURE_NAMES else plain
    return f"{kept or 'picture'}.{ENDINGS[media_type]}"
