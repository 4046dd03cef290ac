// What is missing before the report may be published, and the template that fits best, as its author types.

import * as names from "./names.js";
import { ask } from "./server.js";

const AFTER_MS = 900;
let later = 0;
let current = null;

const box = () => document.getElementById("checklist");

// By its place in the form: the field itself, or where a section is added.
function target(name) {
  const [first, s, , b, member] = name.split(".");
  if (first !== "sections") return names.form().elements[name];
  const section = names.sections()[Number(s)];
  if (s === undefined || !section) return names.form().querySelector("button[value=add-section]");
  const row = b === undefined ? section : names.blocks(section)[Number(b)];
  if (b !== undefined && row) return names.field(row, member) ?? row;
  return section.querySelector(".blocks textarea, .blocks summary") ?? names.field(section, "heading");
}

function jump(name) {
  const field = target(name);
  if (!field) return;
  for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  field.scrollIntoView({ block: "center" });
  field.focus({ preventScroll: true });
}

function show(lacking) {
  const list = box().querySelector("ol");
  list.replaceChildren(...lacking.map(({ words, field }) => {
    const way = Object.assign(document.createElement("a"), { href: "#editor", textContent: words });
    way.dataset.field = field;
    const point = document.createElement("li");
    point.append(way);
    return point;
  }));
  list.hidden = lacking.length === 0;
  const words = lacking.length ? `${lacking.length} missing before this can be published` : "Nothing is missing before this can be published";
  const told = box().querySelector("summary");
  if (told.textContent !== words) told.textContent = words;
  box().classList.toggle("complete", lacking.length === 0);
}

function fit(best) {
  const select = document.getElementById("f-template_choice");
  if (!select) return;
  const begun = names.form().elements.template.value;
  for (const option of select.options) {
    const bare = option.textContent.replace(/ \(fits best\)$/, "");
    option.textContent = best && option.value === best.slug && best.slug !== begun ? `${bare} (fits best)` : bare;
  }
  const told = document.getElementById("fits-best");
  told.textContent = best && best.slug !== begun ? ` For this severity and these services, ${best.name} fits best.` : "";
}

async function look() {
  current?.abort();
  current = new AbortController();
  try {
    const { lacking, best_template } = await (await ask("/write/checklist", current.signal)).json();
    if (lacking && box()) show(lacking);
    fit(best_template);
  } catch {
    // Asked again when more is typed; publishing tells it all the same.
  }
}

// Where no severity asks for anything, only a title and what chooses the template matter.
export function refresh(event) {
  const isOfTemplate = /^(?:severity|services)$/.test(event.target.name ?? "");
  const isAsked = box() && (box().dataset.asks === "yes" || event.target.name === "title");
  if (!isOfTemplate && !isAsked) return;
  clearTimeout(later);
  later = setTimeout(look, isOfTemplate ? 0 : AFTER_MS);
}

export function install() {
  box()?.addEventListener("click", (event) => {
    const way = event.target.closest("a[data-field]");
    if (!way) return;
    event.preventDefault();
    jump(way.dataset.field);
  });
}
