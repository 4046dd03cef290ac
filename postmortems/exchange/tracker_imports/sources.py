"""Issues and incidents of each service by its API, with comments, sub-issues and log."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

from postmortems.egress.client import Egress, Secret
from postmortems.exchange.tracker_imports.fetch import PAGE, Fetch, Patience, Raw, rows
from postmortems.exchange.tracker_imports.place import TrackerPlace
from postmortems.trackers import github, wire
from postmortems.trackers.wire import Failed

# Issues of Jira come with all that they have: fewer at once.
PAGE_OF_JIRA = 25
MOST_ROWS = 5_000
GONE = {"is_gone": True}


def fetch_of(place: TrackerPlace, token: Secret, egress: Egress, patience: Patience) -> Fetch:
    """How the service is asked, as its manual says."""
    shown = token.reveal()
    match place.service:
        case "github":
            headers = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": github.VERSION}
            secret = Secret(f"Bearer {shown}")
            return Fetch("GitHub", place.api, egress, patience, ("Authorization", secret), headers)
        case "gitlab":
            return Fetch("GitLab", place.api, egress, patience, ("PRIVATE-TOKEN", token))
        case "pagerduty":
            headers = {"Accept": "application/vnd.pagerduty+json;version=2"}
            secret = Secret(f"Token token={shown}")
            return Fetch("PagerDuty", place.api, egress, patience, ("Authorization", secret), headers)
    basic = base64.b64encode(f"{place.account}:{shown}".encode()).decode("ascii")
    secret = Secret(f"Basic {basic}" if place.account else f"Bearer {shown}")
    return Fetch("Jira", place.api, egress, patience, ("Authorization", secret))


def found(place: TrackerPlace, fetch: Fetch) -> Iterator[Raw]:
    """The issues of a place, as their exports have them; `{"is_gone": …}` for one deleted meanwhile."""
    listed = {"github": _github, "gitlab": _gitlab, "jira": _jira, "pagerduty": _pagerduty}
    for count, raw in enumerate(listed[place.service](place, fetch)):
        if count == MOST_ROWS:
            return
        yield raw


def _objects(value: Any, name: str = "") -> list[Raw]:
    value = value.get(name) if name and isinstance(value, dict) else value
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _all(fetch: Fetch, path: str, name: str = "") -> list[Raw]:
    """All rows of a list that belongs to an issue."""
    mark = "&" if "?" in path else "?"
    return list(
        rows(
            lambda page: _objects(fetch.get(f"{path}{mark}per_page={PAGE}&page={page}"), name),
            lambda row: row.get("id"),
        )
    )


def _github(place: TrackerPlace, fetch: Fetch) -> Iterator[Raw]:
    """By the list of a repository; by the search where there is a query, which finds a thousand at most."""
    top = f"/repos/{place.place}/issues"
    asked = {"state": "all", "sort": "created", "direction": "asc", "labels": place.label}
    label = f' label:"{place.label}"' if place.label else ""
    words = f"repo:{place.place} is:issue{label} {place.query}"
    first = {"q": words} if place.query else {key: value for key, value in asked.items() if value}

    def read(page: int) -> list[Raw]:
        query = urlencode({**first, "per_page": PAGE, "page": page})
        if place.query:
            return _objects(fetch.get(f"/search/issues?{query}"), "items")
        return _objects(fetch.get(f"{top}?{query}"))

    for raw in rows(read, lambda row: row.get("number")):
        if "pull_request" in raw:
            continue
        own = f"{top}/{raw.get('number')}"
        try:
            if raw.get("comments"):
                raw = {**raw, "comments": _all(fetch, f"{own}/comments")}
            summary = raw.get("sub_issues_summary")
            if isinstance(summary, dict) and summary.get("total"):
                raw = {**raw, "sub_issues": _all(fetch, f"{own}/sub_issues")}
        except Failed:
            raw = {**raw, **GONE}
        yield raw


def _gitlab(place: TrackerPlace, fetch: Fetch) -> Iterator[Raw]:
    top = f"/projects/{quote(place.place, safe='')}/issues"
    asked = {"scope": "all", "order_by": "created_at", "sort": "asc", "labels": place.label}
    asked |= {"search": place.query}
    wanted = {key: value for key, value in asked.items() if value}

    def read(page: int) -> list[Raw]:
        return _objects(fetch.get(f"{top}?{urlencode({**wanted, 'per_page': PAGE, 'page': page})}"))

    for raw in rows(read, lambda row: row.get("iid")):
        try:
            if raw.get("user_notes_count", 1):
                raw = {
                    **raw,
                    "notes": _all(fetch, f"{top}/{raw.get('iid')}/notes?sort=asc&order_by=created_at"),
                }
        except Failed:
            raw = {**raw, **GONE}
        yield raw


def _jira(place: TrackerPlace, fetch: Fetch) -> Iterator[Raw]:
    """By JQL. The cloud pages by tokens and has texts in ADF, a server of one's own by numbers, in markup."""
    parts = [f'project = "{place.place}"'] if place.place else []
    parts += [f'labels = "{place.label.replace(chr(92), "").replace(chr(34), "")}"'] if place.label else []
    parts += [f"({place.query})"] if place.query else []
    asked = {
        "jql": f"{' AND '.join(parts)} ORDER BY created ASC".strip(),
        "fields": "*all",
        "expand": "names",
    }
    path = "/rest/api/3/search/jql"
    after: dict[str, str] = {}
    seen: set[object] = set()
    while True:
        query = urlencode({**asked, "maxResults": PAGE_OF_JIRA, **after})
        try:
            answer = fetch.get(f"{path}?{query}")
        except Failed:
            if path.endswith("/2/search"):
                raise
            path = "/rest/api/2/search"
            continue
        issues = _objects(answer, "issues")
        names = answer.get("names") if isinstance(answer, dict) else None
        for raw in issues:
            if raw.get("key") not in seen:
                seen.add(raw.get("key"))
                yield _with_comments({**raw, "names": names}, fetch, path[:11])
        token = answer.get("nextPageToken") if isinstance(answer, dict) else None
        # Who deletes an issue meanwhile moves all behind it up.
        after = {"nextPageToken": token} if token else {"startAt": str(max(0, len(seen) - wire.OVERLAP))}
        if not issues or (not token and (path.endswith("jql") or len(issues) < PAGE_OF_JIRA)):
            return


def _with_comments(raw: Raw, fetch: Fetch, top: str) -> Raw:
    """An issue with all its comments, where the search has the first of them alone."""
    fields = raw.get("fields") if isinstance(raw.get("fields"), dict) else {}
    told = fields.get("comment") if isinstance(fields, dict) else None
    held = _objects(told, "comments")
    total = told.get("total") if isinstance(told, dict) else 0
    if not isinstance(total, int) or total <= len(held) or not isinstance(fields, dict):
        return raw
    try:
        comments: list[Raw] = []
        while len(comments) < total:
            more = fetch.get(
                f"{top}/issue/{raw.get('key')}/comment?startAt={len(comments)}&maxResults={PAGE}"
            )
            if not (page := _objects(more, "comments")):
                break
            comments += page
    except Failed:
        return {**raw, **GONE}
    return {**raw, "fields": {**fields, "comment": {"comments": comments}}}


def _by_offset(fetch: Fetch, path: str, name: str) -> list[Raw]:
    def read(page: int) -> list[Raw]:
        return _objects(fetch.get(f"{path}limit={PAGE}&offset={(page - 1) * PAGE}"), name)

    return list(rows(read, lambda row: row.get("id")))


def _pagerduty(place: TrackerPlace, fetch: Fetch) -> Iterator[Raw]:
    """All incidents, or those of a service; a query is for the titles, as its API has no search."""
    asked = [("date_range", "all"), ("sort_by", "created_at:asc"), ("total", "false")]
    asked += [("service_ids[]", place.place)] if place.place else []

    for raw in _by_offset(fetch, f"/incidents?{urlencode(asked)}&", "incidents"):
        if place.query and place.query.casefold() not in str(raw.get("title", "")).casefold():
            continue
        own = f"/incidents/{quote(str(raw.get('id')), safe='')}"
        try:
            log = _by_offset(fetch, f"{own}/log_entries?", "log_entries")
            notes = _objects(fetch.get(f"{own}/notes"), "notes")
            raw = {**raw, "log_entries": log, "notes": notes}
        except Failed:
            raw = {**raw, **GONE}
        yield raw
