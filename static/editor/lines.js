// The one line that a row shows until it is opened: kept true to its fields, and its Markdown toolbar, which is
// made when the row is opened, as hundreds of them would be slow to draw.

import * as names from "./names.js";

const LONGEST = 160;
const value = (row, name) => names.field(row, name)?.value.trim() ?? "";

function put(row, part, text) {
  const shown = row.querySelector(`:scope > .line > summary .line-${part}`);
  if (shown && shown.textContent !== text) shown.textContent = text;
}

const first = (text) => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);

const DRAW = {
  entry(row) {
    const when = value(row, "written");
    put(row, "when", when || "New entry");
    put(row, "kind", value(row, "kind"));
    put(row, "words", first(`${value(row, "title")} ${value(row, "text")}`.trim()));
    row.setAttribute("aria-label", `Timeline entry ${when || "new entry"}`);
  },
  item(row) {
    put(row, "when", value(row, "id") || "New item");
    put(row, "words", first(value(row, "text")));
    put(row, "owner", value(row, "owner"));
    put(row, "due", value(row, "due"));
    const status = names.field(row, "status");
    put(row, "status", status?.value ? status.selectedOptions[0].textContent : "");
  },
};

export const draw = (row) => DRAW[row?.dataset.type]?.(row);

export function equip(row) {
  for (const top of row.querySelectorAll(".markdown-top")) {
    if (top.querySelector("markdown-toolbar")) continue;
    const label = top.querySelector("label");
    const bar = document.getElementById("markdown-toolbar").content.firstElementChild.cloneNode(true);
    bar.setAttribute("for", label.htmlFor);
    bar.setAttribute("aria-label", "Format this text");
    label.after(bar);
  }
}

// `toggle` does not bubble, but it is captured.
export function install() {
  const start = names.form();
  start.addEventListener("input", (event) => draw(event.target.closest?.(".block")));
  start.addEventListener("toggle", (event) => event.target.matches("details.line[open]") && equip(event.target), { capture: true });
  for (const line of start.querySelectorAll("details.line[open]")) equip(line);
}
