"""Values of the settings about an identity provider (OpenID Connect): parsed, or refused in one sentence."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from postmortems.actor import ROLES, TEAM_ROLES
from postmortems.errors import Misconfigured

ISSUER = "POSTMORTEMS_OIDC_ISSUER"
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
LONGEST_ISSUER = 500
CLAIM = re.compile(r"[!-~]{1,200}")
SCOPE = re.compile(r"[!#-\[\]-~]{1,100}")
# What a provider gives out: it goes into a header, in ASCII.
GIVEN = re.compile(r"[!-~]{1,1000}")
TEAM = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
MOST_RULES = 500


@dataclass(frozen=True, slots=True)
class GroupRule:
    """What being in a group of the provider's gives: a role, or a place in the team of this slug, with a role
    there or without."""

    group: str
    role: str = ""
    team: str = ""


def issuer(name: str, text: str) -> str:
    """The provider's address, letter for letter as its tokens say it; none, where nobody signs in by one."""
    if not text:
        return text
    try:
        parts = urlsplit(text if len(text) <= LONGEST_ISSUER and text.isprintable() else "")
        is_whole = bool(parts.hostname) and parts.port != 0 and not set(text) & set(" ?#@\\")
    except ValueError:
        is_whole = False
    if not is_whole:
        told = "write the provider's address as it calls itself, such as https://id.example.org/realms/staff"
        raise Misconfigured(f"{name} is no issuer; {told}")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Misconfigured(f"{name} must begin with https://: else whoever is on the way could be anybody")
    return text


def needed(name: str, text: str, issuer: str) -> str:
    """What the provider gave out for us: there with an issuer, and without one not."""
    if text and not issuer:
        raise Misconfigured(f"{name} is set, and no provider: set {ISSUER}")
    if issuer and not text:
        raise Misconfigured(
            f"{ISSUER} is set, and {name} is not; the provider shows it beside our registration"
        )
    if text and not GIVEN.fullmatch(text):
        raise Misconfigured(f"{name} has signs that no provider gives out; copy it as the provider shows it")
    return text


def claim(name: str, text: str) -> str:
    """The name of a claim."""
    if not CLAIM.fullmatch(text):
        raise Misconfigured(f"{name} is {text[:40]!r}; write the name of a claim, such as preferred_username")
    return text


def scopes(name: str, text: str) -> str:
    """What is asked of the provider; without `openid` it would sign nothing."""
    words = text.split()
    if "openid" not in words or not all(SCOPE.fullmatch(word) for word in words):
        raise Misconfigured(f"{name} is {text[:60]!r}; write openid and what else it takes, such as "
                            "openid profile email groups")  # fmt: skip
    return " ".join(words)


def group_rules(name: str, listed: Iterable[str]) -> tuple[GroupRule, ...]:
    """What groups give: `sre=admin, payments=team:payments, payments-leads=team:payments:admin`.

    A group may be named twice.
    """
    found = tuple(_rule(name, entry) for entry in listed)
    if len(found) > MOST_RULES:
        raise Misconfigured(f"{name} has {len(found)} entries, and {MOST_RULES} are the most")
    return found


def _rule(name: str, entry: str) -> GroupRule:
    # A group may have a = in its name; what it gives has none.
    group, _, gives = (part.strip() for part in entry.rpartition("="))
    team, _, role = gives.removeprefix("team:").partition(":")
    if group and gives in ROLES:
        return GroupRule(group, role=gives)
    is_team = bool(group) and gives.startswith("team:") and TEAM.fullmatch(team) is not None
    if is_team and gives in {f"team:{team}", *(f"team:{team}:{role}" for role in TEAM_ROLES)}:
        return GroupRule(group, role=role, team=team)
    if is_team:
        raise Misconfigured(
            f"{name} has {entry[:80]!r}; a role in a team is {', '.join(TEAM_ROLES)}: write {TEAM_ROLES[-1]} "
            f"as in payments-leads=team:payments:{TEAM_ROLES[-1]}, or none"
        )
    raise Misconfigured(
        f"{name} has {entry[:80]!r}; write what a group gives, such as sre=admin, payments=team:payments or "
        "payments-leads=team:payments:admin"
    )


def only(name: str, text: str, issuer: str) -> bool:
    """Whether passwords let nobody in."""
    if text not in {"yes", "no"}:
        raise Misconfigured(f"{name} is {text[:40]!r}; write yes or no")
    if text == "yes" and not issuer:
        raise Misconfigured(f"{name} is yes, and there is no provider: nobody could sign in; set {ISSUER}")
    return text == "yes"


def address_rule(issuer: str) -> str:
    """The issuer's host and port as a rule for outgoing calls: set by the operator, it may be called."""
    parts = urlsplit(issuer)
    host = parts.hostname or ""
    return f"{f'[{host}]' if ':' in host else host}:{parts.port or (443 if parts.scheme == 'https' else 80)}"
