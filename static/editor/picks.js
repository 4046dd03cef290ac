// Fields that offer known words while one types: a combobox with a list, as the ARIA practices describe it
// (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Any other word may be written, and is marked as new.

const AFTER_MS = 120;
const list = Object.assign(document.createElement("ul"), { id: "picks", className: "picks", hidden: true });
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "Suggestions");
let field = null; // Which field the list belongs to.
let later = 0;
let asked = 0;

const isPicking = (target) => target.matches?.("#editor input[data-picks]");
const options = () => [...list.children];
const active = () => list.querySelector("[aria-selected=true]");

// The name that the cursor is in: of several, between two commas.
function part(input) {
  if (!("many" in input.dataset)) return { from: 0, to: input.value.length, text: input.value.trim() };
  const at = input.selectionStart ?? input.value.length;
  const from = input.value.lastIndexOf(",", at - 1) + 1;
  const next = input.value.indexOf(",", at);
  const to = next < 0 ? input.value.length : next;
  return { from, to, text: input.value.slice(from, to).trim() };
}

async function ask(of, typed) {
  const answer = await fetch(`/write/choices?${new URLSearchParams({ of, q: typed })}`);
  return answer.ok ? answer.json() : { picks: [], is_known: true };
}

async function look(input) {
  const number = (asked += 1);
  const { text } = part(input);
  const { picks, is_known: isKnown } = await ask(input.dataset.picks, text).catch(() => ({ picks: [], is_known: true }));
  if (number !== asked || document.activeElement !== input) return;
  show(input, picks, text && !isKnown ? text : "");
}

function show(input, picks, fresh) {
  const drawn = picks.map(({ value, label }) => option(value, label));
  if (fresh) drawn.push(option(fresh, "new"));
  drawn.forEach((one, at) => (one.id = `pick-${at}`));
  list.replaceChildren(...drawn);
  input.after(list);
  field = input;
  list.hidden = drawn.length === 0;
  input.setAttribute("aria-expanded", String(!list.hidden));
  input.removeAttribute("aria-activedescendant");
}

function option(value, label) {
  const made = document.createElement("li");
  made.setAttribute("role", "option");
  made.setAttribute("aria-selected", "false");
  made.dataset.value = value;
  made.append(Object.assign(document.createElement("span"), { textContent: value }));
  if (label) made.append(" ", Object.assign(document.createElement("span"), { className: label === "new" ? "badge hint plain" : "mute", textContent: label }));
  return made;
}

function close() {
  clearTimeout(later);
  asked += 1;
  list.hidden = true;
  list.replaceChildren();
  field?.setAttribute("aria-expanded", "false");
  field?.removeAttribute("aria-activedescendant");
}

function step(input, by) {
  const all = options();
  if (all.length === 0) return;
  const at = all.indexOf(active());
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length];
  active()?.setAttribute("aria-selected", "false");
  next.setAttribute("aria-selected", "true");
  next.scrollIntoView({ block: "nearest" });
  input.setAttribute("aria-activedescendant", next.id);
}

function choose(input, value) {
  const { from, to } = part(input);
  const [before, after] = [input.value.slice(0, from), input.value.slice(to)];
  const gap = before && !before.endsWith(" ") ? " " : "";
  input.value = `${before}${gap}${value}${after}`;
  const at = before.length + gap.length + value.length;
  input.setSelectionRange(at, at);
  close();
  input.dispatchEvent(new Event("input", { bubbles: true }));
  close();
  mark(input);
}

// Below the field, which of its words nothing else here has used yet.
async function mark(input) {
  const names = "many" in input.dataset ? input.value.split(",") : [input.value];
  const written = names.map((name) => name.trim()).filter(Boolean);
  const known = await Promise.all(written.map((name) => ask(input.dataset.picks, name).catch(() => ({ is_known: true }))));
  const fresh = written.filter((_, at) => !known[at].is_known);
  const box = input.closest(".field");
  box.querySelector(".pick-new")?.remove();
  if (fresh.length === 0) return;
  const told = Object.assign(document.createElement("div"), { className: "help pick-new" });
  told.setAttribute("role", "status");
  told.append(Object.assign(document.createElement("span"), { className: "badge hint plain", textContent: "new" }), ` ${fresh.join(", ")}`);
  input.after(told);
}

function onKey(event) {
  const input = event.target;
  if (!isPicking(input) || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
  const isOpen = !list.hidden && field === input;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (isOpen) step(input, event.key === "ArrowDown" ? 1 : -1);
    else look(input);
  } else if (event.key === "Enter" && isOpen && active()) {
    event.preventDefault();
    choose(input, active().dataset.value);
  } else if (event.key === "Escape" && isOpen) {
    event.preventDefault();
    event.stopPropagation();
    close();
  } else if (event.key === "Tab") {
    close();
  }
}

export function install() {
  document.addEventListener("focusin", ({ target }) => {
    if (!isPicking(target)) return;
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": "picks" })) target.setAttribute(name, value);
    if (!target.hasAttribute("aria-expanded")) target.setAttribute("aria-expanded", "false");
    if (!list.isConnected) target.after(list);
  });
  document.addEventListener("input", (event) => {
    const { target } = event;
    if (!isPicking(target)) return;
    clearTimeout(later);
    later = setTimeout(() => look(target), AFTER_MS);
  });
  document.addEventListener("focusout", ({ target }) => {
    if (!isPicking(target)) return;
    close();
    if (target.value !== target.defaultValue) mark(target);
  });
  document.addEventListener("keydown", onKey, { capture: true });
  // Before the field loses the cursor to the press.
  list.addEventListener("pointerdown", (event) => {
    event.preventDefault();
    const pressed = event.target.closest("[role=option]");
    if (pressed && field) choose(field, pressed.dataset.value);
  });
}
