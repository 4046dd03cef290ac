"""The reference: a bare Flask application, no more than the work itself, on the same database and server."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from flask import Flask, abort, render_template_string, request
from sqlalchemy import Engine, text

from postmortems.config import Settings
from postmortems.db import session as db

TABLES = (
    "CREATE TABLE bench_tokens (hash VARCHAR(64) PRIMARY KEY, name VARCHAR(100) NOT NULL)",
    "CREATE TABLE bench_rows (id VARCHAR(40) PRIMARY KEY, token VARCHAR(100) NOT NULL, body TEXT NOT NULL)",
)
TOKEN = "bench"
PAGE = (
    "<!doctype html><title>{{ title }}</title><h1>{{ title }}</h1>"
    "<ul>{% for row in rows %}<li>{{ row.time }} <b>{{ row.kind }}</b> {{ row.text }}</li>{% endfor %}</ul>"
)
ROWS_OF_A_PAGE = 13

# What the report's first figures need, in one pass: the least that anybody would have to ask.
FIGURES = """
SELECT a.owner, i.severity, count(*) AS open_items,
       sum(CASE WHEN a.due < :today THEN 1 ELSE 0 END) AS overdue, min(a.opened_at) AS oldest
FROM action_items a JOIN incidents i ON i.id = a.incident_id
WHERE a.kind = 'process' AND a.status IN ('open', 'in_progress')
GROUP BY a.owner, i.severity
"""

# A page of the list, by what it shows.
LIST = """
SELECT a.number, a.text, a.owner, a.due, a.status, a.kind, i.slug, i.title
FROM action_items a JOIN incidents i ON i.id = a.incident_id
WHERE {} ORDER BY a.due, a.number LIMIT 50
"""
OPEN = "a.status IN ('open', 'in_progress')"
WHERES = {
    "unclosed": "a.status IN ('proposed', 'open', 'in_progress')",
    "all": "1 = 1",
    "owner": f"a.owner_key = 'owner3' AND {OPEN}",
    "process": f"a.kind = 'process' AND {OPEN}",
    "overdue": f"a.due < '2025-07-01' AND {OPEN}",
    "unowned": f"a.owner = '' AND {OPEN}",
    "closed": "a.status IN ('done', 'wont_do')",
    "service": "EXISTS (SELECT 1 FROM affected s WHERE s.incident_id = i.id AND s.service = 'bench')"
    f" AND {OPEN}",
}
LIST_PAGE = (
    "<!doctype html><title>Items</title><table>{% for row in rows %}<tr>{% for cell in row %}"
    "<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)
# The index itself, best first as we say it: the newest; with pieces of the text that the database makes.
SEARCH = {
    "sqlite": """
SELECT e.ref, e.title, snippet(search_index, 0, '<mark>', '</mark>', '…', 24)
FROM search_index JOIN search_entries e ON e.id = search_index.rowid
WHERE search_index MATCH :query ORDER BY search_index.rowid DESC LIMIT 20
""",
    "postgresql": """
SELECT ref, title, ts_headline('simple', shown, CAST(:query AS tsquery)) FROM (
    SELECT ref, title, shown FROM search_entries WHERE words @@ CAST(:query AS tsquery)
    ORDER BY id DESC LIMIT 20
) AS found
""",
}


def match(words: list[str], dialect: str) -> str:
    """A query for a word, or for a phrase, in the language of the database."""
    return '"' + " ".join(words) + '"' if dialect == "sqlite" else " <-> ".join(f"'{word}'" for word in words)


def prepare(engine: Engine) -> None:
    """The tables of the reference, with one token."""
    with engine.begin() as connection:
        for statement in TABLES:
            connection.execute(text(statement))
        connection.execute(
            text("INSERT INTO bench_tokens (hash, name) VALUES (:hash, :name)"),
            {"hash": hashlib.sha256(TOKEN.encode()).hexdigest(), "name": "bench"},
        )


def create() -> Flask:
    """`gunicorn "tests.bench.bare:create()"`."""
    app = Flask(__name__)
    engine = db.make_engine(Settings.from_env().database_url)
    reader = engine.execution_options(reads_only=True)

    @app.post("/decide")
    def decide() -> dict[str, Any]:
        secret = request.headers["Authorization"].removeprefix("Bearer ")
        asked = request.get_json()
        with engine.begin() as connection:
            found = connection.execute(
                text("SELECT name FROM bench_tokens WHERE hash = :hash"),
                {"hash": hashlib.sha256(secret.encode()).hexdigest()},
            ).scalar()
            if found is None:
                abort(401)
            connection.execute(
                text("INSERT INTO bench_rows (id, token, body) VALUES (:id, :token, :body)"),
                {"id": asked["key"], "token": found, "body": json.dumps(asked)},
            )
        return {"id": asked["key"], "decision": "allow"}

    @app.post("/json")
    def answer() -> dict[str, Any]:
        return {"id": request.get_json()["key"], "decision": "allow"}

    @app.post("/change")
    def change() -> dict[str, Any]:
        asked = request.get_json()
        with engine.begin() as connection:
            connection.execute(
                text("INSERT INTO bench_rows (id, token, body) VALUES (:id, 'bench', :body)"),
                {"id": asked["key"], "body": json.dumps(asked)},
            )
            connection.execute(
                text("UPDATE bench_rows SET body = 'changed' WHERE id = :id"), {"id": asked["key"]}
            )
        return {"id": asked["key"], "decision": "allow"}

    @app.get("/page")
    def page() -> str:
        share = "x" * (int(request.args["bytes"]) // ROWS_OF_A_PAGE)
        rows = [{"time": "15:30", "kind": "change", "text": share} for _ in range(ROWS_OF_A_PAGE)]
        return render_template_string(PAGE, title="An incident", rows=rows)

    @app.get("/figures")
    def figures() -> list[dict[str, Any]]:
        with reader.connect() as connection:
            found = connection.execute(text(FIGURES), {"today": "2026-01-01"}).mappings().all()
        return [{name: str(value) for name, value in row.items()} for row in found]

    @app.get("/list")
    def listed() -> str:
        with reader.connect() as connection:
            found = connection.execute(text(LIST.format(WHERES[request.args["where"]]))).all()
        return render_template_string(LIST_PAGE, rows=found)

    @app.get("/search")
    def search() -> str:
        query = match(request.args["words"].split(), engine.dialect.name)
        with reader.connect() as connection:
            found = connection.execute(text(SEARCH[engine.dialect.name]), {"query": query}).all()
        return render_template_string(LIST_PAGE, rows=found)

    return app
