"""The part a section plays, told by what is in it, or else by the name its author gave it.

The vocabulary is what 228 public postmortems call their sections. A name that is not in it plays no part,
and its section is kept like any other.
"""

from __future__ import annotations

import re

from postmortems.document import marks
from postmortems.document.model import Section
from postmortems.document.remembered import by_line

ROLES = (
    "summary",
    "impact",
    "timeline",
    "conclusion",
    "contributing_factors",
    "lessons",
    "action_items",
    "other",
)
DECORATION = re.compile(
    r":[a-z0-9_+-]+:|\{[^{}]*\}|\([^()]*\)|<[^<>]*>|[*_`#\"“”]|^\W*\d+[.)]\s+|[^\w\s&'/-]"
)
# A name ends with `*` where anything may follow it: "Timeline of events", "Impact on users".
NAMES = {
    "summary": """
        summary, executive summary, issue summary, incident summary, event summary, outage summary,
        quick summary, short summary, problem summary, summary of*, overview, synopsis, abstract,
        description, tldr, tl dr, zusammenfassung, résumé, resumen, resumo, サマリー, 概要, 摘要
    """,
    "impact": """
        impact*, user impact, customer impact, business impact, service impact, damage, scope,
        auswirkungen, impacto, 影響, 影响
    """,
    "timeline": """
        timeline*, time line*, chronology*, sequence of events, order of events, event log, incident
        log, log of events, history of events, key events, context, leadup, lead-up, lead up, what
        happened, what happened when, how it happened, zeitleiste, zeitlicher ablauf, ablauf,
        chronologie, cronología, linha do tempo, タイムライン, 時系列, 时间线
    """,
    "conclusion": """
        conclusion, conclusions, closing, closing words, summing up, wrap-up
    """,
    "contributing_factors": """
        root cause*, cause, causes, the cause, probable cause*, suspected cause*, blameless root
        cause, contributing factor*, contributing conditions, contributing causes, trigger,
        triggers, underlying issue*, five whys, five why's, 5 whys, background, fault, why it
        happened, why did it happen, why did this happen, ursache, cause racine, causa raíz, causa
        raiz, 根本原因, 根本原因分析, 根因
    """,
    "lessons": """
        lesson, lessons, lessons learned*, lessons learnt*, learnings, takeaways, retrospective,
        reflections, after-action report, what went*, what worked*, what did*, what didn't*, what
        could*, things that went*, things that could*, where we got lucky, how we got lucky,
        opportunities
    """,
    "action_items": """
        action, actions, action item*, action point*, action plan*, actions to*, actions for*,
        review action*, resulting action*, follow-up*, follow up*, followup*, planned action*,
        corrective action*, corrective measure*, corrective and preventative*, corrective and
        preventive*, preventative action*, preventive action*, preventative measure*, preventive
        measure*, prevention, next steps, next actions, further steps, future work, following steps,
        improvements, remediation*, recommendations, recommended actions, tasks, open tasks, task
        list, todo*, to do*, to-do*, what we are doing*, what we're doing*, what are we doing*, what
        we will do*, what we'll do*, what will we do*, how we will prevent*, how do we prevent*,
        preventing this*, preventing recurrence, what's next, what next, what is next, things to do,
        maßnahmen, actions correctives, acciones, acciones correctivas, ações, アクションアイテム, 対策,
        改进措施, 行动项
    """,
}


def _pattern(names: str) -> re.Pattern[str]:
    parts = [re.escape(" ".join(name.split())).replace(r"\*", r"s?(?: .*)?") for name in names.split(",")]
    return re.compile("|".join(parts), re.IGNORECASE)


# "Incident timeline", "Follow-up timeline", "Open follow-ups": what the noun says, whatever stands before it.
QUALIFIED = {
    "timeline": re.compile(r"(?:[\w'/&-]+ ){0,3}(?:time ?line|chronology)", re.IGNORECASE),
    "action_items": re.compile(
        r"(?:(?:all|open|outstanding|proposed|proposal|suggested|possible|potential|future|further|planned"
        r"|recommended|required|remaining|key|main|our|immediate|short[ -]term|long[ -]term|medium[ -]term"
        r"|post[ -]?incident|post[ -]?mortem|incident|engineering|technical|process|additional|new)"
        r" ?(?:&|/|and)? ?)+"
        r"(?:action items?|actions?|action points?|follow[ -]?ups?|next steps|steps|improvements?|tasks"
        r"|remediations?|remediation items|recommendations|to-?dos?|preventi(?:ve|on) measures|fixes)",
        re.IGNORECASE,
    ),
}
VOCABULARY = {role: _pattern(names) for role, names in NAMES.items()}


def plain_name(heading: str) -> str:
    """A heading without numbers, emoji, emphasis and remarks in brackets: what is compared."""
    return " ".join(DECORATION.sub(" ", heading.replace("’", "'")).split()).strip(" -/")


@by_line
def named(heading: str) -> str:
    """The role that a heading's name stands for."""
    name = plain_name(heading)
    qualified = next((role for role, pattern in QUALIFIED.items() if pattern.fullmatch(name)), "")
    return qualified or next(
        (role for role, pattern in VOCABULARY.items() if pattern.fullmatch(name)), "other"
    )


def promised(heading: str) -> str:
    """The role that a heading announces, by its mark or its name: how what stands under it is read."""
    if marks.taken_off(heading, marks.TIMELINE)[1]:
        return "timeline"
    return "action_items" if marks.taken_off(heading, marks.ACTION_ITEMS)[1] else named(heading)


def role(section: Section) -> str:
    """The role a section plays: by structure where it has some, by name where it has none."""
    if section.items:
        return "action_items"
    if section.entries:
        return "timeline"
    return named(section.heading)
