// Rows and sections are dragged by their grip, with a mouse or a finger; keys and buttons do the same without.

import "../vendor/sortablejs-1.15.7.min.js";
import * as names from "./names.js";
import * as undo from "./undo.js";

const HOW = { handle: ".grip", animation: 0, forceFallback: true, fallbackTolerance: 4, scroll: true, scrollSensitivity: 80, scrollSpeed: 18 };
const lists = new WeakSet();

let began = null;

function dropped({ item, from, to }) {
  if (from !== to) names.rename(item, names.stemIn(item.closest("section.editing")));
  names.changed(item);
  const place = began;
  if (place?.row === item && (from !== to || place.before !== item.previousElementSibling)) undo.moved(place, "Moved");
}

// Also of sections that were added since.
export function install() {
  for (const list of names.form().querySelectorAll(".blocks")) {
    if (lists.has(list)) continue;
    lists.add(list);
    window.Sortable.create(list, { ...HOW, draggable: ".block", group: "rows", onChoose: chosen, onEnd: dropped });
  }
  if (lists.has(names.form())) return;
  lists.add(names.form());
  window.Sortable.create(names.form(), { ...HOW, handle: ".card-head > .grip", draggable: "section.editing", onChoose: chosen, onEnd: dropped });
}

function chosen({ item }) {
  began = undo.place(item);
}

// Letting go of the grip must not open the row.
document.addEventListener("click", (event) => event.target.closest?.("#editor .grip") && event.preventDefault());
