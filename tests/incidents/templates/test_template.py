"""Templates as Markdown: what is read, what is refused, prompts, and which fits best."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postmortems.document.model import Document, Prose, Section
from postmortems.errors import Invalid
from postmortems.incidents.templates import prompts, queries, template

HEAD = "---\nname: Ours\n---\n\n"
SECTION = "## Impact\n\n<!-- prompt: Who noticed? -->\n"


def test_every_starter_is_a_template_that_asks_something_under_each_heading() -> None:
    starters = queries.starters()

    assert len(starters) == 7
    assert [one.name for one in starters.values() for each in one.sections if not each.prompt] == []
    assert [b for one in starters.values() for each in one.sections for b in each.section.blocks] == []
    assert len({one.name for one in starters.values()}) == 7


def test_a_prompt_may_have_several_lines_and_leaves_the_text_around_it() -> None:
    read = template.read(f"{HEAD}## Impact\n\nBefore\n\n<!-- prompt: One\n  two. -->\n\n| a |\n| - |\n")

    (section,) = read.sections
    assert section.prompt == "One two."
    assert [block.text for block in section.section.blocks if isinstance(block, Prose)] == [
        "Before\n\n\n| a |\n| - |"
    ]


# What is no template, and what is said of it.
REFUSED: list[tuple[str, str]] = [
    ("", "begins with lines between --- and ---"),
    ("## Impact\n", "begins with lines between --- and ---"),
    ("---\nname: Ours\n\n## Impact\n", "begins with lines between --- and ---"),
    (HEAD, "has no section"),
    (f"{HEAD}Words only.\n", "has no section"),
    (f"{HEAD}Words.\n\n{SECTION}", "text before its first section"),
    (f"---\nabout: x\n---\n\n{SECTION}", "name is missing"),
    (f"---\nname: ' '\n---\n\n{SECTION}", "name is missing"),
    (f"---\nname: 7\n---\n\n{SECTION}", "name must be text"),
    (f"---\nname: {'x' * 101}\n---\n\n{SECTION}", "name is too long"),
    (f"---\nname: a\nabout: {'x' * 301}\n---\n\n{SECTION}", "about is too long"),
    (f"---\nname: a\nname: b\n---\n\n{SECTION}", "name comes twice"),
    (f"---\nname: [a\n---\n\n{SECTION}", "cannot be read as YAML"),
    (f"---\n- name\n---\n\n{SECTION}", "stand `name: …`"),
    (f"---\nname: a\nseverity: SEV1\n---\n\n{SECTION}", "no key 'severity'"),
    (f"---\nname: a\nseverities: SEV1\n---\n\n{SECTION}", "severities must be a list"),
    (f"---\nname: a\nseverities: [SEV9]\n---\n\n{SECTION}", "'SEV9' is no severity"),
    (f"---\nname: a\nservices: [1]\n---\n\n{SECTION}", "services must be a list"),
    (f"---\nname: a\norder: first\n---\n\n{SECTION}", "order must be a whole number"),
    (f"---\nname: a\norder: true\n---\n\n{SECTION}", "order must be a whole number"),
    (f"---\nname: a\norder: 1000\n---\n\n{SECTION}", "order must be a whole number"),
    (f"{HEAD}# A title\n\n{SECTION}", "the title is its author's"),
    (f"{HEAD}{SECTION}\n## *impact*\n", "two sections named impact"),
    (f"{HEAD}## Impact\n\n<!-- prompt: Who\n", "does not end"),
    (f"{HEAD}{SECTION}\0", "no text, such as NUL"),
    (f"{HEAD}{SECTION}{'x' * 50_001}", "longer than"),
    (HEAD + "".join(f"## S{n}\n\n" for n in range(51)), "more than 50 sections"),
]


@pytest.mark.parametrize("text, told", REFUSED, ids=[told + str(n) for n, (_, told) in enumerate(REFUSED)])
def test_what_is_no_template_is_refused_in_words(text: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        template.read(text)

    assert told in refused.value.detail
    assert {problem.pointer for problem in refused.value.problems} == {"/markdown"}


# A text, and what is left of it.
PROMPTED: list[tuple[str, str]] = [
    ("<!-- prompt: a -->", ""),
    ("<!--prompt:a-->\nword", "word"),
    ("  <!-- PROMPT: a\nb -->  \nword", "word"),
    ("word\n<!-- prompt: a --> tail", "word\n tail"),
    ("<!-- a note of the author's -->", "<!-- a note of the author's -->"),
    ("say <!-- prompt: a --> here", "say <!-- prompt: a --> here"),
    ("<!-- prompt: a", "<!-- prompt: a"),
    ("```\n<!-- prompt: a -->\n```", "```\n<!-- prompt: a -->\n```"),
    ("~~~~\n~~~\n<!-- prompt: a -->\n~~~~", "~~~~\n~~~\n<!-- prompt: a -->\n~~~~"),
    ("```\nx\n```\n<!-- prompt: a -->", "```\nx\n```"),
]


@pytest.mark.parametrize("text, left", PROMPTED)
def test_a_prompt_is_taken_out_of_a_text_and_nothing_else_is(text: str, left: str) -> None:
    assert prompts.split(text)[0] == left


@given(st.lists(st.sampled_from(["<!-- prompt: a", "-->", "```", "word", "<!-- b -->", ""]), max_size=12))
def test_taking_prompts_out_twice_takes_no_more(lines: list[str]) -> None:
    once = prompts.split("\n".join(lines))[0]

    assert prompts.split(once) == (once, ())


def test_a_section_that_held_prompts_alone_stays_without_text() -> None:
    asked = Document("T", sections=(Section("Impact", (Prose("<!-- prompt: Who? -->"),)),))

    assert prompts.without(asked).sections == (Section("Impact", ()),)


def made(name: str, severities: str = "", services: str = "", order: int = 100) -> template.Template:
    front = f"name: {name}\nseverities: [{severities}]\nservices: [{services}]\norder: {order}"
    return template.read(f"---\n{front}\n---\n\n{SECTION}")


@pytest.mark.parametrize(
    "severity, services, expected",
    [
        (None, None, ["all", "bad", "hub", "hub bad", "prod", "late"]),
        ("SEV1", [], ["bad", "all", "late"]),
        ("SEV1", ["hub"], ["hub bad", "hub", "bad", "all", "late"]),
        ("SEV2", ["hub/prod"], ["hub", "prod", "all", "late"]),
        ("", ["hubble"], ["all", "late"]),
        ("SEV4", None, ["all", "hub", "prod", "late"]),
    ],
)
def test_the_one_that_says_most_of_the_report_goes_first(
    severity: str | None, services: list[str] | None, expected: list[str]
) -> None:
    known = [
        made("late", order=200),
        made("all"),
        made("bad", "SEV1"),
        made("hub", services="hub"),
        made("hub bad", "SEV1", "hub"),
        made("prod", services="hub/prod"),
    ]

    found = template.best_first(known, severity, services)

    assert [one.name for one in found if template.fits(one, severity, services)] == expected
