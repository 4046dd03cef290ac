"""What a user of the Python client does with a live server: `python driven.py URL TOKEN FOLDER`.

Also run where nothing but the client is installed, so it imports nothing else.
"""

from __future__ import annotations

import asyncio
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import httpx
from postmortems_client import AsyncClient, Client, File, Text, calls, errors

REPORT = "# Full disk {number}\n\n**Date:** 2024-05-0{number}\n\n## Action items\n\n- Watch it. Owner: @ada\n"
GOOD = "sha256:" + "a" * 64


def drive(url: str, token: str) -> dict[str, Any]:
    """What was seen on the way, by a word for each step."""
    # A transport of one's own asks no proxy for the loopback address.
    with Client(url, token, transport=httpx.HTTPTransport()) as client:
        return {
            "incident": _incident(client),
            "imported": _import(client),
            "paged": _pages(client),
            "item": _item(client),
            "gate": _gate(client),
            "exported": _export(client),
            "refused": _refused(client),
            "together": asyncio.run(_together(url, token)),
        }


def _incident(client: Client) -> list[Any]:
    made = client.send(
        calls.incidents.create({"title": "It fell", "date": "2026-02-01", "services": ["data8"]})
    )
    written = client.send(
        calls.incidents.create(Text("# Written\n\n**Date:** 2026-02-02\n"), name="written.md")
    )
    before = client.fetch(calls.incidents.show(made["slug"]))
    edit = calls.incidents.replace(made["slug"], {"title": "It fell hard", "date": "2026-02-01"})
    after = client.fetch(edit, if_match=before.etag)
    other = calls.incidents.replace(made["slug"], {"title": "It fell softly", "date": "2026-02-01"})
    try:
        client.send(other, if_match=before.etag)
    except errors.Changed as changed:
        return [made["slug"], written["title"], after.value["title"], changed.status, changed.version]
    return ["an edit of an older version was taken"]


def _import(client: Client) -> list[Any]:
    files = [File(REPORT.format(number=number), f"full-disk-{number}.md") for number in range(1, 6)]
    run = client.send(calls.imports.create([*files, File("data8", field="service")]))
    again = client.send(calls.imports.create(files))
    return [run["waiting"], run["results"], again["results"]]


def _pages(client: Client) -> list[Any]:
    by_two = [each["title"] for each in client.each(calls.incidents.index(limit=2))]
    return [by_two, [each["id"] for each in client.each(calls.action_items.index(limit=2))]]


def _item(client: Client) -> list[Any]:
    first = next(client.each(calls.action_items.index()))
    read = client.fetch(calls.action_items.show(first["id"]))
    edited = client.fetch(calls.action_items.edit(first["id"], {"owner": "ben"}), if_match=read.etag)
    try:
        client.send(calls.action_items.edit(first["id"], {"owner": "cy"}), if_match=read.etag)
    except errors.Changed as changed:
        return [edited.value["owner"], changed.status]
    return ["an edit of an older version was taken"]


def _gate(client: Client) -> list[Any]:
    asked = client.send(
        calls.gate.ask(
            {
                "service": "data8",
                "target": "prod",
                "declared_target": "data8/prod",
                "artifact": {"digest": GOOD},
                "dry_run": True,
            },
            idempotency_key="once",
        )
    )
    return [asked["decision"]]


def _export(client: Client) -> list[Any]:
    zipped = client.download(calls.incidents.index(format="zip", drafts=True))
    names = zipfile.ZipFile(io.BytesIO(zipped)).namelist()
    csv = client.download(calls.action_items.index(format="csv")).decode()
    return [len(names), len(csv.splitlines())]


def _refused(client: Client) -> list[Any]:
    told = []
    for call in (
        calls.incidents.show("nothing"),
        calls.incidents.create({"title": "", "date": "yesterday"}),
        calls.action_items.index(limit=0),
    ):
        try:
            client.send(call)
        except errors.Refused as refused:
            told.append([type(refused).__name__, sorted(wrong.pointer for wrong in refused.errors)])
    return told


async def _together(url: str, token: str) -> list[Any]:
    async with AsyncClient(url, token, transport=httpx.AsyncHTTPTransport()) as client:
        rows = [each["slug"] async for each in client.each(calls.incidents.index(limit=3))]
        shown = await asyncio.gather(*(client.send(calls.incidents.show(slug)) for slug in rows[:3]))
        return [len(rows), [each["slug"] for each in shown] == rows[:3]]


if __name__ == "__main__":
    import json

    address, secret, place = sys.argv[1:]
    Path(place).write_text(json.dumps(drive(address, secret)))
