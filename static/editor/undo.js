// What was done to rows can be undone: added, copied, moved, dragged, sorted, pasted, removed. What was removed stays in
// the form, unseen, under `removed.…`: a draft and a refused save carry it along, as they do without a script.

import * as names from "./names.js";
import { focus, tells } from "./rows.js";

const MOST = 20; // As many as the server keeps.
const LONGEST = 60;
const steps = [];
let isLast = false; // Nothing was typed since the last step.

const holder = () => names.form().querySelector(":scope > .removed");
const hidden = (name, value) => Object.assign(document.createElement("input"), { type: "hidden", name, value });

function words(row) {
  if (row.matches("section")) return names.field(row, "heading").value || "a section";
  const told = row.dataset.type === "item" ? ["id"] : [];
  const said = [...told, "written", "title", "heading", "text"].map((name) => names.field(row, name)?.value ?? "");
  const line = said.join(" ").split(/\s+/).filter(Boolean).join(" ");
  return line.length > LONGEST ? `${line.slice(0, LONGEST)}…` : line || "a row";
}

export function remove(row) {
  const [parent, after, said] = [row.parentElement, row.nextElementSibling, words(row)];
  if (!tells(row)) {
    row.remove();
    return;
  }
  const section = row.closest("section.editing");
  const at = row === section ? `${names.place(section)}` : `${names.place(section)}-${names.placeOf(row)}`;
  const box = document.createElement("div");
  const stem = `removed.${names.fresh()}`;
  box.append(hidden(`${stem}.at`, at));
  // A row stands there as its section with that row alone.
  for (const name of row === section ? [] : ["id", "heading"]) box.append(hidden(`${stem}.${name}`, names.field(section, name).value));
  holder().append(box);
  box.append(names.rename(row, row === section ? stem : `${stem}.blocks.0`));
  if (holder().children.length > MOST) holder().firstElementChild.remove();
  offer(
    `Removed: ${said}`,
    () => {
    const place = after?.parentElement === parent ? after : null;
    const home = parent.closest("section.editing");
    names.rename(row, home ? names.stemIn(home) : `sections.${names.fresh()}`);
    if (place || home) parent.insertBefore(row, place);
    else (names.sections().at(-1) ?? parent.querySelector(":scope > section")).after(row);
    box.remove();
    focus(row);
    return row;
    },
    `Put back: ${said}`,
  );
}

// `label` says what the button does, to who does not see what stands before it.
export function offer(said, back, label = `Undo: ${said}`) {
  steps.push({ said, back, label });
  isLast = true;
  show();
}

// Rows that came: they go again, and one that was written in since goes as if it were removed, so nothing is lost.
export function added(rows, said, also = () => {}) {
  const came = rows.map((row) => [row, held(row)]);
  offer(said, () => {
    const home = rows[0].closest("section.editing, #editor");
    for (const [row, was] of came) {
      if (!row.isConnected || row.closest(".removed")) continue;
      if (held(row) === was) row.remove();
      else remove(row);
    }
    also();
    return home ?? names.form();
  });
}
const held = (row) => [...row.querySelectorAll("[name]")].map((field) => `${field.checked ?? ""}${field.value}`).join("\n");

// Where a row stands, to bring it back there after it moved.
export function place(row) {
  return { row, parent: row.parentElement, before: row.previousElementSibling, after: row.nextElementSibling };
}

export function moved({ row, parent, before, after }, said) {
  offer(said, () => {
    if (!row.isConnected || row.closest(".removed")) return names.form();
    const home = parent.closest("section.editing");
    if (row.parentElement !== parent && home) names.rename(row, names.stemIn(home));
    if (before?.parentElement === parent) before.after(row);
    else if (after?.parentElement === parent) after.before(row);
    else parent.prepend(row);
    focus(row);
    return row;
  });
}

// In a field, too, the key means the row that went a moment ago, and the browser's own undo once somebody types.
export const isNext = () => isLast && steps.length > 0;
document.addEventListener("input", (event) => {
  if (event.isTrusted) isLast = false;
});

export function undo(step = steps.at(-1)) {
  if (!step) return false;
  steps.splice(steps.indexOf(step), 1);
  const count = steps.length;
  names.changed(step.back());
  if (steps.length === count) show(`Undone: ${step.said}`);
  return true;
}

// After the server has drawn the form anew, what was kept of the old one is in its own lists.
export function forget() {
  steps.length = 0;
}

function show(done = "") {
  document.querySelector("#savebar > .undo")?.remove();
  const step = steps.at(-1);
  if (!step && !done) return;
  const flash = Object.assign(document.createElement("div"), { className: "flash undo" });
  flash.setAttribute("role", "status");
  const inner = flash.appendChild(document.createElement("div"));
  inner.append(Object.assign(document.createElement("span"), { textContent: done || step.said }));
  if (step) inner.append(undoing(step, Boolean(done)));
  // Text that is gone matters more than a row that came: it can be put back whatever was done since.
  const gone = steps.findLast(isRemoval);
  if (gone && gone !== step) inner.append(Object.assign(document.createElement("span"), { textContent: gone.said }), undoing(gone));
  document.getElementById("savebar").prepend(flash);
}

const isRemoval = ({ said, label }) => said.startsWith("Removed") && label.startsWith("Put back");

function undoing(step, isNext = false) {
  const { label } = step;
  const word = label.startsWith("Put back") ? "Put back" : "Undo";
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button little" });
  button.textContent = isNext ? `${word} the step before` : word;
  button.setAttribute("aria-label", label);
  button.addEventListener("click", () => undo(step));
  return button;
}
