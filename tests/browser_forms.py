"""What a browser would post of the main form of a page: without a script, as it stands."""

from __future__ import annotations

from html.parser import HTMLParser

Form = dict[str, str]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.values: Form = {}
        self._inside = False
        self._area = self._select = ""
        self._chosen = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = found.get("id") == "editor"
        if not self._inside:
            return
        name = found.get("name", "")
        if tag == "input" and name and name not in {"csrf_token", "written_by"}:
            self.values[name] = found.get("value", "")
        elif tag == "textarea":
            self._area, self.values[name] = name, ""
        elif tag == "select":
            self._select, self._chosen = name, False
        elif tag == "option" and self._select and not self._chosen:
            if "selected" in found or self._select not in self.values:
                self.values[self._select] = found.get("value", "")
            self._chosen = "selected" in found

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.values[self._area] += data

    def close(self) -> None:
        super().close()
        # The first line break of a text area is none of its text.
        self.values = {name: text.removeprefix("\n") for name, text in self.values.items()}


def form_of(html: str) -> Form:
    """The fields of the page's form and what they hold."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return reader.values
