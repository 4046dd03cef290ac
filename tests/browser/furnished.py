"""What the demo lacks: a long incident, two edits of one line, drafts, a sign-off, pings, secrets."""

from __future__ import annotations

import json
import urllib.request
from typing import TYPE_CHECKING, Any

from tests.exchange.repositories import bare, push

if TYPE_CHECKING:
    from tests.browser.serving import Served

LONG = "2024-03-04-three-hundred-entries"
BOTH = "2024-05-06-two-edits-of-one-line"
DIGEST = "sha256:" + "5e" * 32
QUESTION = {
    "service": "data8",
    "target": "prod",
    "declared_target": "data8/prod",
    "artifact": {"digest": DIGEST},
    "wait_s": 900,
}
ENTRIES = (
    ("trigger", "A deploy of the hub begins."),
    ("detection", "Students write that **nobody can log in**."),
    (
        "",
        "Somebody looks at `kubectl get pods` and finds nothing odd, in a line that is longer than most are.",
    ),
    ("change", "The pods are deleted by hand."),
    ("mitigation", "The old chart is put back."),
    ("recovery", "Logins work again."),
)


def furnish(served: Served) -> dict[str, str]:
    """Make it by the API and by commands, as an admin, once; the addresses of its pages by name."""
    kept = served.folder / "furnished.json"
    if kept.exists():
        return dict(json.loads(kept.read_text()))
    scopes = ("read", "write", "gate:read", "evidence:write", "admin", "sign")
    words = [word for scope in scopes for word in ("--scope", scope)]
    token = served.command("tokens", "add", "--user", "admin", "--name", "furnished", *words).strip()

    def send(path: str, body: dict[str, Any] | None = None, method: str = "POST") -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(f"{served.url}/api/v1{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return dict(json.load(answer) or {}) if answer.status != 204 else {}

    hook = send(
        "/webhooks", {"name": "chat", "url": "https://hooks.example.org/postmortems", "events": ["*"]}
    )["webhook"]
    send("/secrets/staging-token", {"origin": "https://staging.example.org", "value": "s3cret"}, "PUT")
    send("/syncs", {"url": "https://git.example.org/team/incidents.git", "folder": "incidents"})
    policy = {"title": "Before anybody deploys", "text": "1. Open the hub on staging.\n2. Say so.\n"}
    send("/policies/deployment-policy", policy, "PUT")
    _guards(send)
    edited = _two_edits(served, send)
    draft = _draft(send)
    ask = "guard=opened-by-hand&service=data8&target=prod"
    pages = {
        "incident-long": _long(served),
        "incident-two-edits": edited,
        "write-with-draft": f"{edited}/edit",
        "drafts": "/drafts",
        "draft": f"/drafts/{draft}",
        "review": f"/incidents/{BOTH}/reviews/1",
        "webhook": f"/settings/webhooks/{hook['id']}",
        "git-remote": "/settings/git/1",
        "policy": "/policies/deployment-policy",
        "guard-signoff": "/guards/opened-by-hand",
        "pings": "/guards/backup/pings",
        "signoff-form": f"/signoffs/new?{ask}&digest={DIGEST}",
        "decision-real": f"/gate/{send('/gate/decisions', QUESTION)['id']}",
        **{f"guard-new-{kind}": f"/guards/new?kind={kind}" for kind in ("window", "signoff", "scm_check")},
    }
    kept.write_text(json.dumps(pages))
    return pages


def _draft(send: Any) -> str:
    """The id of a draft that changes the report that was edited twice, and of one that was only begun."""
    send("/drafts", {"title": "The till took no cards", "sections": []})
    stored = send(f"/incidents/{BOTH}", method="GET")
    typed = json.dumps(stored).replace("half an hour", "some forty minutes, at a bad time of the day")
    return str(send(f"/incidents/{BOTH}/draft", json.loads(typed), "PUT")["id"])


def _guards(send: Any) -> None:
    """Somebody signs, a job pings, and one guard is waived."""
    signoff = {"min_approvers": 1, "checklist": ["I have opened the hub on staging", "I have logged in"]}
    one = {"targets": ["data8/prod"], "level": "shadow", "owner": "@admin"}
    send("/guards", {**one, "slug": "opened-by-hand", "kind": "signoff", "config": signoff})
    send("/guards", {**one, "slug": "backup", "kind": "heartbeat", "config": {"period_s": 3600}})
    key = send("/guards/backup/heartbeat-key")["url"].rsplit("/", 1)[1]
    for end in ("/start?rid=7", "/3?rid=7", ""):
        send(f"/heartbeats/{key}{end}")


def _long(served: Served) -> str:
    """An incident of 300 entries and 12 items."""
    lines = ["---", "title: Three hundred entries", "date: 2024-03-04", "timezone: America/Los_Angeles"]
    lines += ["severity: SEV1", "status: published", "services: [data8/prod]", "---", "", "## Timeline"]
    for number in range(300):
        kind, text = ENTRIES[number % len(ENTRIES)]
        lines += ["", f"### {8 + number // 30:02}:{number % 30 * 2:02}", "", text]
        lines += ["", f"- Kind: {kind}"] if kind else []
    lines += ["", "## Action items", "", "### Process", ""]
    for number in range(1, 13):
        lines += [f"{number}. Let step {number} of the deploy ask somebody first.", "   - Owner: @kai"]
    path = served.folder / f"{LONG}.md"
    path.write_text("\n".join(lines) + "\n")
    served.command("import", str(path))
    return f"/incidents/{LONG}"


def _two_edits(served: Served, send: Any) -> str:
    """A report that was edited here and in its repository; its page leads to both."""
    head = "---\ntitle: Two edits of one line\ndate: 2024-05-06\nstatus: published\n---\n\n## Summary\n\n"
    name = f"{BOTH}.md"
    place = bare(served.folder / "git", {name: f"{head}It was short.\n".encode()})
    served.command("sync", str(place))
    edited = json.dumps(send(f"/incidents/{BOTH}", method="GET")).replace("was short", "lasted half an hour")
    send(f"/incidents/{BOTH}", json.loads(edited), "PUT")
    push(
        place, served.folder / "git" / "clone", {name: f"{head}It lasted an hour.\n".encode()}, "Say how long"
    )
    served.command("sync", str(place), ends=1)
    return f"/incidents/{BOTH}"
