// `@` and `#` in a text offer people and incidents while one types, and below the text stands who of the people in it
// will not be told. A list beside a text field, as the ARIA practices describe it
// (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/): the field keeps the cursor, and nothing is taken unasked.

import { caretBottom } from "./caret.js";

const FIELDS = ".markdown-field textarea, textarea[name=text], textarea[name=suggestion]";
const AFTER_MS = 120;
const CHECK_AFTER_MS = 400;
// What stands before the cursor: a sign at the beginning of a word, and what was typed behind it.
const TOKEN = /(?:^|[\s([{<"'“‘«„*_~>,;:—–/-])([@#])([\p{L}\p{M}\p{N}._+@-]*)$/u;
const list = Object.assign(document.createElement("ul"), { id: "mention-picks", className: "picks", hidden: true });
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "Suggestions");
const said = Object.assign(document.createElement("span"), { className: "quietly" });
said.setAttribute("role", "status");
let field = null; // Whose list it is.
let later = 0;
let asked = 0;
const checks = new WeakMap();

const isText = (target) => target.matches?.(FIELDS) ?? false;
const active = () => list.querySelector("[aria-selected=true]");
const slug = () => {
  const [, place, name] = location.pathname.split("/");
  return place === "incidents" && name !== "new" ? decodeURIComponent(name ?? "") : "";
};

// Where the mention begins that the cursor is at the end of; null for none. A line of `#` alone begins a heading.
function token(area) {
  const at = area.selectionStart;
  if (at !== area.selectionEnd) return null;
  const begin = area.value.lastIndexOf("\n", at - 1) + 1;
  const line = area.value.slice(begin, at);
  const found = line.match(TOKEN);
  if (!found || /^\s*#+$/.test(line)) return null;
  const [, sign, typed] = found;
  return { sign, typed, from: at - typed.length - 1, to: at };
}

async function look(area) {
  const wanted = token(area);
  if (!wanted) return close();
  const number = (asked += 1);
  const query = new URLSearchParams({ sign: wanted.sign, q: wanted.typed });
  const answer = await fetch(`/mentions/choices?${query}`).catch(() => null);
  const { picks } = answer?.ok ? await answer.json() : { picks: [] };
  if (number !== asked || document.activeElement !== area) return;
  show(area, picks);
}

function show(area, picks) {
  const drawn = picks.map(({ value, label }, at) => {
    const option = Object.assign(document.createElement("li"), { id: `mention-${at}` });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
    option.dataset.value = value;
    option.append(Object.assign(document.createElement("span"), { textContent: value }));
    if (label) option.append(" ", Object.assign(document.createElement("span"), { className: "mute", textContent: label }));
    return option;
  });
  if (drawn.length === 0) return close();
  list.replaceChildren(...drawn);
  area.after(list, said);
  list.hidden = false;
  list.style.top = `${area.offsetTop + caretBottom(area)}px`;
  field = area;
  area.setAttribute("aria-controls", list.id);
  area.setAttribute("aria-haspopup", "listbox");
  area.removeAttribute("aria-activedescendant");
  said.textContent = drawn.length === 1 ? "1 suggestion" : `${drawn.length} suggestions`;
}

function close() {
  clearTimeout(later);
  asked += 1;
  for (const name of ["aria-controls", "aria-haspopup", "aria-activedescendant"]) field?.removeAttribute(name);
  list.hidden = true;
  list.replaceChildren();
  said.textContent = "";
  field = null;
}

function step(by) {
  const all = [...list.children];
  const at = all.indexOf(active());
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length];
  active()?.setAttribute("aria-selected", "false");
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", next.id);
}

// `insertText` keeps the browser's own undo.
function choose(option) {
  const area = field;
  const wanted = token(area);
  close();
  if (!wanted) return;
  area.focus();
  area.setSelectionRange(wanted.from, wanted.to);
  document.execCommand("insertText", false, `${option.dataset.value} `);
}

// Before the keys of the editor and of lists in a text.
function onKey(event) {
  if (list.hidden || event.target !== field || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter" && active()) choose(active());
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

// Below the text, whom it will not be told.
async function check(area) {
  const form = area.closest("form");
  if (!area.value.includes("@")) return tell(area, []);
  const body = new FormData();
  body.set("text", area.value);
  body.set("incident", slug());
  const restricted = form?.elements.namedItem("restricted");
  if (restricted) body.set("restricted", restricted.value);
  const headers = { "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
  const answer = await fetch("/mentions/untold", { method: "POST", headers, body }).catch(() => null);
  if (answer?.ok) tell(area, (await answer.json()).untold);
}

function tell(area, untold) {
  const id = `${area.id || area.name}-untold`;
  let line = document.getElementById(id);
  if (untold.length === 0) return line?.replaceChildren();
  if (!line) {
    line = Object.assign(document.createElement("p"), { id, className: "help untold" });
    line.setAttribute("role", "status");
    area.after(line);
  }
  line.textContent = untold.map(({ text }) => `${text}.`).join(" ");
}

function checkSoon(area) {
  clearTimeout(checks.get(area));
  checks.set(area, setTimeout(() => check(area), CHECK_AFTER_MS));
}

document.addEventListener("focusin", ({ target }) => {
  if (!isText(target)) return;
  target.setAttribute("aria-autocomplete", "list");
  if (target.value.includes("@")) checkSoon(target);
});
document.addEventListener("input", ({ target }) => {
  if (target.name === "restricted") {
    for (const area of target.form.querySelectorAll(FIELDS)) if (area.value.includes("@")) checkSoon(area);
  }
  if (!isText(target)) return;
  clearTimeout(later);
  later = setTimeout(() => look(target), AFTER_MS);
  checkSoon(target);
});
document.addEventListener("focusout", ({ target }) => target === field && close());
document.addEventListener("keydown", onKey, { capture: true });
// Before the field loses the cursor to the press.
list.addEventListener("pointerdown", (event) => {
  event.preventDefault();
  const pressed = event.target.closest("[role=option]");
  if (pressed && field) choose(pressed);
});
