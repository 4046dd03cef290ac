// The form in which postmortems are written, in the browser: its buttons, keys and marks. Without it, or before it
// is loaded, each button posts the form and the server does the same (`incidents/editor/form.py`).

import * as checklist from "./checklist.js";
import * as drag from "./drag.js";
import * as hints from "./hints.js";
import * as keys from "./keys.js";
import * as lines from "./lines.js";
import * as lists from "./lists.js";
import * as names from "./names.js";
import * as notes from "./notes.js";
import * as outline from "./outline.js";
import * as picks from "./picks.js";
import * as preview from "./preview.js";
import * as rows from "./rows.js";
import * as times from "./times.js";
import * as undo from "./undo.js";

const rowIn = (element) => element.closest(".block");
const sectionIn = (element) => element.closest("section.editing");
const subject = (button) => rowIn(button) ?? sectionIn(button);
const ADDED = { section: "Added a section", prose: "Added text", entry: "Added an entry", category: "Added a category", item: "Added an action item" };

function fresh(row, said = ADDED[row.dataset.type ?? "section"]) {
  names.changed(row);
  if (row.matches("section")) drag.install();
  lines.draw(row);
  lines.equip(row);
  rows.focus(row, true);
  undo.added([row], said);
}

function move(row, by) {
  const place = undo.place(row);
  if (!rows.move(row, by)) return;
  names.changed(row);
  const all = row.matches("section") ? names.sections() : names.blocks(sectionIn(row));
  undo.moved(place, `Moved to ${all.indexOf(row) + 1} of ${all.length}`);
}

function remove(row) {
  const next = row.nextElementSibling ?? row.previousElementSibling;
  const section = sectionIn(row);
  undo.remove(row);
  names.changed(section);
  if (next?.matches(".block, section.editing")) rows.focus(next);
  else (row === section ? names.form().querySelector("button[value=add-section]") : section.querySelector(".add-row button")).focus();
}

function say(text, look = "small") {
  document.querySelector("#savebar > .said")?.remove();
  const told = Object.assign(document.createElement("p"), { className: `said ${look}`, textContent: text });
  told.setAttribute("role", "status");
  document.getElementById("savebar").prepend(told);
}

// By the first word of a button's value; the second says of what.
const ACTS = {
  add(button, kind) {
    if (kind === "section") fresh(rows.addSection());
    else fresh(rows.add(sectionIn(button), kind, rowIn(button)));
  },
  copy: (button) => fresh(rows.copy(rowIn(button)), "Duplicated"),
  up: (button) => move(subject(button), -1),
  down: (button) => move(subject(button), 1),
  remove: (button) => remove(subject(button)),
  sort: (button) => times.sort(sectionIn(button), say),
  kind: (button) => hints.take(button),
};

function press(value) {
  names.form().requestSubmit(names.form().querySelector(`#savebar button[value=${value}]`));
}

const KEYS = {
  save: () => press("save"),
  publish: () => press(names.form().querySelector("#savebar button[value=publish]") ? "publish" : "save"),
  undo: () => undo.undo(),
  isUndoNext: undo.isNext,
  help: () => document.getElementById("keys").showModal(),
  preview: () => preview.toggle(),
  up: (row) => move(row, -1),
  down: (row) => move(row, 1),
  copy: (row) => row.matches(".block") && fresh(rows.copy(row), "Duplicated"),
  below: (row) => row.matches(".block") && fresh(rows.add(sectionIn(row), row.dataset.type, row)),
  remove: (row) => remove(row),
  before: (row) => keys.neighbour(row, -1)?.querySelector("summary").focus(),
  after: (row) => keys.neighbour(row, 1)?.querySelector("summary").focus(),
  close(row) {
    const line = row.querySelector(":scope > details.line");
    line.open = false;
    line.querySelector("summary").focus();
  },
};

document.addEventListener("input", hints.written);
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("#editor button");
    if (!button) return;
    if (button.getAttribute("formaction")?.startsWith("/preview?")) {
      event.preventDefault();
      preview.field(button);
      return;
    }
    const [verb, what] = button.name === "do" ? button.value.split("-") : [];
    if (verb === "paste" && what === "rows" && button !== sending) {
      event.preventDefault();
      event.stopImmediatePropagation();
      notes.take(sectionIn(button), say, () => send(button));
      return;
    }
    if (button.hasAttribute("hx-post") || !ACTS[verb]) {
      address(button);
      return;
    }
    event.preventDefault();
    ACTS[verb](button, what);
  },
  { capture: true },
);

// Pressed once more, for the server.
let sending = null;
function send(button) {
  sending = button;
  button.click();
  sending = null;
}

// What the server answers itself, it finds by place.
function address(button) {
  const row = rowIn(button);
  if (button.value.startsWith("paste-")) button.value = button.value.replace(/\d+$/, names.place(sectionIn(button)));
  if (button.name === "choose" && row) {
    const at = `sections.${names.place(sectionIn(row))}.blocks.${names.placeOf(row)}`;
    button.value = button.value.replace(/^sections\.\d+\.blocks\.\d+/, at);
  }
}

document.addEventListener("keydown", lists.goOn);
document.addEventListener("keydown", keys.press(KEYS));
document.addEventListener("input", (event) => {
  if (!event.target.closest?.("#editor")) return;
  // The server is asked for times where a time was typed, or where rows came, went or moved.
  times.refresh(event);
  outline.draw();
  preview.refresh();
  checklist.refresh(event);
});

function ready() {
  names.form().classList.add("scripted");
  // After going back, a browser fills fields by their names; rows that moved have other names in a new page.
  names.form().autocomplete = "off";
  names.count();
  undo.forget();
  lines.install();
  drag.install();
  outline.draw();
}

for (const hidden of document.querySelectorAll("[data-scripted]")) hidden.hidden = false;
document.getElementById("keys-switch").addEventListener("click", KEYS.help);
document.addEventListener("htmx:afterSwap", (event) => event.detail.target?.id === "editor" && ready());
outline.install();
checklist.install();
picks.install();
preview.install();
ready();
