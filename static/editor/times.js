// How each entry's time is read, told beside it a moment after it was typed; and a section in the order of its
// times. The server reads them, as a time's day and zone depend on what stands around it.

import * as names from "./names.js";
import { byTime } from "./rows.js";
import { ask } from "./server.js";
import { offer } from "./undo.js";

const AFTER_MS = 800;
const ASKS = /\.(written|heading|blocks)$|^(date|timezone|title)$/;
let later = 0;
let current = null;

// By section, what is told of each row and when it was; null for a row that is no entry.
async function read() {
  const asked = names.sections().map((section) => [section, names.blocks(section)]);
  current?.abort();
  current = new AbortController();
  const { sections } = await (await ask("/write/readings", current.signal)).json();
  const found = new Map();
  asked.forEach(([section, rows], s) => {
    const told = sections[s] ?? [];
    found.set(section, rows.map((row, at) => [row, told[at] ?? null]));
  });
  return found;
}

function tell(found) {
  for (const rows of found.values()) {
    for (const [row, told] of rows) {
      const shown = told && row.querySelector(".reading");
      if (shown && shown.innerHTML !== told.html) shown.innerHTML = told.html;
      row.classList.toggle("is-odd", Boolean(told?.is_odd));
    }
  }
}

export function refresh(event) {
  const name = event?.target?.name;
  if (name && !ASKS.test(name)) return;
  clearTimeout(later);
  later = setTimeout(async () => {
    try {
      tell(await read());
    } catch {
      // Away or signed out: the next change asks again, and saving says what is wrong.
    }
  }, AFTER_MS);
}

// Sorting moves rows, so that a time without a day may be read as another one there: that is told.
export async function sort(section, say) {
  let found;
  try {
    found = (await read()).get(section);
  } catch {
    say("The server cannot be reached: it reads the times. Nothing was moved.");
    return;
  }
  const list = names.listOf(section);
  const before = [...list.children];
  const when = new Map(found.map(([row, told]) => [row, told?.time ?? null]));
  const sorted = byTime(before, before.map((row) => when.get(row) ?? null));
  if (sorted.every((row, at) => row === before[at])) {
    say("The entries are in the order of their times already.");
    return;
  }
  list.append(...sorted);
  names.changed(section);
  const again = await read().catch(() => new Map());
  tell(again);
  const other = (again.get(section) ?? []).filter(([row, told]) => (told?.time ?? null) !== (when.get(row) ?? null)).length;
  const said = other === 0 ? "" : ` ${other === 1 ? "One of them is" : `${other} of them are`} read as another time there: look at the times without a day.`;
  offer(`Sorted by time.${said}`, () => {
    list.append(...before.filter((row) => row.parentElement === list));
    return section;
  }, "Put back: Sorted by time");
}
