"""Definitions of the reports' figures, as they are shown beside them.

"Process fix": an action item of kind process. "Open": its status is open or in progress; what is only
proposed is not yet a commitment. Days are days in UTC.
"""

from __future__ import annotations

# By name: the label, and what is counted.
FIGURES = {
    "open": (
        "Open",
        "Process fixes whose status is open or in progress. What is only proposed does not count.",
    ),
    "overdue": ("Overdue", "Open, with a due date before today."),
    "unowned": ("Unowned", "Open, and no owner is named. A team alone is not an owner."),
    "undated": ("Without a due date", "Open, and no due date is set, so it can never become overdue."),
    "reopened": ("Re-opened", "Open, and was closed before: by a person, or because its proof was lost."),
    "unproven": (
        "Done, not proven",
        "Status done, though no drill shows that a guard would stop such a deploy: protection is neither "
        "proven nor enforced. Fixes marked attestable or not guardable are left out: no guard proves those.",
    ),
    "proposed": ("Proposed", "Written down, but nobody has committed to it. Not part of open."),
    "median_age_days": (
        "Median age of open fixes, in days",
        "The middle age of all open process fixes. An item's age runs from the incident's day where it was "
        "imported, from the save where it was added later, and anew from each re-opening.",
    ),
    "again": (
        "Incidents that could happen again",
        "Incidents with a process fix that is open or done but not proven, and whose bad deploy is not "
        "stopped today: no bad scenario is recorded, or the newest drill of one did not end in block.",
    ),
}

# What waits for one person: at Home, and in digests. What both have a word for, both mean alike.
NEEDS = {
    "soon": ("Due within a week", "Open, and due today or on one of the next seven days."),
    "reviews": (
        "Reviews asked of you",
        "Drafts that somebody asked you to review, and whose present version you have not approved.",
    ),
    "signoffs": (
        "Sign-offs asked of you",
        "Questions of the last day that a deploy waits for and that you may answer.",
    ),
    "public_reports": (
        "Public reports to approve",
        "Texts for customers that somebody asked to have approved, and that you have not worked on.",
    ),
    "exemptions": (
        "Overrides and waivers to decide",
        "What others asked for to let a deploy past a guard, and what counts only once an admin grants it.",
    ),
    "conflicts": (
        "Conflicts to resolve",
        "Reports that were changed here and in their file at once, until somebody chooses.",
    ),
    "red": (
        "Guards gone red",
        "Enabled guards whose newest verdict is fail, stale or error, and that are yours or of a team you "
        "lead, as owner of the guard or of an action item that names it; or that watch services of yours.",
    ),
    "off": (
        "Channels switched off",
        "Chats and mail addresses to which nothing is sent any more, because they refused what came.",
    ),
    "left": (
        "Owners switched off",
        "Accounts that are switched off and still own action items that are not closed. What is due of these "
        "is told to the leads of the item's team, or to admins; hand them over.",
    ),
    "held": (
        "Messages held since a restore",
        "They waited when the backup was made and may have been sent since. `python -m postmortems db held` "
        "on the server sends all of them, or drops them.",
    ),
}

TABLES = {
    "by_service": (
        "By service",
        "Open process fixes by the services that their incident names. An incident that hit two services "
        "counts under both, so the rows may add up to more than the total.",
    ),
    "by_owner": ("By owner", "Open process fixes by the owner that the item names."),
    "by_age": ("By age", "Open process fixes by their age, counted as for the median."),
    "months": (
        "Opened and closed by month",
        "Process fixes whose present life began in the month, and those that were closed in it, by the state "
        "of today: one that was re-opened counts where it was re-opened. An item that was closed already "
        "when it was imported has no day of closing and is not counted as closed.",
    ),
}


def label(name: str) -> str:
    """The short name of a figure or table."""
    return _words(name)[0]


def definition(name: str) -> str:
    """What a figure or table counts, in plain words."""
    return _words(name)[1]


def _words(name: str) -> tuple[str, str]:
    return FIGURES.get(name) or NEEDS.get(name) or TABLES[name]
