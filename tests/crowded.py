"""A world with one of everything that can be stored, made through the doors; its free texts say `word`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from postmortems.accounts import operations as accounts
from postmortems.db import session as db
from postmortems.db.session import session
from postmortems.guards.kinds.registry import KINDS
from postmortems.incidents import queries as incidents
from postmortems.incidents.models import Incident
from postmortems.reviews import operations as reviews
from postmortems.reviews.operations import Edits
from tests.gate import founding
from tests.github.hub import APP_ID, PEM
from tests.world import World


@dataclass
class Crowd:
    """The world, what each gap of an address may hold, and what its doors did not take."""

    world: World
    word: str
    gaps: dict[str, str] = field(default_factory=dict)
    refused: list[str] = field(default_factory=list)
    # What was sent and taken: method, path, body.
    taken: list[tuple[str, str, Any]] = field(default_factory=list)

    def api(self, method: str, path: str, body: Any, who: str = "ben") -> Any:
        assert self.world.app is not None
        headers = self.world.headers(who)
        answer = self.world.app.test_client().open(
            f"/api/v1{path}", method=method, json=body, headers=headers
        )
        if answer.status_code >= 300:
            self.refused.append(f"{method} {path}: {answer.status_code} {answer.text[:300]}")
            return {}
        self.taken.append((method, path, body))
        return answer.json or {}

    def page(self, path: str, form: dict[str, Any], who: str = "ben") -> str:
        """Where the page leads to once it has taken the form."""
        answer = self.world.browser(who).send(path, form)
        if answer.status_code != 303:
            self.refused.append(f"POST {path}: {answer.status_code}")
        return answer.headers.get("Location", "")


def crowd(world: World, word: str = "words that say why it is so") -> Crowd:
    """One of everything; the application has to have a key for its secrets."""
    full = Crowd(world, word)
    _guards(full)
    _incident(full)
    _gate(full)
    _evidence(full)
    _settings(full)
    _import(full)
    return full


def _guards(full: Crowd) -> None:
    word = full.word
    full.api("POST", "/services", {"name": "biology", "title": word, "targets": ["staging", "prod"]})
    full.api("PUT", "/services/data8", {"title": word, "targets": ["staging", "prod"]})
    for name, host in (("git", "git"), ("checks-signing", "checks")):
        secret = {"origin": f"https://{host}.example.org", "value": "s3cr3t-t0k3n"}
        full.api("PUT", f"/secrets/{name}", secret)
    full.api("PUT", "/policies/freeze", {"title": word, "text": word, "url": "https://example.org/?a=b"})
    for kind in KINDS.values():
        full.api("POST", "/guards", {
            "slug": f"by-{kind.slug.replace('_', '-')}", "title": word, "remedy": word, "owner": word,
            "kind": kind.slug, "config": kind.sample, "targets": ["data8/prod"],
        })  # fmt: skip
    full.api("POST", "/guards", {
        "slug": "lab-hours", "title": word, "remedy": word, "kind": "window",
        "config": founding.GUARDS["lab-hours"][1] | {"reason": word, "rrule": "FREQ=DAILY", "starts": "00:00",
                                                     "ends": "23:59"},
        "targets": ["data8/prod"],
    })  # fmt: skip
    full.gaps |= {"name": "data8", "target": "prod"}
    made = full.api("POST", "/guards/by-heartbeat/heartbeat-key", {})
    full.gaps["key"] = str(made.get("key", "none"))


def _incident(full: Crowd) -> None:
    word = full.word
    blocks = [
        {"type": "category", "heading": word},
        {"type": "item", "text": word, "owner": word, "team": word, "outcome": word, "done_when": word,
         "guards": ["lab-hours"]},
    ]  # fmt: skip
    document = {
        "title": word,
        "date": "2018-01-25",
        "services": ["data8/prod"],
        "tags": [word],
        "heading": word,
        "sections": [
            {"heading": "Summary", "blocks": [{"type": "prose", "text": word}]},
            {
                "heading": "Timeline",
                "blocks": [{"type": "entry", "written": word, "title": word, "text": word}],
            },
            {"heading": "Action items", "blocks": blocks},
            {"heading": word, "blocks": []},
        ],
        "message": word,
    }
    slug = full.api("POST", "/incidents", document).get("slug", "none")
    full.gaps |= {"slug": slug, "ref": "AI-1", "version": "1"}
    review = f"/incidents/{slug}/review"
    full.api("POST", review, {"reviewers": ["cy"]})
    full.api("POST", f"{review}/approval", {"version": 1}, "cy")
    full.api("PUT", f"{review}/skip", {"reason": word})
    full.api("DELETE", f"{review}/skip", None)
    full.api("PUT", "/publish-rules/SEV4", {"approvals": 0, "due_days": 30})
    full.gaps["severity"] = "SEV4"
    said = {"text": word, "part": "AI-1", "suggestion": word}
    full.gaps["comment_id"] = str(full.api("POST", f"/incidents/{slug}/comments", said).get("id", 1))
    scenario = {"incident": slug, "name": word, "kind": "bad", "description": word, "facts": founding.BAD}
    full.gaps["scenario_id"] = str(full.api("POST", "/scenarios", scenario).get("id", 1))
    full.api("PATCH", "/guards/lab-hours", {"level": "soft", "revision": 1})
    with db.transaction():
        stored = session().get_one(Incident, 1)
        text = f"# {word}\n"
        edits = Edits(f"https://git.example.org/{word}", f"{word}.md", text.encode(), text, word, text, 1)
        incident = incidents.by_slug(stored.slug, full.world.ben)
        full.gaps["review_id"] = str(reviews.open_conflict(incident, edits, actor=full.world.system).id)


def _gate(full: Crowd) -> None:
    word = full.word
    asked = founding.request(run={"url": "https://ci.example.org/1", "id": word}, actor="ada")
    decision = full.api("POST", "/gate/decisions", asked).get("id", "none")
    full.gaps["decision_id"] = decision
    override = {"guards": ["lab-hours"], "reason": word, "ticket": word}
    made = full.api("POST", f"/gate/decisions/{decision}/overrides", override)
    full.gaps["override_id"] = str(made.get("id", 1))
    waiver = {"kind": "waiver", "guard": "lab-hours", "target": "data8/prod", "owner": word, "reason": word,
              "until": "2026-03-20T12:00:00Z"}  # fmt: skip
    full.gaps["waiver_id"] = str(full.api("POST", "/gate/waivers", waiver).get("id", 1))


def _evidence(full: Crowd) -> None:
    word, digest = full.word, founding.NEW
    about = {"service": "data8", "target": "prod", "run": {"id": word, "url": "https://ci.example.org"}}
    full.api("POST", "/evidence/attestations", about | {
        "predicate": "staging-validated", "subject": {"digest": digest}, "result": "passed",
        "tests": {"kernel-starts": "passed"},
    })  # fmt: skip
    deploy = {"artifact": {"digest": digest}, "outcome": "succeeded"}
    full.api("POST", "/evidence/deploys", about | deploy)
    full.api("POST", "/evidence/facts", about | {"facts": {"kubernetes": word}})
    full.api("POST", "/evidence/signoffs", {
        "guard": "by-signoff", "service": "data8", "target": "prod", "artifact": {"digest": digest},
        "result": "rejected", "note": word,
    })  # fmt: skip
    full.api("POST", "/policies/freeze/acknowledgements", {"version": 1}, "ada")
    assert full.world.app is not None
    ping = full.world.app.test_client().post(f"/api/v1/heartbeats/{full.gaps['key']}", data=word.encode())
    if ping.status_code >= 300:
        full.refused.append(f"ping: {ping.status_code} {ping.text}")


def _settings(full: Crowd) -> None:
    word = full.word
    hook = {"name": word, "url": "https://hooks.example.org/x", "events": ["item.*", "decision.*"]}
    full.gaps["webhook_id"] = str(full.api("POST", "/webhooks", hook).get("id", 1))
    full.api("POST", "/ci-identities", {
        "name": "data8-prod", "issuer": "https://ci.example.org", "target": "data8/prod",
        "claims": {"repository_id": "1", "environment": word},
    })  # fmt: skip
    sync = {"url": "https://git.example.org/x.git", "folder": word, "secret": "store:git"}
    full.gaps["remote_id"] = str(full.api("POST", "/syncs", sync).get("id", 1))
    app = {"app_id": APP_ID, "api": "", "private_key": PEM, "webhook_secret": "sixteen-or-more-letters"}
    full.page("/settings/github", app)
    full.page("/settings/github/environments", {
        "repository": "data8/infrastructure", "repository_id": "123", "environment": word,
        "target": "data8/prod", "posts_statuses": "yes",
    })  # fmt: skip
    with db.transaction():
        token, _ = accounts.add_token("ben", word, ["read"], None, actor=full.world.ben)
        full.gaps |= {"token_id": str(token.id), "environment_id": "1", "finding_id": "1", "message_id": "1"}


def _import(full: Crowd) -> None:
    texts = [{"name": f"{full.word}.md", "text": f"# {full.word}\n\n## {full.word}\n\n{full.word}\n"}]
    run = full.api("POST", "/imports", {"texts": texts, "dry_run": True})
    full.gaps |= {"number": str(run.get("id", 1)), "position": "0", "act": "grant"}
