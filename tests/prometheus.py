"""A Prometheus of its own for the tests, from Debian's package, with numbers that a test decides."""

from __future__ import annotations

import json
import shutil
import struct
import subprocess
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tests.loopback import Asked, Reply, answering
from tests.ports import free_port

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
- {{job_name: tests, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}
- {{job_name: natives, metrics_path: /natives, static_configs: [{{targets: ['127.0.0.1:{port}']}}]}}
"""
METRICS = b"""# TYPE core_nodes gauge
core_nodes{pool="core"} 3
core_nodes{pool="users"} 1
# TYPE broken gauge
broken NaN
infinite +Inf
"""
# One native histogram, `durations`, with 3 observations; those are told in protobuf only.
PROTOBUF = "application/vnd.google.protobuf; proto=io.prometheus.client.MetricFamily; encoding=delimited"
_BUCKETS = (
    b"\x08\x03\x11" + struct.pack("<d", 3.5) + b"\x28\x00\x31" + struct.pack("<d", 0.001) + b"\x38\x00"
    b"\x62\x04\x08\x00\x10\x01\x6a\x01\x06"
)
_METRIC = b"\x3a" + bytes([len(_BUCKETS)]) + _BUCKETS
_FAMILY = b"\x0a\x09durations\x18\x04\x22" + bytes([len(_METRIC)]) + _METRIC
NATIVES = bytes([len(_FAMILY)]) + _FAMILY
STARTS_WITHIN_S = 60


def why_missing() -> str | None:
    if shutil.which("prometheus"):
        return None
    return "No Prometheus was found: install the package prometheus."


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of a Prometheus that has scraped `METRICS` at least four times."""
    with (
        answering(_exported) as exporter,
        scraping(folder, CONFIG.format(port=exporter.port)) as url,
    ):
        wait_for(url, "count_over_time(core_nodes[1m]) >= 4 and on () durations")
        yield url


@contextmanager
def scraping(folder: Path, config: str) -> Iterator[str]:
    """The address of a Prometheus with this configuration."""
    path = folder / "prometheus.yml"
    path.write_text(config)
    url = f"http://127.0.0.1:{free_port()}"
    command = [
        "prometheus",
        f"--config.file={path}",
        f"--storage.tsdb.path={folder / 'data'}",
        "--enable-feature=native-histograms",
        f"--web.listen-address={url.removeprefix('http://')}",
    ]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            yield url
        finally:
            server.terminate()


def _exported(asked: Asked) -> Reply:
    if asked.path.startswith("/natives"):
        return 200, {"Content-Type": PROTOBUF}, NATIVES
    return 200, {"Content-Type": "text/plain"}, METRICS


def wait_for(url: str, query: str) -> list[Any]:
    """What the query finds, as soon as that is something. Raises `TimeoutError`."""
    ends, pause = time.monotonic() + STARTS_WITHIN_S, threading.Event()
    while time.monotonic() < ends:
        try:
            with urllib.request.urlopen(f"{url}/api/v1/query?query={quote(query)}", timeout=5) as answer:
                if found := json.load(answer)["data"]["result"]:
                    return list(found)
        except OSError:
            pass
        pause.wait(0.1)
    raise TimeoutError("Prometheus did not come up")
