"""What a file is says its content; its name is made harmless and says nothing."""

from __future__ import annotations

import pytest

from postmortems.errors import Invalid
from postmortems.incidents.attachments import file_types
from tests.incidents.attachments import samples

XML = '<?xml version="1.0"?>\n<!-- drawn -->\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "x">\n'
REFUSED = [
    (b"", "graph.png", "is empty"),
    (b"", "log.txt", "is empty"),
    (samples.SVG, "chart.svg", "is an SVG"),
    (samples.SVG, "chart.png", "is an SVG"),
    (samples.SVG, "chart.txt", "is an SVG"),
    (b"\xef\xbb\xbf" + samples.SVG, "a", "is an SVG"),
    ((XML + samples.SVG.decode()).encode(), "a.xml", "is an SVG"),
    (samples.SVG.decode().encode("utf-16"), "a.xml", "is an SVG"),
    (samples.SVG.decode().encode("utf-16-le"), "a.xml", "is an SVG"),
    (b'<!DOCTYPE svg [<!ENTITY a "b">]><svg/>', "a.xml", "is an SVG"),
    (b"<s:SVG xmlns:s='http://www.w3.org/2000/svg'/>", "a.xml", "is an SVG"),
    (b"not a picture", "graph.png", "is no picture"),
    (b"not a picture", "GRAPH.JPEG", "is no picture"),
    (b"<html><body>hello</body></html>", "page.gif", "is no picture"),
    (b"%PDF-1.7", "scan.webp", "is no picture"),
    (b"words", "chart.svg", "is no picture"),
    (b"BM", "old.bmp", "is no picture"),
    (b"II*\0 and more", "scan.tif", "a TIFF picture"),
    (b"MM\0* and more", "scan.txt", "a TIFF picture"),
    (b"\0\0\0\x18ftypheic\0\0", "IMG_1.HEIC", "a HEIC or AVIF picture"),
    (b"\0\0\0\x18ftypavif\0\0", "x.avif", "a HEIC or AVIF picture"),
    (b"\xff\x0a\0\0", "x.jxl", "a JPEG XL picture"),
    (b"8BPS\0\1", "x.psd", "a Photoshop picture"),
]
TAKEN = [
    (b"%PDF-1.7 ...", "report.pdf"),
    (b"2018-01-25 14:30 it fell over", "server.log"),
    (b"a,b\n1,2\n", "numbers.csv"),
    (b'{"a": 1}', "facts.json"),
    (b"PK\x03\x04...", "all.zip"),
    (b"<html><svg></svg></html>", "page.html"),
    (b"words about <svg> pictures", "notes.txt"),
    (b"<!-- never closed" * 4000, "odd.xml"),
    (b"<!-- a -->" * 6000 + b"<p>", "odd.xml"),
    (b"\xff\xfe", "half"),
    (b"\0" * 20, "zeros.bin"),
]
NAMES = [
    ("graph.png", "", "graph.png"),
    ("../../etc/passwd", "", "passwd"),
    ("C:\\Users\\ada\\notes.txt", "", "notes.txt"),
    ("a/b/c.log", "", "c.log"),
    ("..", "", "file"),
    ("", "", "file"),
    (" . ", "", "file"),
    ("a\nb\0c.txt", "", "abc.txt"),
    ("gra\u202egnp.exe", "", "gragnp.exe"),
    ('say "hi" <now>?.txt', "", "say hi now.txt"),
    ("Größe 日本語.csv", "", "Größe 日本語.csv"),
    ("Gro\u0308ße.csv", "", "Größe.csv"),
    ("x" * 300 + ".log", "", "x" * 96 + ".log"),
    ("x" * 300, "", "x" * 100),
    ("x." + "y" * 300, "", "x." + "y" * 98),
    ("photo.png", "image/jpeg", "photo.jpg"),
    ("photo.JPG", "image/jpeg", "photo.jpg"),
    ("run.exe", "image/png", "run.exe.png"),
    ("version 1.2", "image/png", "version 1.2.png"),
    ("", "image/gif", "picture.gif"),
    (".png", "image/png", "png.png"),
]


@pytest.mark.parametrize("content, name, why", REFUSED)
def test_what_is_refused_is_told_why_and_what_to_do(content: bytes, name: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        file_types.refuse(content, name)

    assert why in refused.value.detail
    assert refused.value.problems[0].pointer == "/file"


@pytest.mark.parametrize("content, name", TAKEN)
def test_other_files_are_taken_and_are_no_pictures(content: bytes, name: str) -> None:
    file_types.refuse(content, name)

    assert file_types.picture_type(content) == ""


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "WEBP"])
def test_a_picture_is_known_by_its_first_bytes(form: str) -> None:
    content = samples.picture(form)
    file_types.refuse(content, "notes.txt")

    assert file_types.picture_type(content) == f"image/{form.lower()}"


@pytest.mark.parametrize("name, media_type, kept", NAMES)
def test_names_lead_nowhere_and_end_as_the_content_says(name: str, media_type: str, kept: str) -> None:
    assert file_types.kept_name(name, media_type) == kept
