"""Each ready-made snippet is run as it stands, against a server of ours: where it may deploy, where not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml
from flask import Flask
from werkzeug.serving import make_server

from postmortems.cli.gate.options import BLOCK, FAILED, MISCONFIGURED, UNREACHABLE, WAITED
from postmortems.db import session as db
from postmortems.gate.enforcement import guard_changes
from postmortems.guards import queries
from postmortems.guards.evidence import find
from tests.runtimes import VAULT
from tests.world import World

PAGE = (Path(__file__).parents[1] / "docs" / "snippets.md").read_text()
# What curl exits with where the server answers with an error.
NOT_THERE = 22
GOOD, BAD = f"sha256:{'a' * 64}", f"sha256:{'b' * 64}"


def snippet(heading: str, place: int = 0) -> str:
    """The code below a heading of the page."""
    section = re.split(r"^## ", PAGE.split(f"## {heading}\n")[1], flags=re.MULTILINE)[0]
    return re.findall(r"^```\w+\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)[place]


@dataclass
class Pipeline:
    """A machine on which pipelines run: a folder, a server, and a deploy that leaves a trace."""

    folder: Path
    url: str
    token: str

    def runs(self, script: str, digest: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The script by bash as CI would run it, in the folder."""
        env = {
            "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            "HOME": str(self.folder),
            "NO_PROXY": "127.0.0.1",
            "POSTMORTEMS_URL": self.url,
            "POSTMORTEMS_TOKEN": self.token,
            "DIGEST": digest,
            **variables,
        }
        command = ["bash", "-e", "-o", "pipefail", "-c", script]
        return subprocess.run(
            command, cwd=self.folder, env=env, capture_output=True, text=True, check=False, timeout=120
        )

    @property
    def has_deployed(self) -> bool:
        return (self.folder / "deployed").exists()

    def told(self) -> list[str]:
        """The outcomes that pipelines reported, newest first, where they named the decision that let them."""
        with db.reading():
            found = find.deploys([queries.target_named("data8/prod").id])  # type: ignore[union-attr]
        return [one.result for one in found.values()]


@pytest.fixture
def pipeline(app: Flask, world: World, tmp_path: Path) -> Iterator[Pipeline]:
    """data8/prod lets through what was validated on staging, which is one artifact of two."""
    with db.transaction():
        guard_changes.create(
            {
                "slug": "staging-validated",
                "title": "Validated on staging",
                "kind": "attestation",
                "config": {"predicate": "staging-validated"},
                "targets": ["data8/prod"],
            },
            actor=world.ben,
            vault=VAULT,
        )
        queries.by_slug("staging-validated").level = "soft"
    folder = tmp_path / "machine"
    folder.mkdir()
    deploy = folder / "deploy.sh"
    deploy.write_text("#!/bin/sh\ntouch deployed\n")
    deploy.chmod(0o755)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    made = Pipeline(folder, f"http://127.0.0.1:{server.server_port}", world.tokens["ada"])
    vouched = {
        "predicate": "staging-validated",
        "service": "data8",
        "target": "staging",
        "subject": {"digest": GOOD},
        "result": "passed",
    }
    answer = httpx.post(
        f"{made.url}/api/v1/evidence/attestations",
        json=vouched,
        headers={"Authorization": f"Bearer {made.token}"},
        trust_env=False,
    )
    assert answer.status_code == 201, answer.text
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def github_job(pipeline: Pipeline, digest: str) -> int:
    """The job's steps one after the other, as the runner does: the first that fails ends it, `if`s apart."""
    steps = yaml.safe_load(snippet("GitHub Actions"))["jobs"]["prod"]["steps"]
    failed, outcomes = 0, {"deploy": "skipped"}
    for step in (step for step in steps if "run" in step):
        if "if" in step:
            assert step["if"] == "${{ always() && steps.deploy.outcome != 'skipped' }}"
            is_due = outcomes["deploy"] != "skipped"
        else:
            is_due = not failed
        if not is_due:
            continue
        told = "succeeded" if outcomes["deploy"] == "success" else "failed"
        done = pipeline.runs(step["run"], digest, OUTCOME=told)
        outcomes[step.get("id", "")] = "failure" if done.returncode else "success"
        failed = failed or done.returncode
    return failed


def shell(pipeline: Pipeline, digest: str) -> int:
    return pipeline.runs(snippet("Shell"), digest).returncode


def gitlab_job(pipeline: Pipeline, digest: str) -> int:
    job = yaml.safe_load(snippet("GitLab CI"))["deploy-prod"]
    assert job["id_tokens"] == {"POSTMORTEMS_TOKEN": {"aud": "$POSTMORTEMS_URL"}}
    return pipeline.runs("\n".join(job["script"]), digest).returncode


def jenkins(pipeline: Pipeline, digest: str) -> int:
    """The stages in their order; what stands below `unsuccessful` runs only after a deploy that was not."""
    text = snippet("Jenkins")
    asking, deploying, success, otherwise = re.findall(r"sh '''(.*?)'''|sh '([^']+)'", text, re.DOTALL)
    code = pipeline.runs(asking[0], digest).returncode
    if code:
        return code
    done = pipeline.runs(deploying[1], digest).returncode
    assert "unsuccessful {" in text
    pipeline.runs(otherwise[0] if done else success[0], digest)
    return done


JOBS: list[Callable[[Pipeline, str], int]] = [shell, github_job, gitlab_job, jenkins]
named = pytest.mark.parametrize("job", JOBS, ids=[job.__name__ for job in JOBS])


@named
def test_what_was_validated_is_deployed_and_reported(
    pipeline: Pipeline, job: Callable[[Pipeline, str], int]
) -> None:
    assert job(pipeline, GOOD) == 0

    assert pipeline.has_deployed
    assert pipeline.told() == ["succeeded"]


@named
def test_what_was_not_is_stopped_before_it_is_deployed(
    pipeline: Pipeline, job: Callable[[Pipeline, str], int]
) -> None:
    assert job(pipeline, BAD) == 10

    assert not pipeline.has_deployed
    assert pipeline.told() == []


@named
def test_a_deploy_that_fails_is_reported_as_failed(
    pipeline: Pipeline, job: Callable[[Pipeline, str], int]
) -> None:
    (pipeline.folder / "deploy.sh").write_text("#!/bin/sh\nexit 7\n")

    assert job(pipeline, GOOD) != 0

    assert pipeline.told() == ["failed"]


def test_an_answer_is_verified_right_before_the_deploy(pipeline: Pipeline) -> None:
    assert shell(pipeline, GOOD) == 0

    assert pipeline.runs(snippet("Shell", 1), BAD).returncode == 10
    assert pipeline.runs(snippet("Shell", 1), GOOD).returncode == 0
    assert "used" in pipeline.runs(snippet("Shell", 1), GOOD).stdout


def test_the_log_names_the_guard_beside_the_report(pipeline: Pipeline) -> None:
    job = yaml.safe_load(snippet("GitLab CI"))["deploy-prod"]

    log = pipeline.runs("\n".join(job["script"]), BAD).stderr

    assert "x staging-validated (attestation, soft) fail" in log
    assert 'name="staging-validated"' in (pipeline.folder / "gate.xml").read_text()


def measured(pipeline: Pipeline, digest: str) -> str:
    """What Argo Rollouts makes of the web metric: its request, its JSON path, its two conditions."""
    metric = yaml.safe_load(snippet("Argo Rollouts"))["spec"]["metrics"][0]
    web = metric["provider"]["web"]

    def filled(text: str) -> str:
        return text.replace("{{ args.token }}", pipeline.token).replace("{{ args.digest }}", digest)

    answer = httpx.request(
        web["method"],
        web["url"].replace("https://postmortems.example.org", pipeline.url),
        headers={header["key"]: filled(header["value"]) for header in web["headers"]},
        content=filled(web["body"]),
        timeout=web["timeoutSeconds"],
        trust_env=False,
    )
    assert answer.is_success, answer.text
    path = re.fullmatch(r"\{\$\.(\w+)\}", web["jsonPath"])
    assert path is not None
    result = json.loads(answer.text)[path[1]]
    if result in re.findall(r'result == "(\w+)"', metric["successCondition"]):
        return "Successful"
    return (
        "Failed" if result in re.findall(r'result == "(\w+)"', metric["failureCondition"]) else "Inconclusive"
    )


def test_argo_rollouts_measures_the_decision(pipeline: Pipeline) -> None:
    assert measured(pipeline, GOOD) == "Successful"
    assert measured(pipeline, BAD) == "Failed"


def flagged(pipeline: Pipeline, **changed: str | None) -> httpx.Response:
    """Flagger's call of the webhook, whose metadata are changed so; None leaves one out."""
    hook = yaml.safe_load(snippet("Flagger"))["analysis"]["webhooks"][0]
    metadata = {**hook["metadata"], "token": pipeline.token, **changed}
    payload: dict[str, Any] = {
        "name": "hub",
        "namespace": "data8",
        "phase": "Progressing",
        "checksum": "5f9b7c",
        "metadata": {name: value for name, value in metadata.items() if value is not None},
    }
    address = hook["url"].replace("https://postmortems.example.org", pipeline.url)
    return httpx.post(address, json=payload, trust_env=False)


def test_flagger_goes_on_or_is_halted_with_the_reasons(pipeline: Pipeline) -> None:
    assert flagged(pipeline, artifact=GOOD).status_code == 200

    halted = flagged(pipeline, artifact=BAD)
    assert halted.status_code == 403
    assert "staging-validated (attestation, soft) fail" in halted.text


@pytest.mark.parametrize(
    "changed, status, told",
    [
        ({"token": None}, 401, "metadata"),
        ({"token": "pm_wrong"}, 401, "metadata"),
        ({"service": None}, 422, "lack service"),
        ({"artifact": ""}, 422, "lack artifact"),
        ({"change_kind": "party"}, 422, "change_kind"),
        ({"service": "x" * 501}, 422, "Longer than maximum"),
        ({"service": "unknown"}, 403, "unknown_target"),
    ],
)
def test_flagger_is_told_what_is_wrong(
    pipeline: Pipeline, changed: dict[str, str | None], status: int, told: str
) -> None:
    answer = flagged(pipeline, **{"artifact": GOOD, **changed})

    assert (answer.status_code, told in answer.text) == (status, True), answer.text


def test_every_snippet_on_the_page_is_tried_here() -> None:
    tried = {"Shell", "GitHub Actions", "GitLab CI", "Jenkins", "Argo Rollouts", "Flagger"}

    assert set(re.findall(r"^## (.+)$", PAGE, re.MULTILINE)) == tried | {"When a job is stopped"}


def test_what_ends_a_job_is_what_the_page_says(pipeline: Pipeline) -> None:
    codes = {int(code) for code in re.findall(r"^\| (\d+), ", PAGE, re.MULTILINE)}

    assert codes == {BLOCK, WAITED, FAILED, UNREACHABLE, MISCONFIGURED, NOT_THERE}
    assert pipeline.runs(snippet("Shell"), GOOD, POSTMORTEMS_TOKEN="pm_wrong").returncode == MISCONFIGURED
    wrong = pipeline.runs(snippet("Shell"), GOOD, POSTMORTEMS_URL=f"{pipeline.url}/elsewhere")
    assert wrong.returncode == NOT_THERE
