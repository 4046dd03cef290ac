"""The systems that incidents are published to, by name."""

from __future__ import annotations

from postmortems.exchange.publishing import confluence, issues

KINDS = {kind.name: kind for kind in (confluence.KIND, issues.GITHUB, issues.GITLAB)}
