"""Reads the state of an item: `(done)` behind it, `[WIP]` before it, or struck out.

The words are in `data/words/headings.yaml`. Some answer a question ("yes", "new"): they say a state in a cell
and none among the words of an item.
"""

from __future__ import annotations

import re

from postmortems import patterns
from postmortems.document import vocabulary
from postmortems.document.parse_cache import by_line
from postmortems.document.text import one_line

WORDS = vocabulary.table("headings")
DECORATION = patterns.of(r"[*_`]")
STATES: dict[str, str] = {
    form: status
    for status, words in WORDS["states"].items()
    for word in words
    for form in (word.lower(), DECORATION.sub("", word).lower())
}
ANSWERS = frozenset(word.lower() for word in WORDS["answers"])
SIGNS = sorted((word for word in STATES if re.match(r"[^\w\[]", word)), key=len, reverse=True)
SIGN = vocabulary.one_of(SIGNS)
# What may follow a state: where it was done, by whom, when. "(started late)" says no state.
REMARKED = patterns.of(
    r"(?P<word>[^\d#@\[\]()（）,;:.]{1,40}?[^\W\d_])(?:\s*[,;:.–—(（-]|\s+-)?\s*"
    rf"(?:(?i:{vocabulary.one_of(WORDS['remarks'])})\s+"
    r"(?:#|@|[\[(]|\d|https?:|[A-ZÀ-ÞА-Я])|#|@|\[|\d|https?:|(?:PR|MR)\b|[A-Z][A-Z0-9]+-\d).*",
    re.DOTALL,
)
BEFORE = patterns.of(
    r"(?P<mark>(?:\*\*|__|[*_])?)[(（\[【](?P<said>[^()（）\[\]【】\n]{2,40})[)）\]】](?P=mark)[:：]?\s+(?=\S)"
)
LABELLED = patterns.of(
    r"(?P<mark>(?:\*\*|__|[*_])?)(?P<said>[^\W\d_][^:：*_\n]{1,30}?)"
    r"(?:(?P=mark)\s*[:：]|[:：](?P=mark)|[ ]?[–—-](?P=mark)|(?P=mark)\s+[–—-]{1,2})\s+(?=\S)"
)
# A light of an editor before the words: `**DONE** send the letters`. "**Complete** it" asks for something.
LOZENGE = patterns.of(
    r"(?P<mark>\*\*|__|`(?=[A-Z ]{3,20}`))(?P<said>(?!(?i:complete|active)\b)[^*_`\n]{2,20})(?P=mark)"
    r"\s+(?=\w)"
)
BEHIND = patterns.of(
    r"(?<=\S)\s+(?:(?:[–—-]{1,2}\s+)?(?P<mark>\*\*|__)(?P<said>[^*_\n]{2,40})(?P=mark)[.!]?"
    r"|[–—-]{1,2}\s+(?P<dashed>[^–—*_\n-][^–—*_\n]{1,40})"
    r"|(?P<loud>[A-Z]{4,10}(?:[ -][A-Z]{2,10}){0,2})[.!]?)$"
)
# A sentence over a list that says it of what is in it: "The following items are already completed:".
LONGEST_SENTENCE, LONGEST_REMARK = 200, 400
OVER = patterns.of(
    r"(?:.*\b(?:following|these|below)\b.*\b(?:are|have been|were|is)\b|.*\b(?:we|have)\b)?"
    r"[ ]*(?:now |all |already |so far |still |items |what is |what's )*(?P<said>done|completed?|finished"
    r"|implemented|fixed|deployed|merged|shipped|in progress|ongoing|open|planned|to ?do"
    r"|not (?:yet )?(?:done|started))(?: so far| already| items| actions)*[:：]",
    re.IGNORECASE,
)
REMARK = patterns.of(r"\{[^{}]*\}|\([^()]*\)$")
# What a name over a list says beside the state of what is in it.
LABEL_ENDS = patterns.of(
    r"^(?:already|recently|things|what is|what's|what we have|what we've)\s+"
    r"|\s+(?:so far|already|(?:action )?(?:items?|actions?|tasks?|points?)|follow[ -]?ups?|work|fixes"
    r"|measures|improvements|remediations?|to[ -]?dos?)$",
    re.IGNORECASE,
)
# The same where it stands first: "Actions still open", "Measures already taken".
LABEL_BEGINS = patterns.of(
    r"^(?:(?:corrective|preventive|follow[ -]?up|our|the|all)\s+)*"
    r"(?:action (?:items?|points?)|actions?|tasks?|follow[ -]?ups?|measures|improvements?|remediations?"
    r"|recommendations?|to[ -]?dos?|fixes)[:\s–—-]+"
    r"(?:(?:that|which|we|are|were|have|been|now|all)\s+)*(?:still\s+)?"
    r"(?P<already>already\s+)?(?:been\s+)?(?=\w)",
    re.IGNORECASE,
)
TAKEN = patterns.of(
    rf"^\W*(?:[^\W\d_]+\s+){{1,4}}{vocabulary.one_of(WORDS['taken'])}[\s:：.]*$"
    rf"|{vocabulary.one_of(WORDS['taken_close'])}[\s:：]*$",
    re.IGNORECASE,
)
STRUCK = patterns.of(r"(?:~~(?!~)(?:(?!~~).)+~~|<(?P<tag>s|del|strike)>.+</(?P=tag)>)[.!]?(?P<rest>.*)", re.I)
# A light before a state, which says the same in colour: "🟢 Done".
LIGHT = patterns.of(r"^[🔴🟠🟡🟢🔵🟣🟤⚪⚫🟥🟧🟨🟩🟦]\ufe0f?[ \t]+(?=\w)")
BRACKETED_REMARK = patterns.of(r"\s+\(.+\)$")
# "Done — but not on the standby" says of neither that it is.
DASHED_REMARK = patterns.of(
    r"\s+[–—-]{1,2}\s+(?!(?:.*\W)?(?:but|not|except|partly|partial|partially|pending|until|reverted"
    r"|rolled back|aber|nicht|mais|pas|pero|mas|ma|non|maar|niet|men|ikke|inte)\b).+$",
    re.IGNORECASE,
    needs="–—-",
)
# `80%`; a state that was, struck out, and a sign behind one that says it too: `~~Open~~ Done ✅`.
SHARE = patterns.of(r"(\d{1,3})\s?%")
AROUND = patterns.of(r"^~~[^~]+~~\s*(?=\w)|(?<=\w)[.!]?\s*[✅✔☑🎉🚀]\ufe0f?$")
# Behind what is struck out, who did it: "(Kim)".
SOMEBODY = patterns.of(r"[(（](?:@[\w.-]+|[A-ZÀ-ÞА-Я][\w.'’-]+(?: [A-ZÀ-ÞА-Я][\w.'’-]+){0,2})[)）]")
SIGNED = patterns.of(rf"(?P<before>{SIGN})[ \t]+(?=\S)|(?<=\S)[ \t]+(?P<behind>{SIGN})$")


def said(text: str, *, in_words: bool = False) -> str:
    """The status that is all of a cell or of what stands behind a label, but for a remark; "" for none.

    Where it stands `in_words` of an item, an answer is no state.
    """
    bare = LIGHT.sub("", one_line(DECORATION.sub("", text))).rstrip(" .!")
    if not in_words:
        if share := SHARE.fullmatch(bare):
            return "done" if share[1] == "100" else "in_progress" if int(share[1]) else "open"
        bare = AROUND.sub("", bare)
        # "Done (same commit)", "Todo (decide via ADR)", "Done — merged on Friday"
        for remark in (BRACKETED_REMARK, DASHED_REMARK) if len(bare) <= LONGEST_REMARK else ():
            if status := STATES.get(remark.sub("", bare).lower(), ""):
                return status
    word = bare.lower()
    if status := STATES.get(word, ""):
        return "" if in_words and word in ANSWERS else status
    if match := re.match(rf"({SIGN})\s*", word):
        return STATES[match[1]]
    match = REMARKED.fullmatch(bare)
    word = match["word"].strip().lower() if match else ""
    status = STATES.get(word, "")
    return "" if word in ANSWERS or status == "open" else status


def of_item(line: str) -> tuple[str, str, str]:
    """The status that the first line of an item says, the words that say it, and the line without those.

    Three empty texts where it says none.
    """
    for read in (_signed, _behind, _before, _struck):
        found = read(line)
        if found[0]:
            return found
    return "", "", ""


@by_line
def of_label(name: str) -> str:
    """The status of all that stands under a name: "Completed", "Already done", "In progress items"; or ""."""
    if (remark := REMARK.search(name.rstrip(" :*_"))) and (status := said(remark[0][1:-1], in_words=True)):
        # "Immediate actions (completed)"
        return status
    # A sign before the words, as in "☑ Follow-up tasks", is an ornament.
    bare = one_line(DECORATION.sub("", REMARK.sub("", name)))
    bare = re.sub(r"^\W+|[\s:：.–—-]+$", "", bare)
    if (match := LABEL_BEGINS.match(bare)) and (status := _behind_name(match, bare[match.end() :])):
        return status
    return said(LABEL_ENDS.sub("", bare), in_words=True)


def _behind_name(match: re.Match[str], rest: str) -> str:
    """The status that stands behind what items are called: "taken" says one only of what was so already."""
    word, _, behind = rest.lower().partition(" ")
    is_taken = word == "taken" and (behind == "already" if behind else match["already"])
    return "done" if is_taken else said(LABEL_ENDS.sub("", rest), in_words=True)


@by_line
def says_taken(name: str) -> bool:
    """Whether a name says that what stands under it was taken: "Actions taken", "Acciones tomadas (…)"."""
    return TAKEN.search(one_line(DECORATION.sub("", REMARK.sub("", name)))) is not None


def of_sentence(text: str) -> str:
    """The status that a line over a list says of what is in it; "" of any other."""
    if len(text) > LONGEST_SENTENCE or not text.rstrip("*_ ").endswith((":", "：")):
        return ""
    match = OVER.fullmatch(one_line(DECORATION.sub("", text)))
    return said(match["said"], in_words=True) if match else ""


def of_end(text: str) -> tuple[str, str, str]:
    """The same of what ends a text alone: `**DONE**`, `TODO`, `- done`."""
    found = _behind(text)
    return found if found[0] else _signed(text)


def _signed(line: str) -> tuple[str, str, str]:
    match = SIGNED.match(line) or SIGNED.search(line)
    sign = (match["before"] or match["behind"]) if match else ""
    if not match or (match["before"] and match.start()):
        return "", "", ""
    return STATES[sign], sign, line[: match.start()] + line[match.end() :]


def _behind(line: str) -> tuple[str, str, str]:
    match = BEHIND.search(line)
    words = (match["said"] or match["dashed"] or match["loud"]) if match else ""
    status = said(words, in_words=True)
    return (status, words, line[: match.start()]) if match and status and not line.isupper() else ("", "", "")


def _before(line: str) -> tuple[str, str, str]:
    for pattern in (BEFORE, LABELLED, LOZENGE):
        match = pattern.match(line)
        status = said(match["said"], in_words=True) if match else ""
        if match and status and not (pattern is not BEFORE and status == "open"):
            return status, match["said"], line[match.end() :]
    return "", "", ""


def _struck(line: str) -> tuple[str, str, str]:
    """Struck out as a whole: it was done, unless what follows says otherwise."""
    match = STRUCK.fullmatch(line)
    if not match:
        return "", "", ""
    rest = match["rest"].strip(" \t:–—-")
    status = said(rest, in_words=True) if rest and not SOMEBODY.fullmatch(rest) else "done"
    return status, line, line
