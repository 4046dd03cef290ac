"""The manifests in deploy/kubernetes fit each other, the image, the routes and the settings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import pytest
import yaml
from flask import Flask

from postmortems import limits
from postmortems.cli import http_server
from postmortems.config import PREFIX, Settings
from tests.deploy.image import COMPOSE, FINAL_STAGE, ROOT, gunicorn_settings

FOLDER = ROOT / "deploy/kubernetes"
FILES = sorted(FOLDER.glob("*.yaml"))
OBJECTS: list[dict[str, Any]] = [
    found for file in FILES for found in yaml.safe_load_all(file.read_text()) if found
]
SETTINGS = {PREFIX + field.name.upper() for field in fields(Settings)}
PORT = 8000


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [found for found in OBJECTS if found["kind"] == kind]


def named(kind: str, name: str) -> dict[str, Any]:
    [found] = [one for one in of_kind(kind) if one["metadata"]["name"] == name]
    return found


WORKLOADS = [*of_kind("Deployment"), *of_kind("Job"), *of_kind("CronJob")]


def pod(workload: dict[str, Any]) -> dict[str, Any]:
    spec = workload["spec"]
    return dict(spec.get("jobTemplate", {"spec": spec})["spec"]["template"])


def container(workload: dict[str, Any]) -> dict[str, Any]:
    [found] = pod(workload)["spec"]["containers"]
    return dict(found)


def matched(selector: dict[str, str]) -> list[str]:
    """The workloads whose pods have all these labels."""
    labelled = {one["metadata"]["name"]: pod(one)["metadata"]["labels"] for one in WORKLOADS}
    return [name for name, labels in labelled.items() if selector.items() <= labels.items()]


def test_every_object_is_whole_named_once_and_listed() -> None:
    names = [(found["kind"], found["metadata"]["name"]) for found in OBJECTS if "metadata" in found]
    assert len(names) == len(set(names))
    [listing] = of_kind("Kustomization")
    assert {*listing["resources"], "kustomization.yaml", "ingress.yaml"} == {file.name for file in FILES}
    assert {image["name"] for image in listing["images"]} == {container(one)["image"] for one in WORKLOADS}


@pytest.mark.parametrize("workload", of_kind("Deployment"), ids=lambda one: one["metadata"]["name"])
def test_what_selects_finds_the_pods_that_it_means_and_no_others(workload: dict[str, Any]) -> None:
    name = workload["metadata"]["name"]
    assert workload["spec"]["replicas"] == 2
    assert matched(workload["spec"]["selector"]["matchLabels"]) == [name]
    budget = named("PodDisruptionBudget", name)["spec"]
    assert matched(budget["selector"]["matchLabels"]) == [name]
    assert budget["minAvailable"] < workload["spec"]["replicas"]
    # Where the database is away no pod is ready, and a node can still be emptied.
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    [spread] = pod(workload)["spec"]["topologySpreadConstraints"]
    assert matched(spread["labelSelector"]["matchLabels"]) == [name]


def test_requests_come_from_the_ingress_to_the_port_of_the_image() -> None:
    [port] = container(named("Deployment", "postmortems-web"))["ports"]
    assert port["containerPort"] == PORT
    assert f"EXPOSE {PORT}" in FINAL_STAGE
    service = named("Service", "postmortems-web")["spec"]
    assert matched(service["selector"]) == ["postmortems-web"]
    assert service["ports"][0]["targetPort"] == port["name"]
    ingress = named("Ingress", "postmortems")
    backend = ingress["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
    assert backend == {"name": "postmortems-web", "port": {"name": service["ports"][0]["name"]}}
    notes = ingress["metadata"]["annotations"]
    assert notes["nginx.ingress.kubernetes.io/proxy-body-size"] == f"{limits.FILES // limits.MB}m"


def test_network_policies_let_in_the_ingress_alone() -> None:
    everybody, web = named("NetworkPolicy", "postmortems"), named("NetworkPolicy", "postmortems-web")
    names = {one["metadata"]["name"] for one in WORKLOADS}
    assert set(matched(everybody["spec"]["podSelector"]["matchLabels"])) == names
    assert everybody["spec"]["policyTypes"] == ["Ingress", "Egress"]
    assert "ingress" not in everybody["spec"]
    assert matched(web["spec"]["podSelector"]["matchLabels"]) == ["postmortems-web"]
    assert [port["port"] for rule in web["spec"]["ingress"] for port in rule["ports"]] == [PORT]


def test_probes_ask_for_what_there_is_and_a_database_that_is_away_kills_nobody(app: Flask) -> None:
    web = container(named("Deployment", "postmortems-web"))
    asked = {name: web[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}
    routes = {rule.rule for rule in app.url_map.iter_rules()}
    assert {get["path"] for get in asked.values()} <= routes
    assert {get["port"] for get in asked.values()} == {web["ports"][0]["name"]}
    assert asked["readinessProbe"]["path"] == "/readyz"
    assert asked["livenessProbe"]["path"] == asked["startupProbe"]["path"] == "/livez"


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_probes_name_a_host_that_the_service_answers_to(app: Flask, probe: str) -> None:
    asked = container(named("Deployment", "postmortems-web"))[probe]["httpGet"]
    [told] = [header["value"] for header in asked["httpHeaders"] if header["name"] == "Host"]
    client = app.test_client()
    assert client.get(asked["path"], headers={"Host": f"{told}:{PORT}"}).status_code == 200
    assert client.get(asked["path"], headers={"Host": f"10.1.2.3:{PORT}"}).status_code == 400


def test_they_run_what_the_image_and_compose_run() -> None:
    assert "command" not in container(named("Deployment", "postmortems-web"))
    assert "args" not in container(named("Deployment", "postmortems-web"))
    services = COMPOSE["services"]
    assert container(named("Deployment", "postmortems-worker"))["command"] == services["worker"]["command"]
    assert container(named("Job", "postmortems-migrate"))["command"] == services["migrate"]["command"]
    # Compose reads `$` as the beginning of a setting, and `$$` as itself.
    words = [word.replace("$$", "$") for word in services["backup"]["command"]]
    assert container(named("CronJob", "postmortems-backup"))["command"] == words


def test_backups_are_kept_on_a_volume_that_outlives_the_pod() -> None:
    job = named("CronJob", "postmortems-backup")
    [kept] = [volume for volume in pod(job)["spec"]["volumes"] if "emptyDir" not in volume]
    claim = named("PersistentVolumeClaim", kept["persistentVolumeClaim"]["claimName"])
    assert claim["spec"]["accessModes"] == ["ReadWriteOnce"]
    [at] = [mount["mountPath"] for mount in container(job)["volumeMounts"] if mount["name"] == kept["name"]]
    assert f"--replace {at}/newest.backup" in container(job)["command"][-1]
    assert COMPOSE["services"]["backup"]["volumes"] == [f"{kept['name']}:{at}"]
    assert f"--mode=0700 {at}" in FINAL_STAGE
    assert pod(job)["spec"]["securityContext"]["fsGroup"] == 10001


def test_each_is_waited_for_longer_than_it_takes_to_end() -> None:
    web = pod(named("Deployment", "postmortems-web"))["spec"]
    [slept] = [int(web["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][1])]
    assert web["terminationGracePeriodSeconds"] > slept + gunicorn_settings()["graceful_timeout"]
    worker = pod(named("Deployment", "postmortems-worker"))["spec"]
    assert worker["terminationGracePeriodSeconds"] > http_server.WORKER_ENDS_WITHIN_S


@pytest.mark.parametrize("workload", WORKLOADS, ids=lambda one: one["metadata"]["name"])
def test_pods_have_no_rights_and_write_only_where_they_may(workload: dict[str, Any]) -> None:
    spec, one = pod(workload)["spec"], container(workload)
    assert spec["automountServiceAccountToken"] is False
    assert spec["securityContext"]["runAsNonRoot"] is True
    assert f"USER {spec['securityContext']['runAsUser']}" in FINAL_STAGE
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert one["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= one["resources"]["requests"].keys()
    assert "memory" in one["resources"]["limits"]
    # Every place to write is in memory, a folder that goes with the pod, or for what is to outlive it.
    mounts = {mount["name"] for mount in one["volumeMounts"]}
    assert mounts == {volume["name"] for volume in spec["volumes"]}
    kinds = {kind for volume in spec["volumes"] for kind in volume if kind != "name"}
    assert kinds <= {"emptyDir", *(["persistentVolumeClaim"] if workload["kind"] == "CronJob" else [])}


def test_settings_are_ours_and_secrets_stand_elsewhere() -> None:
    [plain] = of_kind("ConfigMap")
    assert plain["data"].keys() <= SETTINGS
    assert not [name for name in plain["data"] if "KEY" in name or "DATABASE" in name]
    assert all(isinstance(value, str) for value in plain["data"].values())
    Settings.from_env(plain["data"])
    assert of_kind("Secret") == []
    for workload in WORKLOADS:
        came = container(workload)["envFrom"]
        assert came == [{"configMapRef": {"name": "postmortems"}}, {"secretRef": {"name": "postmortems"}}]


def test_the_guide_makes_the_secret_that_is_missing() -> None:
    told = (ROOT / "docs/containers.md").read_text()
    assert "kubectl create secret generic postmortems" in told
    given = set(_given(told))
    assert given <= SETTINGS
    assert {PREFIX + name for name in ("DATABASE_URL", "SECRET_KEY", "SECRETS_KEY")} == given


def _given(text: str) -> Iterator[str]:
    for part in text.split("--from-literal=")[1:]:
        yield part.partition("=")[0]
