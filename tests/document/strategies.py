"""Documents and texts for the laws: what people write, and what breaks readers."""

from __future__ import annotations

from datetime import date

from hypothesis import strategies as st

from postmortems.document import model
from postmortems.document.model import Category, Document, Entry, Item, Prose, Section

# Lines as found in real reports, and the ones that look like something else.
LINES = (
    "The hub is down for lab users.",
    "We looked at `kubectl get pod` and saw <nothing> for $10k.",
    "~280 users are affected, ca. 30 of them twice",
    "14:30 the chart is upgraded",
    "- 14:35 staging is well",
    "- **18:53** `@sam` first report",
    "  - 2018-01-25 15:30: production is upgraded with it",
    "15:35 – the plan is pushed",
    "1:03",
    "2018-01-25",
    "| Time | Event |",
    "|:-----|-------|",
    "| 2018-01-25 15:36 | the certificate expires |",
    "| 16:02 \\| x | first alert |",
    "# A heading of the first level",
    "## Timeline",
    "## Action items",
    "## 23:27 ##",
    "## May 12",
    "### 14:30",
    "### 2018-01-25 14:30 - The chart is upgraded",
    "### ~15:30-15:45",
    "### {{ 16:10 }}",
    "### Process",
    "### Over spring break {.entry}",
    "## What next {.action-items}",
    "#### Details",
    "##",
    "#channel is told, #2127 is opened",
    "---",
    "===",
    "***",
    "+++",
    "title: not front matter",
    "```",
    "```bash",
    "~~~",
    "    indented code 12:00",
    "\tbehind a tab",
    "> quoted",
    "> # quoted heading",
    "1. first thing",
    "1. [x] ticked",
    "2) second thing",
    "- [ ] open",
    "- [x] done",
    "- []  nearly a box",
    "☒ boxed",
    "* starred ✅",
    "+ plus",
    "  - nested thing",
    "   - Owner: @sam",
    "   - Owner: TBD",
    "   - Status: done",
    "- Kind: detection",
    "- Id: AI-7",
    "**Process**",
    "**Process:**",
    "- **Process**",
    "- **Impact**: mail was late",
    "**Summary**",
    "**Action items:**",
    "| Action item | Owner | Status |",
    "|---|---|---|",
    "| Ask first | Ana | Done |",
    "#### 1) Do this",
    "None.",
    "For example:",
    "<!-- a comment -->",
    "<!--",
    "-->",
    "<!-- prose -->",
    "<!-- /prose -->",
    "<!-- verbatim -->",
    "<!-- /verbatim -->",
    "<details>",
    "</details>",
    "<script>",
    "<pre>",
    "[issue-163]: https://example.org/163",
    "[^1]: a footnote",
    "![](../image.png)",
    "All times in PST (UTC-7)",
    "trailing blanks  ",
    "“quoted” – naïve ☕ 漢字",
    "\u2028line separator\u0085next\x0bvertical",
    "\u00a0hard space",
    "",
    "",
    "",
    " ",
)  # fmt: skip

lines = st.one_of(st.sampled_from(LINES), st.text(max_size=12))
texts = st.lists(lines, max_size=14).map("\n".join)
front_matters = st.sampled_from(
    (
        "",
        "",
        "---\ntitle: A title\ndate: 2018-01-25\n---\n",
        '---\ntitle: "Quoted: with colon" # noted\nauthor: Sam\nresources:\n- src: "*.png"\n  x: y\n---\n',
        "---\ntitle: unquoted: with colon\ntags: [a, b]\nservices:\n- data8/prod\n---\n",
        "---\nstatus: resolved\ndate: 25 January 2018\ntags: []\n---\n",
        "---\nthis is a rule\n---\n",
        "---\n---\n",
        '+++\ntitle = "Toml"\ndate = 2018-01-25\n[extra]\nteam = "hub"\n+++\n',
    )
)
documents_as_text = st.tuples(front_matters, texts).map("".join)

words = st.one_of(
    st.sampled_from(("", "sam", "Hub: down", "a - b", "#1", "x #", "1600 users")), st.text(max_size=10)
)
stamps = st.sampled_from(
    (
        "14:30",
        "2018-01-25 14:30",
        "~15:30 - 15:45",
        "Over spring break",
        "",
        "2018-01-25",
        "--:--",
        "7:01am PST",
    )
)
choices = {
    name: st.sampled_from(("", *getattr(model, name)))
    for name in dir(model)
    if name.isupper() and name != "Block"
}
dates = st.one_of(st.none(), st.dates(date(1990, 1, 1), date(2100, 1, 1)))

items = st.builds(
    Item,
    text=texts,
    id=st.sampled_from(("", "AI-1", "AI-23")),
    kind=choices["ITEM_KINDS"],
    owner=words,
    team=words,
    due=dates,
    priority=choices["PRIORITIES"],
    status=choices["ITEM_STATUSES"],
    reason=words,
    done_when=words,
    guardability=choices["GUARDABILITIES"],
    outcome=words,
    evidence=words,
    tickets=st.lists(words, max_size=2).map(tuple),
    guards=st.lists(
        st.sampled_from(("lab-hours", "staging-online (soft, enforced)")), max_size=2, unique=True
    ).map(tuple),
)
entries = st.builds(
    Entry, written=st.one_of(stamps, words), text=texts, title=words, kind=choices["ENTRY_KINDS"]
)
blocks = st.one_of(st.builds(Prose, texts), entries, st.builds(Category, words), items)
headings = st.one_of(
    st.sampled_from(("Summary", "Timeline", "Action items", "Lessons", "What next", "Conclusion #", "")),
    words,
)
sections = st.builds(Section, headings, st.lists(blocks, max_size=4).map(tuple))
slugs = st.sampled_from(("", "2018-01-25-accidental-merge-to-prod", "42"))
documents = st.builds(
    Document,
    title=words,
    date=dates,
    timezone=words,
    severity=choices["SEVERITIES"],
    status=choices["DOCUMENT_STATUSES"],
    recurrence_of=slugs,
    services=st.lists(words, max_size=2).map(tuple),
    tags=st.lists(words, max_size=2).map(tuple),
    extra=st.sampled_from(
        ((), (("author", "Sam"), ("", "# a comment"), ("resources", "\n- src: x\n  y: 1")))
    ),
    heading=words,
    sections=st.lists(sections, max_size=4).map(tuple),
)

# What is well-formed, told apart from the parser: text that neither begins nor ends something outside
# itself, names on one line, entries in timelines, items in action items, no two pieces of prose next to
# each other, and no headings in a lead: without any section they would be sections.
SAFE = (
    "The hub is down for `lab` users.",
    "Two lines,\nthe second with ~280 users at 12:30.",
    "```bash\n### 12:00\n---\n## Timeline\n```",
    "~~~\n```\n~~~",
    "> # quoted\n> 10:00",
    "| Name | Reason |\n| ---- | ------ |\n| prod | 10:00 |",
    "<!-- a comment\n\n## with a heading\n-->",
    "<details>\n<summary>more</summary>\n\ntext\n\n</details>",
    "* starred\n  * nested\n\n  with a paragraph",
    "#### Deeper\n\ntext",
    "    indented code",
    "![](x.png)  \n[link][1]",
    "[1]: https://example.org",
    "***",
    "“quoted” – naïve ☕ 漢字 $TOKEN$",
    "#channel, #2127",
)
safe_texts = st.lists(st.sampled_from(SAFE), max_size=3).map("\n\n".join)
some_text = safe_texts.filter(bool)
names = st.sampled_from(("sam", "@ada (on call)", "Hub: down", "naïve – 漢字", "a - b"))
maybe = st.one_of(st.just(""), names)
paragraph_texts = st.sampled_from(("One sentence.", "Two lines,\nof text.", "See [it][1]: `x`."))
plain_times = st.sampled_from(
    (
        "14:30",
        "2018-01-25 14:30",
        "~15:30 - 15:45",
        "May 1 2019, 3:18 PM",
        "16:22 PST",
        "{{ 06:10 }}",
        "--:--",
    )
)
safe_entries = st.one_of(
    st.builds(Entry, plain_times, safe_texts, maybe, choices["ENTRY_KINDS"]),
    st.builds(
        Entry,
        st.sampled_from(("Over spring break", "", "2018-01-25")),
        safe_texts,
        kind=choices["ENTRY_KINDS"],
    ),
)
safe_items = st.builds(
    Item,
    text=st.one_of(
        paragraph_texts, st.just("Text\n\n```\n- Owner: nobody\n```"), st.just("Text:\n- one\n- two")
    ),
    id=st.sampled_from(("", "AI-1", "AI-23")),
    kind=choices["ITEM_KINDS"],
    owner=maybe,
    team=maybe,
    due=dates,
    priority=choices["PRIORITIES"],
    status=choices["ITEM_STATUSES"],
    reason=maybe,
    done_when=maybe,
    guardability=choices["GUARDABILITIES"],
    outcome=maybe,
    evidence=maybe,
    tickets=st.lists(st.sampled_from(("https://example.org/1", "#12")), max_size=2).map(tuple),
    guards=st.lists(st.sampled_from(("lab-hours", "staging-online (soft, enforced)")), max_size=2).map(tuple),
)


def _without_neighbouring_prose(found: list[model.Block]) -> tuple[model.Block, ...]:
    return tuple(
        block
        for at, block in enumerate(found)
        if not (at and isinstance(block, Prose) and isinstance(found[at - 1], Prose))
    )


def _blocks_of(*kinds: st.SearchStrategy[model.Block]) -> st.SearchStrategy[tuple[model.Block, ...]]:
    return st.lists(st.one_of(*kinds), max_size=5).map(_without_neighbouring_prose)


safe_prose = st.builds(Prose, some_text)
lead_prose = safe_prose.filter(lambda prose: "####" not in prose.text)
entry_headings = st.sampled_from(("Timeline", "Timeline (all times in PST)", "What we saw", "Action items"))
timelines = st.builds(
    Section,
    entry_headings,
    st.tuples(
        st.one_of(st.just(()), st.tuples(safe_prose)), safe_entries, _blocks_of(safe_entries, safe_prose)
    ).map(lambda parts: (*parts[0], parts[1], *parts[2])),
)
item_sections = st.builds(
    Section,
    st.sampled_from(("Action items", "Next steps", "What Ada promised")),
    st.tuples(safe_items, _blocks_of(safe_items, st.builds(Category, names), safe_prose)).map(
        lambda parts: (parts[0], *parts[1])
    ),
)
prose_sections = st.builds(
    Section,
    st.sampled_from(("Summary", "Hub: down", "Lessons learned", "⚠️ C#")),
    st.one_of(st.just(()), st.tuples(safe_prose)),
)
leads = st.one_of(st.just(()), st.tuples(st.builds(Section, st.just(""), st.tuples(lead_prose))))
well_formed = st.builds(
    Document,
    title=names,
    date=dates,
    timezone=maybe,
    severity=choices["SEVERITIES"],
    status=choices["DOCUMENT_STATUSES"],
    recurrence_of=slugs,
    services=st.lists(st.sampled_from(("data8", "data8/prod", "a, b")), max_size=2).map(tuple),
    tags=st.lists(names, max_size=2).map(tuple),
    extra=st.sampled_from(
        ((), (("author", "Sam"), ("", "# a comment"), ("resources", "\n- src: x\n  y: 1")))
    ),
    heading=maybe,
    sections=st.tuples(leads, st.lists(st.one_of(timelines, item_sections, prose_sections), max_size=4)).map(
        lambda parts: (*parts[0], *parts[1])
    ),
)
