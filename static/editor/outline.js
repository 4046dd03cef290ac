// The outline beside the form: its sections with how many rows each has, and how many words there are.

import * as names from "./names.js";

const WORDS_AFTER_MS = 600;
let later = 0;
let isDue = false;

export function draw() {
  if (isDue) return;
  isDue = true;
  requestAnimationFrame(() => {
    isDue = false;
    document.querySelector(".outline ol").replaceChildren(...names.sections().map(line));
  });
  clearTimeout(later);
  later = setTimeout(countWords, WORDS_AFTER_MS);
}

function line(section) {
  const way = document.createElement("a");
  const heading = names.field(section, "heading").value.trim();
  section.setAttribute("aria-label", heading || "new section");
  way.href = `#${section.id}`;
  way.textContent = heading || "No heading yet";
  const point = document.createElement("li");
  point.append(way);
  const rows = names.blocks(section).length;
  if (rows > 1) point.append(" ", Object.assign(document.createElement("span"), { className: "count", textContent: rows }));
  return point;
}

function countWords() {
  const shown = document.getElementById("words");
  const texts = [...names.form().querySelectorAll("section textarea, .heading-field input, input[name$='.title'], #f-title")];
  const count = texts.reduce((sum, field) => sum + (field.value.match(/\S+/g)?.length ?? 0), 0);
  shown.textContent = `${count.toLocaleString("en")} ${count === 1 ? "word" : "words"}`;
}

// A link into the outline also puts the cursor there: whoever jumps means to write.
export function install() {
  document.querySelector(".outline").addEventListener("click", (event) => {
    const section = event.target.closest("a") && document.getElementById(event.target.closest("a").hash.slice(1));
    if (!section) return;
    event.preventDefault();
    section.scrollIntoView({ block: "start" });
    (section.querySelector(".blocks summary, .blocks textarea") ?? names.field(section, "heading")).focus({ preventScroll: true });
  });
  // On a phone it would stand before everything.
  if (matchMedia("(max-width: 64rem)").matches) document.querySelector(".outline").open = false;
}
