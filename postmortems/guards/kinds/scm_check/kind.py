"""`scm_check`: the named checks of the commit succeeded on GitHub or GitLab.

They are named, for an empty list would pass on a commit that nobody has checked. One that was skipped did
not succeed; one that is not there yet may still come, and the gate waits for it as long as it waits.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from postmortems.egress.client import Answer, Egress
from postmortems.guards.config_fields import choice, is_url, lines, or_nothing, text, time_limit, whole
from postmortems.guards.judgement import Evidence, Judgement, Question
from postmortems.guards.kind import Configuration, Kind
from postmortems.guards.kinds.scm_check import commit_states
from postmortems.guards.probing import request_headers, result

BASES = {"github": "https://api.github.com", "gitlab": "https://gitlab.com/api/v4"}
SHA = re.compile(r"[0-9a-fA-F]{40}([0-9a-fA-F]{24})?")
REPO = re.compile(r"[\w.-]{1,100}(/[\w.-]{1,100}){1,10}")
MOST_BYTES = 1024 * 1024


def _is_base(text: str) -> None:
    is_url(text)
    if "?" in text:
        raise ValidationError("write the address alone")


class ScmCheckConfig(Schema):
    provider = choice("Where", "Whose checks they are.", None, ("github", "gitlab"), required=True)
    repo = text(
        "Repository",
        "Its full name.",
        validate.Regexp(rf"(?:{REPO.pattern})\Z", error="write owner/name, as in data8/hub"),
        required=True,
        example="data8/hub",
    )
    contexts = lines(
        "Checks",
        "The names of statuses or check runs, one per line; each must have succeeded.",
        least=1,
        most=30,
        required=True,
        example=["build", "secret-scan"],
    )
    api_url = text(
        "API's address",
        "For a server of your own. Empty: github.com or gitlab.com.",
        validate.Length(max=500),
        or_nothing(_is_base),
        example="https://github.example.org/api/v3",
    )
    headers = request_headers.field()
    app_id = whole(
        "From the app", "Only check runs by the GitHub App of this number count.", None, (1, 2**53)
    )
    skipped_is = choice("Skipped", "What it means when a check was skipped.", "fail", ("fail", "pass"))
    neutral_is = choice("Neutral", "What it means when a check run ended neutral.", "pass", ("pass", "fail"))
    missing_is = choice(
        "Missing",
        "pending: it may still come, and the gate waits. fail: it should be there.",
        "pending",
        ("pending", "fail"),
    )
    timeout_s = time_limit("For each answer.")

    @validates_schema(skip_on_field_errors=True)
    def _fits_together(self, config: dict[str, Any], **_: Any) -> None:
        if config["provider"] == "github" and config["repo"].count("/") != 1:
            raise ValidationError("on GitHub it is owner/name", "repo")
        if config["provider"] == "gitlab" and config["app_id"] is not None:
            raise ValidationError("GitLab knows no apps", "app_id")


class ScmCheckObserved(result.Observed):
    states = fields.Dict(
        fields.String(),
        fields.String(),
        metadata={
            "label": "States",
            "description": "How each check stood, one a line: success, failure, pending, skipped, neutral.",
            "example": {"build": "success"},
        },
    )
    trouble = result.words("Trouble", "Why nothing was told. Empty: it was told.")


class ScmCheck(Kind):
    slug = "scm_check"
    label = "Checks of the commit"
    passes_when = "each named check of the commit succeeded"
    Config = ScmCheckConfig
    Observed = ScmCheckObserved
    sample = {"provider": "github", "repo": "data8/hub", "contexts": ["build", "secret-scan"]}
    observes = True
    asks_about_artifact = True

    def sends(self, config: Configuration) -> Iterable[tuple[str, str, str]]:
        return request_headers.references(config, _base(config))

    def observe(self, config: Configuration, question: Question, egress: Egress) -> dict[str, Any]:
        config = self.filled(config)
        asked = _asked(config, question)
        if not SHA.fullmatch(question.artifact.sha):
            return asked
        return asked | result.probed(lambda: _probe(config, question.artifact.sha, egress))

    def answers(self, config: Configuration, data: Any, question: Question) -> bool:
        return all(data.get(name) == value for name, value in _asked(config, question).items())

    def judge(self, config: Configuration, evidence: Evidence, question: Question) -> Judgement:
        config = self.filled(config)
        seen = result.newest(evidence)
        expected = {"success": config["contexts"]}
        if not SHA.fullmatch(question.artifact.sha):
            told = "the request names no commit, and it is commits that are checked"
            return Judgement("inconclusive", "no_commit", told, None, expected)
        what = f"{config['repo']} {question.artifact.sha[:12]}"
        if seen is None or not result.is_of(seen, question, _asked(config, question)):
            return result.unseen(question, what, expected)
        if nothing := result.unanswered(seen, what, expected, silence="inconclusive"):
            return nothing
        if "trouble" in seen.data:
            told = f"{what}: {seen.data['trouble']}"
            return Judgement("error", "not_told", told, None, expected, seen.observed_at)
        states = {name: seen.data.get("states", {}).get(name, "missing") for name in config["contexts"]}
        verdict, code, told = _verdict(config, states)
        return Judgement(verdict, code, f"{what}: {told}", states, expected, seen.observed_at)


def _verdict(config: Configuration, states: Mapping[str, str]) -> tuple[str, str, str]:
    verdicts = {
        commit_states.SUCCESS: "pass",
        commit_states.WAITING: "pending",
        "skipped": config["skipped_is"],
        "neutral": config["neutral_is"],
        "missing": config["missing_is"],
    }
    for worst, code in (("fail", "not_successful"), ("pending", "not_finished")):
        found = {name: state for name, state in states.items() if verdicts.get(state, "fail") == worst}
        if found:
            return worst, code, ", ".join(f"{name} is {state}" for name, state in found.items())
    return "pass", "all_successful", f"{', '.join(states)}: success"


def _base(config: Configuration) -> str:
    return str(config.get("api_url") or BASES[config["provider"]]).rstrip("/")


def _asked(config: Configuration, question: Question) -> dict[str, Any]:
    return {
        "repo": config["repo"],
        "api_url": _base(config),
        "contexts": list(config["contexts"]),
        "sha": question.artifact.sha,
    }


def _probe(config: Configuration, sha: str, egress: Egress) -> dict[str, Any]:
    base = _base(config)
    plain, secret = request_headers.headers(config["headers"], base, egress)

    def ask(path: str) -> Answer:
        return egress.request(
            "GET",
            base + path,
            headers={"Accept": "application/json", **plain},
            secret_headers=secret,
            timeout_s=config["timeout_s"],
            max_bytes=MOST_BYTES,
        )

    if config["provider"] == "gitlab":
        place = f"/projects/{quote(config['repo'], safe='')}/repository/commits/{sha}/statuses?per_page=100"
        answers = [ask(place)]
        read = commit_states.gitlab
    else:
        place = f"/repos/{config['repo']}/commits/{sha}"
        answers = [ask(f"{place}/status?per_page=100"), ask(f"{place}/check-runs?per_page=100")]
        read = commit_states.github
    about = {"peer": answers[0].peer, "rule": answers[0].rule}
    refused = next((one.status for one in answers if one.status != 200), None)
    if refused is not None:
        return about | {"trouble": f"the API answers with status {refused}"}
    if any(one.truncated for one in answers):
        return about | {"trouble": "the API's answer is too long"}
    try:
        found = read([json.loads(one.body) for one in answers], config["app_id"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return about | {"trouble": "the API's answer is not of the documented shape"}
    return about | {"states": {name: found[name] for name in config["contexts"] if name in found}}
