"""Links to attachments: found where a link stands, known by what they lead to, and moved without a trace."""

from __future__ import annotations

import pytest

from postmortems.incidents.attachments import links

ID = "q8pZ3rJt0n5yUe2bKfLw1A"
OURS = f"/attachments/{ID}"
KEYS = [
    (f"{OURS}/graph.png", OURS),
    (OURS, OURS),
    (f"{OURS}/a%20b.png?x", OURS),
    (f"{OURS}B/graph.png", ""),
    ("img/a.png", "img/a.png"),
    ("./img//a.png", "img/a.png"),
    ("img/a%20b.png", "img/a b.png"),
    ("img/a.png?raw=true#x", "img/a.png"),
    ("../img/a.png", "../img/a.png"),
    ("a/../../x.png", "../x.png"),
    ("https://example.org/a.png", ""),
    ("data:image/png;base64,AAAA", ""),
    ("mailto:ada@example.org", ""),
    ("//example.org/a.png", ""),
    ("/etc/passwd", ""),
    ("#timeline", ""),
    ("", ""),
    ("x" * 600, ""),
    ("img\\a.png", ""),
    ("a%00.png", ""),
]
MOVED = [
    ("![a](img/a.png)", "![a](files/1.png)"),
    ("![a](./img/a.png)", "![a](files/1.png)"),
    ("![a]( <img/a.png> )", "![a]( files/1.png )"),
    ('![a](img/a.png "A title")', '![a](files/1.png "A title")'),
    ("[log](img/a.png), [b](img/b.png)", "[log](files/1.png), [b](img/b.png)"),
    ("![a][1]\n\n[1]: img/a.png", "![a][1]\n\n[1]: files/1.png"),
    ('<img src="img/a.png" alt="a">', '<img src="files/1.png" alt="a">'),
    ("the file img/a.png", "the file img/a.png"),
    ("`img/a.png`", "`img/a.png`"),
    ("![a](https://example.org/img/a.png)", "![a](https://example.org/img/a.png)"),
    (f"![a]({OURS}/graph.png)", "![a](files/2.png)"),
    (f"see {OURS}", f"see {OURS}"),
]


@pytest.mark.parametrize("target, key", KEYS)
def test_an_address_is_known_by_what_it_leads_to(target: str, key: str) -> None:
    assert links.key(target) == key


@pytest.mark.parametrize("text, moved", MOVED)
def test_only_the_address_of_a_link_is_moved(text: str, moved: str) -> None:
    assert links.moved(text, {"img/a.png": "files/1.png", OURS: "files/2.png"}) == moved


def test_ids_are_found_where_a_link_stands() -> None:
    other = "A" * 22
    text = f"![a]({OURS}/a.png) and <{links.PATH}{other}>, not x{links.PATH}{'B' * 22} nor {links.PATH}short"

    assert links.ids(text) == {ID, other}


@pytest.mark.parametrize(
    "name", ["graph.png", "a (1).png", "a]b*c_`d.png", "Größe.png", "x & y.png", "<b>.png", "a\\b.png"]
)
def test_the_markdown_of_any_name_leads_to_its_file(name: str) -> None:
    text = links.markdown(ID, name, is_picture=True)

    assert links.ids(text) == {ID}
    assert [links.key(target) for target in links.targets(text)] == [OURS]
