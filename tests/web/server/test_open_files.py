"""A server takes as many files as it may, and no more connections than fit beside all else."""

from __future__ import annotations

import resource

import pytest

from postmortems.web.server import open_files

ENDLESS = resource.RLIM_INFINITY
# What the system gives at first and at most; what is taken of it, and how many of 1,000 connections fit.
LIMITS = {
    "enough at first": (20_000, 20_000, 20_000, 1_000),
    "more to be had": (1_024, 524_288, 1_400, 1_000),
    "more to be had, without end": (1_024, ENDLESS, 1_400, 1_000),
    "no end": (ENDLESS, ENDLESS, ENDLESS, 1_000),
    "some more to be had": (256, 900, 900, 500),
    "no more to be had": (1_024, 1_024, 1_024, 624),
    "hardly any": (64, 128, 128, 100),
}


@pytest.mark.parametrize("soft, hard, taken, fit", LIMITS.values(), ids=list(LIMITS))
def test_as_many_connections_as_fit(
    soft: int, hard: int, taken: int, fit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = [(soft, hard)]
    monkeypatch.setattr(resource, "getrlimit", lambda _: limits[-1])
    monkeypatch.setattr(resource, "setrlimit", lambda _, given: limits.append(given))

    assert open_files.room_for(1_000) == fit
    assert limits[-1] == (taken, hard)
