"""Names of the styles that word processors come with, in the languages of their interfaces.

Word writes its own styles' names in English whatever its language, and only their ids in that language; other
programs, and styles that people copied, have the names that are seen.
"""

from __future__ import annotations

import re

HEADING = re.compile(
    "(?:heading|überschrift|ueberschrift|berschrift|titre|título|titulo|titolo|intestazione|kop|rubrik|overskrift"
    "|otsikko|nagłówek|nadpis|заголовок|标题|標題|見出し|제목|başlık|címsor|titlu|encabezado|cabeçalho)"
    r"[ _]{0,2}([1-9])",
    re.IGNORECASE,
)
TITLES = frozenset(
    {
        "title",
        "titel",
        "titre",
        "título",
        "titulo",
        "titolo",
        "tittel",
        "otsikko",
        "tytuł",
        "název",
        "название",
    }
    | {"název", "название", "标题", "標題", "表題", "제목", "konu başlığı", "cím", "titlu"}
)
SUBTITLES = frozenset(
    {"subtitle", "untertitel", "sous-titre", "subtítulo", "subtitulo", "sottotitolo", "ondertitel"}
    | {"underrubrik", "undertitel", "undertittel", "alaotsikko", "podtytuł", "podtitul", "подзаголовок"}
    | {"副标题", "副標題", "副題", "부제", "altyazı", "alcím"}
    # Pandoc writes who and when below the title, in styles based on the one of titles.
    | {"author", "date"}
)
# Contents that a program makes of the headings, and says again what they say.
MADE = re.compile(
    r"(?:toc|contents|verzeichnis|tm|tdc|sommario|inhopg|innehåll|indholdsfortegnelse|spis treści|оглавление"
    r"|目录|目次)[ _]?\d"
    "|(?:toc|contents|index|table of (?:figures|authorities)|inhaltsverzeichnis)(?:[ _]?heading)?"
    "|inhaltsverzeichnisüberschrift|en-tête de table des matières",
    re.IGNORECASE,
)
QUOTE = re.compile(
    r"(?:intense |intensives )?(?:quote|quotations?|zitat|citation|cita|citazione|block ?text)",
    re.IGNORECASE,
)
CODE = re.compile(
    r"(?:html )?(?:preformatted(?: text)?|vorformatiert(?:er text)?|code|source ?(?:code|text)|verbatim"
    r"|listing|macro(?: text)?|quelltext|code block|teletype|typewriter|keyboard)(?: zchn| char)?",
    re.IGNORECASE,
)
LIST_LEVEL = re.compile(
    r"(?:list (?:bullet|number)|listennummer|aufzählungszeichen|liste à (?:puces|numéros)) ([2-5])",
    re.IGNORECASE,
)
CONTINUE = re.compile(r"(?:list continue|listenfortsetzung|liste continue)(?: ([2-5]))?", re.IGNORECASE)
GOES_ON = re.compile(r"list (?:paragraph|continue(?: \d)?)|listenabsatz|paragraphe de liste", re.IGNORECASE)


def _level(name: str) -> int:
    """The level of a heading's style, from 1; 0 where it is none of those."""
    match = HEADING.fullmatch(name)
    return min(int(match[1]), 6) if match else 0


def role_of(name: str) -> str:
    """What a paragraph in a style of this name is; "" of one that says nothing.

    `title`, `subtitle`, `h1` to `h6`, `made` (by a program), `quote`, `code`, `more` (goes on
    with an item), `more-1` (with one of the second level).
    """
    bare = name.strip().lower()
    if level := _level(bare):
        return f"h{level}"
    for role, names in (("title", TITLES), ("subtitle", SUBTITLES)):
        if bare in names:
            return role
    if match := CONTINUE.fullmatch(bare):
        return f"more-{int(match[1] or 1) - 1}"
    for role, pattern in (
        ("made", MADE),
        ("quote", QUOTE),
        ("code", CODE),
        ("more", GOES_ON),
    ):
        if pattern.fullmatch(bare):
            return role
    return ""
