// What others save appears in the open form, where its writer has typed nothing; what both changed is theirs to
// choose, change by change. The form's version moves on once nothing of the others' is left out.

import * as choice from "./choice.js";
import * as drag from "./drag.js";
import * as lines from "./lines.js";
import * as names from "./names.js";
import * as outline from "./outline.js";
import * as rows from "./rows.js";
import { ask } from "./server.js";

const SHOWN_MS = 6000;
const LISTS = new Set(["guards"]);
let isAsking = false;
let isComposing = false;
let newest = 0; // The version that there is by now.
let asked = ""; // The form and version that were compared last, with nothing left to put in.

const version = () => names.form().elements.version;
const all = () => new Map(names.sections().map((section, s) => [`${s}`, { row: section, rows: names.blocks(section) }]));

// By key, the rows of the page as they are sent now.
function standing(places, page) {
  const found = new Map();
  for (const [key, [s, b]] of Object.entries(places)) {
    const section = page.get(`${s}`);
    const row = b === undefined ? section?.row : section?.rows[b];
    if (row) found.set(key, row);
  }
  return found;
}

const fieldOf = (row, name) => (row ? names.field(row, name) : names.form().elements[name]);

// Where the cursor stood in the text before, in the text after.
function carried(at, before, after) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < Math.min(before.length, after.length) - start && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  if (at <= start) return at;
  if (at >= before.length - end) return at + after.length - before.length;
  return Math.min(at, after.length - end);
}

export function write(field, text) {
  if (!field) return;
  const before = field.value;
  if (before === text) return;
  const isHere = document.activeElement === field && field.selectionStart !== null && field.selectionStart !== undefined;
  const [from, to, top] = isHere ? [field.selectionStart, field.selectionEnd, field.scrollTop] : [];
  field.value = text;
  if (!isHere) return;
  field.setSelectionRange(carried(from, before, text), carried(to, before, text));
  field.scrollTop = top;
}

function writeList(row, name, text) {
  const wanted = new Set(text.split("\n").filter(Boolean));
  for (const box of row.querySelectorAll(`[name="${row.dataset.stem}.${name}[]"]`)) {
    box.checked = wanted.delete(box.value.split(/[\s(]/)[0]);
  }
  write(names.field(row, `other_${name}`), [...wanted].join(", "));
}

function writeExtra(text) {
  const form = names.form();
  for (const field of form.querySelectorAll("input[name^='extra.']")) field.remove();
  text.split("\n").filter(Boolean).forEach((line, at) => {
    const cut = line.indexOf(": ");
    for (const [name, value] of [["key", line.slice(0, cut)], ["value", line.slice(cut + 2)]])
      form.prepend(Object.assign(document.createElement("input"), { type: "hidden", name: `extra.${at}.${name}`, value }));
  });
}

function put(row, name, text) {
  if (!row && name === "extra") writeExtra(text);
  else if (LISTS.has(name)) writeList(row, name, text);
  else write(fieldOf(row, name), text);
}

function mark(element, by) {
  const box = element?.closest(".field") ?? element;
  if (!box?.isConnected) return;
  box.classList.add("from-others");
  box.dataset.by = `changed by ${by}`;
  setTimeout(() => box.classList.remove("from-others"), SHOWN_MS);
}

// A field that was typed in since it was sent is left for the next time.
function sets(answer, found, sent) {
  let isWhole = true;
  for (const [key, name, , text] of answer.sets) {
    const row = key ? found.get(key) : null;
    const field = name === "extra" ? null : LISTS.has(name) ? names.field(row, `other_${name}`) : fieldOf(row, name);
    const isMoving = field && (field.value !== sent.get(field) || (isComposing && field === document.activeElement));
    if ((key && !row) || (name !== "extra" && !field) || isMoving) {
      isWhole = false;
      continue;
    }
    put(row, name, text);
    if (row) lines.draw(row.matches(".block") ? row : null);
    if (!row && name === "status") rename(text);
    mark(field, answer.by);
  }
  return isWhole;
}

// What the button does is what it says: others have published it, or taken it back.
function rename(status) {
  const button = document.querySelector("#savebar button[value=save]");
  button.lastChild.textContent = status === "published" ? "Save" : "Save draft";
}

export function made(part, home) {
  const row = part.type === "section" ? bareSection() : rows.add(home, part.type);
  names.field(row, "id").value = part.key;
  for (const [name, text] of Object.entries(part.fields)) put(row, name, text);
  row.querySelector("[autofocus]")?.removeAttribute("autofocus");
  const line = row.querySelector(":scope > details.line");
  if (line) line.open = false;
  lines.draw(row);
  return row;
}
function bareSection() {
  const section = rows.addSection();
  names.listOf(section).replaceChildren();
  return section;
}

function add(answer, found) {
  for (const part of answer.added) {
    const home = part.type === "section" ? null : found.get(part.home);
    if (part.type !== "section" && !home) return false;
    found.set(part.key, made(part, home));
    mark(found.get(part.key), answer.by);
  }
  return true;
}

function remove(answer, found, sent) {
  let isWhole = true;
  // Rows before the sections that they stand in.
  for (const key of [...answer.removed].sort((one, other) => found.get(other)?.matches(".block") - found.get(one)?.matches(".block"))) {
    const row = found.get(key);
    const fields = [...(row?.querySelectorAll("[name]") ?? [])];
    const isTyped = fields.some((field) => sent.has(field) && field.value !== sent.get(field));
    const isFuller = row?.matches("section") && names.blocks(row).some(rows.tells);
    if (!row || isTyped || isFuller || row.contains(document.activeElement)) isWhole = false;
    else row.remove();
  }
  return isWhole;
}

// Rows that stand right are not touched, so that the cursor stays.
function order(list, wanted) {
  const focused = document.activeElement;
  const selection = focused?.selectionStart;
  let before = null;
  for (const row of wanted) {
    const isRight = row.parentElement === list && (!before || before.compareDocumentPosition(row) & Node.DOCUMENT_POSITION_FOLLOWING);
    if (!isRight) {
      if (row.matches(".block") && row.parentElement !== list) names.rename(row, names.stemIn(list.closest("section.editing")));
      if (before) before.after(row);
      else list.prepend(row);
    }
    before = row;
  }
  if (document.activeElement !== focused && focused.isConnected) {
    focused.focus({ preventScroll: true });
    if (typeof selection === "number") focused.setSelectionRange?.(selection, selection);
  }
}

function arrange(layout, found) {
  const sections = layout.map(([key]) => found.get(key)).filter((row) => row?.isConnected);
  let before = null;
  for (const section of sections) {
    if (before && !(before.compareDocumentPosition(section) & Node.DOCUMENT_POSITION_FOLLOWING)) before.after(section);
    before = section;
  }
  for (const [key, keys] of layout) {
    const section = found.get(key);
    if (section?.isConnected) order(names.listOf(section), keys.map((one) => found.get(one)).filter((row) => row?.isConnected));
  }
}

const values = () => new Map([...names.form().querySelectorAll("[name]")].map((field) => [field, field.value]));
const text = () => new URLSearchParams([...new FormData(names.form())].filter(([, value]) => typeof value === "string")).toString();

function again() {
  asked = "";
  setTimeout(compare);
}

async function compare() {
  const state = `${newest} ${text()}`;
  if (isAsking || state === asked || Number(version().value) >= newest) return;
  isAsking = true;
  try {
    const [page, sent, form] = [all(), values(), names.form()];
    const answer = await (await ask("/write/changes", AbortSignal.timeout(20000))).json();
    if (names.form() === form) take(answer, standing(answer.places, page), sent);
  } catch {
    // Asked again after the next look; a save brings both together all the same.
  } finally {
    isAsking = false;
  }
}

function take(answer, found, sent) {
  // What was removed since it was sent is no row of the form any more.
  for (const [key, row] of found) if (!row.isConnected || row.closest(".removed")) found.delete(key);
  const inTime = [sets(answer, found, sent), remove(answer, found, sent), add(answer, found)];
  if (answer.layout) arrange(answer.layout, found);
  drag.install();
  outline.draw();
  const isChosen = choice.show(answer, found, { write, put, made, again });
  const isWhole = inTime.every(Boolean) && isChosen;
  const isUntouched = answer.is_untouched && isWhole;
  if (isWhole) {
    version().value = String(answer.version);
    choice.forget();
  }
  asked = inTime.every(Boolean) && !isWhole ? `${answer.version} ${text()}` : "";
  document.dispatchEvent(new CustomEvent("together", { detail: { isUntouched } }));
}

document.addEventListener("compositionstart", () => (isComposing = true));
document.addEventListener("compositionend", () => (isComposing = false));
document.addEventListener("presence", ({ detail }) => {
  newest = detail.version;
  compare();
});
