"""The application on a test's database: put together once, as that takes longer than most tests."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket

from postmortems.config import Settings
from postmortems.web import application

KEY = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
LOOPBACK = ("127.0.0.0/8",)


def app_on(database_url: str, **settings: Any) -> Flask:
    """The application on this database, with what it kept of an earlier one forgotten."""
    # A file of tests asks more often within a minute than anybody else would.
    ours = {"secret_key": "for tests", "limits_percent": 0}
    wanted = Settings(database_url=database_url, **{**ours, **settings})
    app = _assembled(replace(wanted, database_url=""))
    application.attach(app, wanted)
    return app


@cache
def _assembled(settings: Settings) -> Flask:
    app = application.assemble(settings)
    app.jinja_env.bytecode_cache = _templates
    return app


class _Compiled(BytecodeCache):
    """What one application has compiled serves the next: their settings differ, their templates do not."""

    def __init__(self) -> None:
        self.code: dict[tuple[str, str], Any] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.code[bucket.key, bucket.checksum] = bucket.code


_templates = _Compiled()
