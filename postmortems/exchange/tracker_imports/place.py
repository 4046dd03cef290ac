"""Place that reports are fetched from: `github:owner/repo`, `jira:https://acme.atlassian.net/OPS`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from postmortems.errors import Invalid
from postmortems.trackers import github, gitlab, jira

PLACE = re.compile(r"(?P<service>github|gitlab|jira|pagerduty):(?P<where>\S*)")
APIS = {
    "github": "https://api.github.com",
    "gitlab": "https://gitlab.com/api/v4",
    "jira": "",
    "pagerduty": "https://api.pagerduty.com",
}
# Below a server of one's own, where its API is.
BELOW = {"github": "/api/v3", "gitlab": "/api/v4", "jira": "", "pagerduty": ""}
PUBLIC = {"github.com": "github", "www.github.com": "github", "gitlab.com": "gitlab"}
# On one's own machine nobody listens.
AT_HOME = {"localhost", "127.0.0.1", "::1"}
SERVICE_ID = re.compile(r"(?:[A-Z0-9]{6,20})?")
HELP = {
    "github": (github.PLACE, "github:owner/repository"),
    "gitlab": (gitlab.PLACE, "gitlab:group/project"),
    "jira": (re.compile(rf"(?:{jira.PLACE.pattern})?"), "jira:https://site.example/PROJECT"),
    "pagerduty": (SERVICE_ID, "pagerduty: or pagerduty:SERVICEID"),
}
LONGEST_QUERY, LONGEST_LABEL = 1_000, 200


@dataclass(frozen=True, slots=True)
class TrackerPlace:
    """Where and what: the service, its API's address, the place there, and which of its issues.

    `account` is whose token it is, for Jira's cloud.
    """

    service: str
    api: str
    place: str
    label: str = ""
    query: str = ""
    account: str = ""

    def __str__(self) -> str:
        return f"{self.service}:{self.place or self.api}"


def is_place(given: str) -> bool:
    """Whether somebody names a tracker, and no file."""
    return PLACE.fullmatch(given) is not None


def place_of(given: str, *, label: str = "", query: str = "", account: str = "") -> TrackerPlace:
    """The place that somebody names. Raises `Invalid` with what is expected."""
    match = PLACE.fullmatch(given)
    if match is None:
        raise Invalid("name a tracker, such as github:owner/repository", "/tracker")
    service = match["service"]
    api, place = _parts(service, match["where"])
    pattern, wanted = HELP[service]
    if not pattern.fullmatch(place) or not api:
        raise Invalid(f"{given!r} names no place of {service}; write {wanted}", "/tracker")
    if len(label) > LONGEST_LABEL or not (label.isprintable() or not label):
        raise Invalid(f"a label has at most {LONGEST_LABEL} letters, on one line", "/label")
    if len(query) > LONGEST_QUERY or not (query.isprintable() or not query):
        raise Invalid(f"a query has at most {LONGEST_QUERY:,} letters, on one line", "/query")
    return TrackerPlace(service, api, place, label.strip(), query.strip(), account.strip())


def _parts(service: str, where: str) -> tuple[str, str]:
    """The API's address and the place; a page's address names both."""
    if not where.startswith(("https://", "http://")):
        return APIS[service], where.strip("/")
    address = urlsplit(where)
    path = re.sub(r"/(?:-/)?(?:issues|browse|projects)(?=/|$)", "", address.path).strip("/")
    if PUBLIC.get(address.netloc.lower()) == service:
        return APIS[service], path
    root = f"{address.scheme}://{address.netloc}"
    if service == "jira" and "/" in path:
        # A server of one's own may stand below a path.
        below, _, path = path.rpartition("/")
        root = f"{root}/{below}"
    if address.scheme != "https" and address.hostname not in AT_HOME:
        raise Invalid("a token is sent over https alone", "/tracker")
    return f"{root}{BELOW[service]}", path
