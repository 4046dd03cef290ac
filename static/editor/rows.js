// Rows and sections of the form: added, copied, moved, sorted. Each costs the same among 300 rows as among 10.

import * as names from "./names.js";

const KEPT_OF_A_FIELD = ["value", "checked"];

function blank(kind) {
  return document.getElementById(`blank-${kind}`).content.firstElementChild.cloneNode(true);
}

export function add(section, kind, after = null) {
  const row = names.rename(blank(kind), names.stemIn(section));
  if (after) after.after(row);
  else names.listOf(section).append(row);
  return row;
}

export function addSection() {
  const section = names.rename(blank("section"), `sections.${names.fresh()}`);
  const others = names.sections();
  if (others.length > 0) others.at(-1).after(section);
  else names.form().querySelector(":scope > section").after(section);
  const text = add(section, "prose");
  text.querySelector("[autofocus]")?.removeAttribute("autofocus");
  return section;
}

// What somebody typed is not part of the markup that is cloned.
export function copy(row) {
  const twin = row.cloneNode(true);
  const fields = [...row.querySelectorAll("[name]")];
  [...twin.querySelectorAll("[name]")].forEach((field, at) => {
    for (const property of KEPT_OF_A_FIELD) if (property in field) field[property] = fields[at][property];
  });
  // It is a row of its own, and gets an id of its own when it is saved.
  for (const field of twin.querySelectorAll("input[type=hidden]")) if (field.name.endsWith(".id")) field.value = "";
  names.rename(twin, names.stemIn(row.closest("section.editing")));
  twin.querySelector(".preview")?.replaceChildren();
  row.after(twin);
  return twin;
}

// The neighbour goes past it, so that the cursor stays where it is.
export function move(row, by) {
  const neighbour = by < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!neighbour?.matches(row.matches("section") ? "section.editing" : ".block")) return false;
  if (by < 0) row.after(neighbour);
  else row.before(neighbour);
  row.scrollIntoView({ block: "nearest" });
  return true;
}

// Earliest first; a row without a time stays behind the row before it, and equal times keep their order.
export function byTime(rows, times) {
  const lead = [];
  const runs = [];
  rows.forEach((row, at) => {
    if (times[at]) runs.push([times[at], [row]]);
    else (runs.at(-1)?.[1] ?? lead).push(row);
  });
  runs.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0));
  return [...lead, ...runs.flatMap(([, run]) => run)];
}

const TELLING = { prose: ["text"], entry: ["written", "title", "text"], category: ["heading"], item: ["text", "id"] };

// Whether anything would be lost with it.
export function tells(row) {
  if (row.matches("section")) return pasted(row) || names.blocks(row).some(tells);
  return TELLING[row.dataset.type].some((name) => names.field(row, name)?.value.trim());
}
const pasted = (section) => Boolean(names.field(section, "paste")?.value.trim());

export function open(row) {
  const line = row.querySelector(":scope > details.line");
  if (line) line.open = true;
}

// A new row takes the cursor where one begins to write; one that moved or came back, where one goes on from it.
export function focus(row, isNew = false) {
  const line = row.querySelector(":scope > details.line");
  if (isNew) open(row);
  const summary = line && !line.open ? line.querySelector("summary") : null;
  const field = summary ?? row.querySelector("[autofocus]") ?? row.querySelector("input:not([type=hidden]), textarea");
  for (const asks of row.querySelectorAll("[autofocus]")) asks.removeAttribute("autofocus");
  field?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}
