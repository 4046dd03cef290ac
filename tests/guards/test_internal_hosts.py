"""Hosts in the configurations of guards, wherever in them."""

from __future__ import annotations

from typing import Any

import pytest

from postmortems.guards import internal_hosts


@pytest.mark.parametrize(
    "config, hosts",
    [
        ({"url": "https://Grafana.example.com:3000/d/1"}, {"grafana.example.com"}),
        ({"url": "http://user@[fd00::1]/x", "expect": 200}, {"fd00::1"}),
        ({"host": "db.example.com:5432"}, {"db.example.com"}),
        ({"hosts": ["a.example.com", "b.example.com"]}, {"a.example.com", "b.example.com"}),
        ({"query": {"server": "prometheus.example.com."}}, set()),
        ({"deep": [{"url": "wss://x.example.com"}]}, {"x.example.com"}),
        ({"body": "see a.example.com", "ratio": 0.5, "on": True, "none": None}, set()),
        ({}, set()),
    ],
)
def test_a_configuration_names_its_hosts(config: dict[str, Any], hosts: set[str]) -> None:
    assert set(internal_hosts.of(config)) == hosts
