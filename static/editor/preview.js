// The whole page as readers will see it, beside the text; and one field's Markdown below it. The server renders both,
// so that they look as the page will.

import * as names from "./names.js";
import { ask } from "./server.js";

const AFTER_MS = 700;
let later = 0;
let current = null;

const pane = () => document.getElementById("whole-preview");
const button = () => document.getElementById("preview-switch");
const isOpen = () => !pane().hidden;

async function part(path, selector, signal) {
  const page = new DOMParser().parseFromString(await (await ask(path, signal)).text(), "text/html");
  const found = page.querySelector(selector);
  // Headings have ids of their own on the page; here they would be ids of the form's fields.
  for (const named of found.querySelectorAll("[id]")) named.removeAttribute("id");
  return found;
}

async function draw() {
  current?.abort();
  current = new AbortController();
  try {
    const shown = await part("/write/preview", "#preview-page", current.signal);
    pane().replaceChildren(...shown.childNodes);
  } catch (error) {
    if (error.name !== "AbortError") pane().textContent = "The preview cannot be drawn now; it tries again when you type on.";
  }
}

export function refresh() {
  if (!isOpen()) return;
  clearTimeout(later);
  later = setTimeout(draw, AFTER_MS);
}

export function toggle() {
  pane().hidden = isOpen();
  button().setAttribute("aria-pressed", String(isOpen()));
  document.querySelector(".write-columns").classList.toggle("previewing", isOpen());
  if (isOpen()) draw();
}

// The preview follows to the section that one writes in.
export function follow(event) {
  const section = event.target.closest?.("section.editing");
  if (!section || !isOpen()) return;
  pane().querySelector(`[data-at="${names.place(section)}"]`)?.scrollIntoView({ block: "nearest" });
}

export async function field(pressed) {
  const area = pressed.closest(".markdown-field").querySelector("textarea");
  const below = pressed.closest(".markdown-field").querySelector(".preview");
  try {
    below.replaceChildren(await part(`/preview?field=${encodeURIComponent(area.name)}`, "#preview-text"));
  } catch {
    below.textContent = "The server cannot be reached. What you typed is still here; try again.";
  }
}

export function install() {
  button().addEventListener("click", toggle);
  document.addEventListener("focusin", follow);
}
