"""Every size that guides and pages state is the one that is taken: they stand in `limits` alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from postmortems import limits
from postmortems.document.readers.office.package import LARGEST_PART
from postmortems.limits import in_mb

ROOT = Path(__file__).parents[1]
# Figures of measurements, which are none of what is taken.
MEASURED = {"faults.md", "gallery.md", "scaling.md", "speed.md"}
# What others ask of us, by guide.
OF_OTHERS = {("webhooks.md", "20 kB"), ("word.md", in_mb(LARGEST_PART))}
SIZE = re.compile(r"\b([0-9][0-9,.]*) ?(kB|KB|MB|GB|KiB|MiB|GiB)\b")
UNITS = {"kB": 1024, "MB": limits.MB}
GUIDES = sorted({ROOT / "README.md", *(ROOT / "docs").rglob("*.md")})
SENTENCES = {
    "author.md": [
        f"no larger than {in_mb(limits.REPORT)}. A report has at most {limits.BLOCKS:,} rows",
    ],
    "operator.md": [
        f"take {in_mb(limits.FILES)} a request, packed, and {in_mb(limits.STAGED)} or "
        f"{limits.REPORTS:,} files unpacked; any other request {in_mb(limits.BODY)}, "
        f"and headers {limits.HEAD // 1024} kB",
        f"{in_mb(limits.REPORT)} a file, {in_mb(limits.UNZIPPED)} in all, {limits.REPORTS:,} reports, "
        f"and never more than {limits.UNZIPPED_TIMES} times its packed size",
        f"bodies of more than {limits.LONG_BODY // 1024} kB too",
    ],
    "git.md": [
        f"{limits.REPOSITORY_FILES:,} files, {in_mb(limits.REPOSITORY)} packed and "
        f"{limits.REPORTS:,} reports",
    ],
}


def sizes() -> set[int]:
    return {value for name, value in vars(limits).items() if name.isupper() and isinstance(value, int)}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_guide_says_what_is_taken(name: str) -> None:
    told = " ".join((ROOT / "docs" / name).read_text().split())

    assert [sentence for sentence in SENTENCES[name] if sentence not in told] == []


@pytest.mark.parametrize("guide", GUIDES, ids=lambda guide: guide.name)
def test_a_size_in_a_guide_is_a_limit(guide: Path) -> None:
    if guide.name in MEASURED:
        return
    known = sizes()
    strange = [
        found[0]
        for found in SIZE.finditer(guide.read_text())
        if (guide.name, found[0]) not in OF_OTHERS
        and int(float(found[1].replace(",", "")) * UNITS.get(found[2], 0)) not in known
    ]

    assert strange == []


def test_no_page_states_a_size_of_its_own() -> None:
    stating = {
        f"{page.relative_to(ROOT)}: {found[0]}"
        for page in (ROOT / "templates").rglob("*.html")
        for found in SIZE.finditer(page.read_text())
    }

    assert stating == set()


def test_no_module_states_a_size_in_words() -> None:
    saying = {
        f"{module.relative_to(ROOT)}: {found[0]}"
        for module in (ROOT / "postmortems").rglob("*.py")
        if module.name != "limits.py"
        for line in module.read_text().splitlines()
        if not line.lstrip().startswith("#")
        for found in SIZE.finditer(line)
    }

    assert saying == set()


SIZES = [
    ("a request", in_mb(limits.BODY)),
    ("a request that brings files", in_mb(limits.FILES)),
    ("the line and headers of a request", f"{limits.HEAD // 1024} kB"),
    ("a message of an assistant", in_mb(limits.ASSISTANTS)),
    ("one report", in_mb(limits.REPORT)),
    ("a report with its pictures", in_mb(limits.PACKED)),
    ("rows, items and headings of one report", f"{limits.BLOCKS:,}"),
    ("reports of one import", f"{limits.REPORTS:,}"),
    ("rows of one page of the API", f"{limits.PAGE}"),
    ("drafts of one author", f"{limits.DRAFTS}"),
    (
        "messages that wait an hour for one webhook, before it is off",
        f"{limits.WEBHOOK_WAITING:,}",
    ),
    ("messages that wait an hour for one chat, before it is off", f"{limits.CHAT_WAITING:,}"),
    ("what a job sends with its ping", f"{limits.PING // 1024} kB"),
    ("until gunicorn has the head of a request", f"{limits.HEAD_WITHIN_S} s"),
    ("until gunicorn has the next part of a body", f"{limits.SILENT_S} s"),
    ("until all probes of a decision have answered", f"{limits.PROBES_WITHIN_S} s"),
    ("until a long text is read", f"{limits.TEXT_WITHIN_S} s"),
    ("until a text is shown as Markdown", f"{limits.SHOWN_WITHIN_S} s"),
    ("until a picture is written anew", f"{limits.PICTURE_WITHIN_S} s"),
    ("until a PDF is made", f"{limits.PDF_WITHIN_S} s"),
    ("until PostgreSQL has done a statement", f"{limits.STATEMENT_WITHIN_S} s"),
]


def test_the_tables_of_limits_are_those_that_are_kept() -> None:
    section = (ROOT / "docs" / "operator.md").read_text().split("## Limits\n")[1].split("\n## ")[0]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in section.splitlines()]
    rates = [row[:4] for row in rows if len(row) == 5 and row[0].startswith("`")]
    sizes = [row for row in rows if len(row) == 2 and row[0] not in {"What", "---"}]

    assert rates == [
        (f"`{rate.name}`", *(f"{most:,}" for most in (rate.of_token, rate.of_person, rate.of_address)))
        for rate in limits.RATES
    ]
    assert sizes == SIZES
