"""Pages of Confluence in each of its forms: what is read, what is no text, and what was cut off."""

from __future__ import annotations

import html as escapes
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document.markdown import parser
from postmortems.document.readers.confluence import forms
from postmortems.document.text import words
from postmortems.errors import Invalid
from tests.document.readers.confluence import cases
from tests.document.readers.confluence.cases import Case

CASES = cases.all_cases()
LABEL = re.compile(r"\[([^\[\]]*)\]\([^()]*\)")


def body_words(markdown: str) -> str:
    """Markdown without its marks."""
    return re.sub(r"(?<!\\)(?:\*|~~|`)|\\", "", LABEL.sub(r"\1", markdown))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_page_becomes_the_markdown_that_says_the_same(case: Case) -> None:
    assert forms.is_confluence(case.source)
    assert forms.to_markdown(case.source) == case.markdown


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_title_day_sections_entries_and_items_are_read(case: Case) -> None:
    assert tuple(cases.told(parser.parse(case.markdown))) == case.read


@pytest.mark.parametrize("case", [case for case in CASES if case.unseen], ids=lambda case: case.name)
def test_no_word_enters_that_is_no_part_of_the_text(case: Case) -> None:
    assert not set(case.unseen) & set(re.findall(r"[\w-]+", case.markdown))


def exported(body: str, *, name: str = "Ops : Hub down", crumb: str = "Ops") -> str:
    return (
        f'<html><head><title>{name}</title></head><body><div id="page"><ol id="breadcrumbs"><li>'
        f'<a href="index.html">{crumb}</a></li></ol><h1 id="title-heading"><span id="title-text">'
        f' {name} </span></h1><div id="content">'
        f'<div id="main-content" class="wiki-content group">{body}</div></div></div></body></html>'
    )


TITLES = [
    ("Ops : Hub down", "Ops", "Hub down"),
    ("Ops : Hub : down", "Ops", "Hub : down"),
    ("Ops : EMEA : Hub down", "Ops : EMEA", "Hub down"),
    (" Hub down", "", "Hub down"),
    ("Hub : down", "", "Hub : down"),
    ("Hub down", "Ops", "Hub down"),
    ("Ops &amp; more : Hub &lt;down&gt;", "Ops &amp; more", "Hub <down>"),
]


@pytest.mark.parametrize("said, crumb, title", TITLES)
def test_the_name_of_the_space_is_no_part_of_a_title(said: str, crumb: str, title: str) -> None:
    assert parser.parse(forms.to_markdown(exported("<p>x</p>", name=said, crumb=crumb))).title == title


TASKS = [
    ("{ada} Fix it {day}", "Fix it", "Ada", "2022-05-31"),
    ("Fix it {ada}", "Fix it", "Ada", ""),
    ("{ada} - Fix it", "Fix it", "Ada", ""),
    ("{day}: Fix it", "Fix it", "", "2022-05-31"),
    ("Fix it by {day}", "Fix it by 31 May 2022", "", "2022-05-31"),
    ("Ask {ada} to fix it", "Ask Ada to fix it", "Ada", ""),
    ("{ada} {ben} Fix it", "Ben Fix it", "Ada", ""),
    ("Fix it with {ada}", "Fix it with Ada", "Ada", ""),
    ("{ada}", "Ada", "Ada", ""),
    ("<strong>{ada}</strong> Fix <em>it</em> {day}", "Fix *it*", "Ada", "2022-05-31"),
    ("<p>{ada} Fix it</p><ul><li>a note</li></ul>", "Fix it\n\n- a note", "Ada", ""),
]
PEOPLE = {
    "ada": '<a class="confluence-userlink user-mention" href="/~ada">Ada</a>',
    "ben": '<a class="confluence-userlink user-mention" href="/~ben">Ben</a>',
    "day": '<time datetime="2022-05-31" class="date-past">31 May 2022</time>',
}


@pytest.mark.parametrize("body, text, owner, due", TASKS)
def test_the_first_person_owns_a_task_and_its_first_day_is_when_it_is_due(
    body: str, text: str, owner: str, due: str
) -> None:
    task = f'<ul class="inline-task-list"><li data-inline-task-id="1">{body.format(**PEOPLE)}</li></ul>'

    items = parser.parse(forms.to_markdown(exported(f"<h2>Action items</h2>{task}"))).items

    assert [(item.text, item.owner, str(item.due or ""), item.status) for item in items] == [
        (text, owner, due, "open")
    ]


EMOTICONS = [
    ('<ac:emoticon ac:name="tick" />', "✅"),
    ('<ac:emoticon ac:name="blue-star" ac:emoji-id="1f468-200d-1f4bb" />', "👨‍💻"),
    ('<ac:emoticon ac:name="blue-star" ac:emoji-fallback="🗓" ac:emoji-shortname=":x:" />', "🗓"),
    (
        '<ac:emoticon ac:name="cross" ac:emoji-fallback=":cross_mark:" ac:emoji-id="atlassian-cross_mark" />',
        "❌",
    ),
    ('<ac:emoticon ac:name="blue-star" ac:emoji-shortname=":ours:" ac:emoji-id="not-an-id" />', ""),
    ('<ac:emoticon ac:name="blue-star" ac:emoji-shortname=":ours:" ac:emoji-id="d800" />', ""),
]


@pytest.mark.parametrize("emoticon, shown", EMOTICONS)
def test_an_emoticon_in_a_heading_is_the_character_it_shows(emoticon: str, shown: str) -> None:
    written = forms.to_markdown(f"<h2>{emoticon} Timeline</h2>")

    assert written == f"## {shown} Timeline\n".replace("  ", " ")


DATES = [
    ('<time datetime="2022-05-04" />', "2022-05-04"),
    ('<time datetime="2022-05-04">4 May 2022</time>', "4 May 2022"),
    ('<time datetime="2022-05-04">05/04/2022</time>', "2022-05-04"),
    ('<time datetime="2022-05-04">quatro de maio</time>', "2022-05-04"),
    ('<time datetime="2022-02-30">soon</time>', "soon"),
    ("<time>soon</time>", "soon"),
]


@pytest.mark.parametrize("node, shown", DATES)
def test_a_date_is_the_words_for_it_where_they_can_mean_no_other_day(node: str, shown: str) -> None:
    assert forms.to_markdown(f"<p><ac:placeholder/>On {node}</p>") == f"On {shown}\n"


def test_a_panel_that_frames_a_part_of_the_report_is_no_quotation() -> None:
    task = '<ul class="inline-task-list"><li data-inline-task-id="1">Fix it</li></ul>'
    panel = (
        f'<div class="confluence-information-macro confluence-information-macro-note"><div>{task}</div></div>'
    )

    read = parser.parse(forms.to_markdown(exported(f"<h2>Action items</h2>{panel}")))

    assert [item.text for item in read.items] == ["Fix it"]


def api(body: dict[str, object]) -> str:
    return json.dumps({"id": "1", "title": "T", "body": body})


CUT_OFF = [
    (exported("<p>some words</p>").split("</p>")[0], "1: the page ends amid its body"),
    ("<p>a</p>\n<ac:task-list><ac:task>", "2: <ac:task-list> never ends"),
    ("<p>a</p>\n<ac:plain-text-body><![CDATA[some", "2: CDATA that never ends"),
    ("<p>a</p>\n\n<ac:structured-mac", "3: a tag that never ends"),
    ('{"title": "T", "body": {"storage": {\n"value": "<p>wor', "2: this is no JSON"),
    (api({"storage": {"value": "<ac:task-list>"}}), "1: <ac:task-list> never ends"),
    (api({"storage": {}}), "the page has no body"),
    (api({"_expandable": {"storage": ""}}), "the page has no body"),
    (api({"atlas_doc_format": {"value": "{"}}), "is no JSON"),
    (api({"atlas_doc_format": {"value": "[]"}}), "is no document"),
    ('{"body": {"storage": {"value": "x"}}}', "no page of Confluence"),
    ('{"title": "T", "body": "storage"}', "no page of Confluence"),
    ("{" * 5_000, "1: "),
    ("Some words", "no page of Confluence"),
]


@pytest.mark.parametrize("text, said", CUT_OFF)
def test_what_is_cut_off_or_is_no_page_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(Invalid, match=re.escape(said)):
        forms.to_markdown(text)


NOT_CONFLUENCE = [
    "# A report\n\n<b>x</b>",
    '{"title": "x", "items": []}',
    "<html><h1>x</h1></html>",
    "",
    "{}",
]


@pytest.mark.parametrize("text", NOT_CONFLUENCE)
def test_what_comes_from_elsewhere_is_not_taken_for_a_page(text: str) -> None:
    assert not forms.is_confluence(text)


SAID = ("one", "two", "14:30", "&lt;three&gt;", "* four", "1. five", "|six|", "&nbsp;", "seven&amp;")
OPENED = """
<p> </p> <b> </b> <em> </em> <ul> <li> </ul> </li> <h1> </h1> <h3> </h3> <table> <tr>
<td rowspan="3" colspan="2"> <th> </td> </th> </tr> </table> <pre> </pre> <br/> <span style="color:red">
</span> <div class="panel"> <div class="expand-container"> <div class="expand-content"> </div>
<div class="columnLayout"> <hr/>
<div class="confluence-information-macro confluence-information-macro-tip"> <li data-inline-task-id="7">
<li data-inline-task-id="8" class="checked"> <ul class="inline-task-list"> <a class="user-mention"> </a>
<time datetime="2022-05-31"> </time> <span class="status-macro"> <a href="attachments/1/2.log"> <u> </u>
"""
PIECES = st.sampled_from([*SAID, *re.findall(r"<[^<>]*>", OPENED)]).map(lambda piece: f"{piece} ")


@given(st.lists(PIECES, max_size=40).map("".join))
def test_no_word_of_a_body_is_lost_whatever_it_is_built_of(body: str) -> None:
    shown = escapes.unescape(re.sub(r"<[^<>]*>", " ", body))

    read = forms.to_markdown(exported(body))

    # A day in words may become the day in numbers.
    assert not set(words(shown)) - set(words(escapes.unescape(body_words(read))))


STORED = """
<p> </p> <ac:structured-macro ac:name="info"> <ac:structured-macro ac:name="somebodys">
</ac:structured-macro> <ac:rich-text-body> </ac:rich-text-body> <ac:layout> <ac:layout-cell>
</ac:layout-cell> </ac:layout> <ac:task-list> <ac:task> <ac:task-body> </ac:task-body> </ac:task>
</ac:task-list> <ac:adf-content> </ac:adf-content> <ul> <li> </li> </ul> <ac:inline-comment-marker>
</ac:inline-comment-marker> <table> <tr> <td> </td> </tr> </table> <h2> </h2>
<ac:emoticon ac:name="tick"/> <time datetime="2022-05-31"/> <ri:user ri:username="ada"/> <ac:somebodys>
</ac:somebodys>
"""
STORED_PIECES = st.sampled_from([*SAID, *re.findall(r"<[^<>]*>", STORED)]).map(lambda piece: f"{piece} ")


@given(st.lists(STORED_PIECES, max_size=40).map("".join))
def test_storage_format_keeps_each_word_or_is_refused(body: str) -> None:
    shown = escapes.unescape(re.sub(r"<[^<>]*>", " ", body))
    try:
        read = forms.to_markdown(f"<p/>{body}")
    except Invalid:
        return

    assert not set(words(shown)) - set(words(escapes.unescape(body_words(read))))


def test_what_is_nested_deeper_than_any_page_is_read_all_the_same() -> None:
    deep = forms.to_markdown("<ac:layout>" * 3_000 + "<p>deep words</p>" + "</ac:layout>" * 3_000)

    assert deep == "deep words\n"
