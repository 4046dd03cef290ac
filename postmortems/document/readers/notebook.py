"""Reads a Jupyter notebook as Markdown: text as it is, code fenced, output left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from postmortems.document.text import joined, lines_of
from postmortems.errors import Invalid

LANGUAGE = re.compile(r"[\w+#.-]{1,40}")


def to_markdown(text: str) -> str:
    """The cells of a notebook (`.ipynb`), a blank line between them. Raises `Invalid` where it is none."""
    try:
        notebook = json.loads(text)
    except json.JSONDecodeError as error:
        raise Invalid(f"{error.lineno}: this is no notebook: {error.msg}") from error
    except (RecursionError, ValueError) as error:
        raise Invalid(
            "1: this is no notebook: it is nested too deep, or holds a number without end"
        ) from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise Invalid("1: this is no notebook: it has no list of cells (version 4 has one)")
    return "\n\n".join(filter(None, _shown(cells, _language(notebook)))) + "\n"


def _language(notebook: dict[str, object]) -> str:
    """The language of the code, as the notebook's metadata say."""
    metadata = notebook.get("metadata")
    info = metadata.get("language_info") if isinstance(metadata, dict) else None
    name = info.get("name") if isinstance(info, dict) else None
    return name if isinstance(name, str) and LANGUAGE.fullmatch(name) else ""


def _shown(cells: list[object], language: str) -> Iterator[str]:
    for cell in cells:
        if not isinstance(cell, dict):
            continue
        source = cell.get("source", "")
        lines = [str(line) for line in source] if isinstance(source, list) else [str(source)]
        text = joined(lines_of("".join(lines).replace("\0", "")))
        is_code = cell.get("cell_type") == "code" and text
        yield _fenced(text, language) if is_code else text


def _fenced(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"
