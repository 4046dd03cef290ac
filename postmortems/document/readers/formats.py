"""Formats: what a file may be written in, how that is recognised, and what makes Markdown of it.

Adding a format is adding a row to `FORMATS`; the order matters, as the first that recognises a text has it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from postmortems import limits
from postmortems.document import comment_block, text_size
from postmortems.document.lint.warnings import Warned
from postmortems.document.parse_cache import Kept
from postmortems.document.readers import broken_marks, fenced, html, notebook, plain_text
from postmortems.document.readers.confluence import answer as confluence_answer
from postmortems.document.readers.confluence import forms as confluence
from postmortems.document.readers.confluence import storage as confluence_storage
from postmortems.document.readers.editors import logseq
from postmortems.document.readers.gdocs import document as gdocs
from postmortems.document.readers.notion import export as notion
from postmortems.document.readers.office import files as office
from postmortems.document.readers.office import packed_text
from postmortems.document.readers.records import tools
from postmortems.document.readers.records.record_format import RecordFormat
from postmortems.document.readers.wikis import org_text, textile_text
from postmortems.document.text import lines_of

MARKDOWN_ENDINGS = (".md", ".markdown", ".mdx", ".qmd", ".rmd", ".html.md.erb", ".md.erb")
PAGE_ENDINGS = (".html", ".htm", ".xhtml")
# What ends so is a report only where a format recognises it: folders hold settings and tables, too.
DATA_ENDINGS = (".json", ".ndjson", ".jsonl", ".xml", ".csv", ".atom", ".rss")


@dataclass(frozen=True, slots=True)
class Part:
    """One report of a file that holds several: what it is known by, its text, and its id in its source."""

    name: str
    text: str
    identity: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """What a file may be written in. `name` is what `--as` takes, `words` what people read.

    Files that end in `endings` are of this format; of those that end in `among` it is, if `is_it` recognises
    the text or `is_named` the name, and before any that has the ending for itself.
    """

    name: str
    words: str
    to_markdown: Callable[[str], str]
    endings: tuple[str, ...] = ()
    among: tuple[str, ...] = ()
    is_it: Callable[[str], bool] = lambda _text: False
    # Whether a file's name alone tells it, of those that end in `among`.
    is_named: Callable[[str], bool] = lambda _name: False
    # Raises `Invalid`, with the file's name and line, for more than a report holds: text, name.
    check: Callable[[str, str], None] = lambda _text, _name: None
    # Makes text of the bytes of a file that is none. Raises `Invalid`.
    decode: Callable[[bytes], str] | None = None
    # A picture in the bytes of such a file, or of one whose text has them, by the link that its Markdown has;
    # None where there is none.
    picture: Callable[[bytes, str], bytes | None] | None = None
    # What whoever imports a text of this format should know, such as changes that were not accepted yet.
    remarks: Callable[[str], tuple[Warned, ...]] = lambda _text: ()
    # The id that the report has in its source, such as `confluence:98310`; "" where it has none: name, text.
    identity: Callable[[str, str], str] = lambda _name, _text: ""
    # The reports of a file that may hold several, each to be read alone: name, text. Raises `Invalid`.
    split: Callable[[str, str], Iterator[Part]] | None = None
    # What each of them is, where that is another format: by the name that people may ask for.
    parts_are: str = ""


def _check_page(text: str, name: str) -> None:
    text_size.check_tags(text, name)


def _confluence_pages(_name: str, text: str) -> Iterator[Part]:
    return (Part(*part) for part in confluence.parts(text))


def _from_rst(text: str) -> str:
    # Not with the application: docutils takes memory that few processes ever need.
    from postmortems.document.readers import rst

    return rst.to_markdown(text)


def _check_rst(text: str, name: str) -> None:
    text_size.check(lines_of(text), name, further=text_size.PARAGRAPH)


def _check_plain(text: str, name: str) -> None:
    text_size.check(lines_of(text), name)


def _of_records(its: RecordFormat) -> Format:
    """What trackers and incident tools give: each record of a file is a report."""

    def split(_name: str, text: str) -> Iterator[Part]:
        return (Part(part.name, part.content, part.identity) for part in its.parts(text))

    return Format(its.name, its.words, its.to_markdown, among=DATA_ENDINGS, is_it=its.is_it, split=split)


TEXT_ENDINGS = (".txt", ".text")


def _check_tags(text: str, name: str) -> None:
    """Of a format that is a page of HTML or Markdown, only the former is counted here."""
    if html.begins_as_page(text):
        text_size.check_tags(text, name)


def _notion_parts(name: str, text: str) -> Iterator[Part]:
    return (Part(*part) for part in notion.parts(name, text))


def _packed(name: str, words: str, *endings: str) -> Format:
    """A format of word processors; what is in a file decides how it is read."""
    return Format(
        name,
        words,
        packed_text.to_markdown,
        endings,
        decode=packed_text.decoded,
        picture=office.picture,
        remarks=packed_text.remarks,
    )


MARKDOWN = Format("markdown", "Markdown", comment_block.without, MARKDOWN_ENDINGS)
FORMATS: tuple[Format, ...] = (
    Format(
        "notion",
        "page of Notion",
        notion.to_markdown,
        among=(*MARKDOWN_ENDINGS, *PAGE_ENDINGS, ".csv"),
        is_it=notion.is_it,
        is_named=notion.is_named,
        check=_check_tags,
        identity=notion.identity,
        split=_notion_parts,
    ),
    Format(
        "gdocs",
        "document of Google Docs",
        gdocs.to_markdown,
        among=(*MARKDOWN_ENDINGS, *PAGE_ENDINGS),
        is_it=gdocs.is_it,
        check=_check_tags,
        picture=gdocs.picture,
    ),
    # What is called Markdown and is something else.
    Format("logseq", "page of Logseq", logseq.to_markdown, among=MARKDOWN_ENDINGS, is_it=logseq.is_page),
    Format("fenced", "Markdown", fenced.to_markdown, among=MARKDOWN_ENDINGS, is_it=fenced.is_whole),
    Format(
        "spoilt", "Markdown", broken_marks.to_markdown, among=MARKDOWN_ENDINGS, is_it=broken_marks.is_spoilt
    ),
    Format(
        "page", "Markdown", html.to_markdown, among=MARKDOWN_ENDINGS, is_it=html.is_page, check=_check_page
    ),
    Format(
        "unmarked",
        "Markdown",
        plain_text.to_markdown,
        among=MARKDOWN_ENDINGS,
        is_it=plain_text.is_unmarked,
        check=_check_plain,
    ),
    Format(
        "confluence",
        "page of Confluence",
        confluence.to_markdown,
        among=(*PAGE_ENDINGS, ".json", ".xml", *TEXT_ENDINGS, *MARKDOWN_ENDINGS),
        is_it=confluence.is_confluence,
        check=_check_page,
        identity=confluence.identity,
    ),
    Format(
        "confluence-pages",
        "pages of Confluence",
        confluence.to_markdown,
        among=(".json",),
        is_it=confluence_answer.is_list,
        split=_confluence_pages,
        parts_are="confluence",
    ),
    Format(
        "confluence-body",
        "page of Confluence",
        confluence.to_markdown,
        among=(".xml",),
        is_it=confluence_storage.is_bare,
        check=_check_page,
    ),
    MARKDOWN,
    Format("rst", "reStructuredText", _from_rst, (".rst", ".rest"), check=_check_rst),
    Format("notebook", "notebook", notebook.to_markdown, (".ipynb",)),
    Format(
        "html",
        "web page",
        html.to_markdown,
        PAGE_ENDINGS,
        among=TEXT_ENDINGS,
        is_it=html.begins_as_page,
        check=_check_page,
    ),
    Format("text", "plain text", plain_text.to_markdown, TEXT_ENDINGS, check=_check_plain),
    Format("textile", "Textile", textile_text.to_markdown, (".textile",), check=_check_plain),
    Format("org", "Org", org_text.to_markdown, (".org",), check=_check_plain),
    _packed("docx", "Word", ".docx", ".docm", ".dotx"),
    _packed("odt", "OpenDocument", ".odt", ".ott"),
    *map(_of_records, tools.FORMATS.values()),
)
# What else a file of these endings is, no name asks for.
INNER = frozenset(("confluence-body", "confluence-pages", "fenced", "logseq", "spoilt", "page", "unmarked"))
NAMED = {each.name: each for each in FORMATS if each.name not in INNER}
# What the last files were: each is asked for it by whoever divides it, reads it and tells what was read.
_found: Kept[Format] = Kept(limits.MB, limits.MB // 4)
# The longest endings first: `.html.md.erb` is no `.erb`.
ENDINGS = tuple(
    sorted({ending for each in FORMATS for ending in each.endings}, key=lambda ending: (-len(ending), ending))
)


def ending_of(name: str) -> str:
    """The ending of a file's name that a format knows; "" for any other."""
    low = name.lower()
    return next((each for each in (*ENDINGS, *DATA_ENDINGS) if low.endswith(each)), "")


def format_of(name: str, text: str, asked: str = "") -> Format | None:
    """The format of a text: the one `asked` for by name, else by what it is and its file's ending.

    A file of unknown ending, or of none, is taken for Markdown; data that no format recognises is of none.
    """
    if asked:
        return NAMED[asked]
    its = _found.get((name, text)) or _found_anew(name, text)
    if its is not None:
        _found.put((name, text), its, len(text))
    return its


def _found_anew(name: str, text: str) -> Format | None:
    ending = ending_of(name) or MARKDOWN_ENDINGS[0]
    for each in FORMATS:
        if ending in each.endings or (ending in each.among and (each.is_named(name) or each.is_it(text))):
            return each
    return None


def by_ending(name: str) -> Format | None:
    """The format that a file's ending alone tells."""
    ending = ending_of(name)
    return next((each for each in FORMATS if ending in each.endings), None)


def by_content(data: bytes) -> str:
    """The name of the format that the bytes of a file tell whatever it is called; "" where they are text."""
    return office.kind(data)


def is_packed(name: str, as_format: str = "") -> bool:
    """Whether a file is no text, and has to be unpacked to be read."""
    its = NAMED[as_format] if as_format else by_ending(name)
    return its is not None and its.decode is not None
