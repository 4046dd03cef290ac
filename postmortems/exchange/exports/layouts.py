"""Layouts of site generators and wikis: file names, front matter, and pages that are no Markdown.

A layout is an entry of `TABLE`, in words that can be checked against the generator's manual.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from postmortems.document import unwritten
from postmortems.document.markdown import parser
from postmortems.document.markdown.front_matter import scalar
from postmortems.document.model import Document
from postmortems.exchange.exports import confluence_page, gdocs_page, notion_page, site_dialects

DATED = 11
# What is attached lies here, below the folder of an export.
FOLDER = "attachments"
RUNS_LIQUID = "render_with_liquid"


# Of a document, and what gives a picture's bytes by its address, the bytes of a file.
Packed = Callable[[Document, Callable[[str], bytes | None]], bytes]


@dataclass(frozen=True, slots=True)
class Layout:
    """One site generator's layout. In names, `{day}` is the incident's date, `{rest}` its slug behind that.

    `files` is the folder of what is attached, `link` how the page's address leads there, where that is
    another way than from file to file. `keys` are added to the front matter, one `key: value` a line,
    `{title}` and so on filled in; `drafts` names the file of a draft where that is another, and `draft_keys`
    are a draft's own.
    """

    name: str
    path: str
    keys: str = ""
    drafts: str = ""
    draft_keys: str = ""
    has_heading: bool = False
    files: str = FOLDER
    link: str = ""
    # What the family would read otherwise than GitHub, written so that it shows the same.
    dialect: Callable[[str], str] = str
    # The whole file, where it is no Markdown.
    page: Callable[[Document], str] | None = None
    # Writes a file that is no text, and holds its pictures.
    file: Packed | None = None


def _word_file(document: Document, picture: Callable[[str], bytes | None]) -> bytes:
    # Not with the application: what writes Word takes memory that few processes ever need.
    from postmortems.exchange.exports.word import word_file

    return word_file.written(document, picture)


PLAIN = "plain"
TABLE = (
    Layout(PLAIN, "{slug}.md"),
    Layout("quarto", "{slug}.qmd", "categories: [{labels}]", draft_keys="draft: true"),
    Layout(
        "jekyll",
        "_posts/{day}-{rest}.md",
        "layout: post\ncategories: [postmortems]",
        drafts="_drafts/{rest}.md",
        # A post's address has its date, and no way from file to file.
        files="assets/postmortems",
        link="/assets/postmortems",
        dialect=site_dialects.for_jekyll,
    ),
    Layout(
        "hugo",
        "content/postmortems/{slug}.md",
        "slug: {slug}",
        draft_keys="draft: true",
        # A page is a folder of its own; what is static lies beside it.
        files="static/postmortems/files",
        link="../files",
        dialect=site_dialects.for_hugo,
    ),
    Layout(
        "mkdocs",
        "docs/postmortems/{slug}.md",
        draft_keys="draft: true",
        has_heading=True,
        files="docs/postmortems/attachments",
        link="attachments",
        dialect=site_dialects.for_mkdocs,
    ),
    Layout("confluence", "{slug}.xml", page=confluence_page.written),
    Layout("notion", "{slug}.md", page=notion_page.written),
    Layout("gdocs", "{slug}.html", page=gdocs_page.written),
    Layout("docx", "{slug}.docx", file=_word_file),
    # Sphinx takes a page's title from its first heading, and warns of pages that no list of contents names.
    Layout("sphinx", "{slug}.md", "orphan: true", has_heading=True, dialect=site_dialects.for_sphinx),
)
LAYOUTS = {layout.name: layout for layout in TABLE}


def path_for(layout: Layout, document: Document, slug: str, occurred_on: date) -> str:
    """The name of an incident's file, with folders."""
    day = (document.date or occurred_on).isoformat()
    pattern = layout.drafts if layout.drafts and _is_draft(document) else layout.path
    return pattern.format(slug=slug, day=day, rest=_behind_date(slug))


def written(layout: Layout, document: Document, slug: str) -> str:
    """The incident's file."""
    if layout.page:
        return layout.page(laid_out(layout, document, slug))
    front, body = _parts(parser.write(laid_out(layout, document, slug)))
    if layout.name == "jekyll" and site_dialects.LIQUID.search(body) and RUNS_LIQUID not in front:
        # Jekyll 4.0 and later.
        front = front.removesuffix("---\n") + f"{RUNS_LIQUID}: false\n---\n"
    return front + layout.dialect(body)


def _parts(text: str) -> tuple[str, str]:
    """Front matter with its closing line, and what follows."""
    behind, end = text.partition("\n---\n")[::2] if text.startswith("---\n") else ("", text)
    return (f"{behind}\n---\n", end) if behind else ("", text)


def laid_out(layout: Layout, document: Document, slug: str) -> Document:
    """The document with what the family wants; keys that it has already stay as they are."""
    labels = ", ".join(scalar(label, in_list=True) for label in (*document.services, *document.tags))
    wanted = "\n".join(filter(None, [layout.keys, layout.draft_keys if _is_draft(document) else ""]))
    lines = [line.format(slug=slug, labels=labels).partition(": ") for line in wanted.splitlines()]
    known = {key for key, _ in document.extra}
    added = tuple((key, value) for key, _, value in lines if key not in known and value != "[]")
    # The house layout is the document itself: read back, it is the same. Others are pages for readers.
    if layout.name != PLAIN and document.status == "published":
        document = unwritten.left_out(document)
    heading = document.heading or (document.title if layout.has_heading else "")
    return replace(document, extra=(*document.extra, *added), heading=heading)


def _is_draft(document: Document) -> bool:
    return document.status == "draft"


def _behind_date(slug: str) -> str:
    """`merge-to-prod` of `2018-01-25-merge-to-prod`."""
    try:
        date.fromisoformat(slug[: DATED - 1])
    except ValueError:
        return slug
    return slug[DATED:] or slug
