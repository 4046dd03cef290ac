// Ticked rows of the list of action items: a range with shift, all on the page, and keys (j and k move, x ticks).
// Boxes and the form come when they are needed: a list is light. Without a script a link under it leads to both.

let last = null;
const boxes = () => [...document.querySelectorAll('.of-items input[form="bulk"]')];

function added() {
  for (const row of document.querySelectorAll(".of-items tbody.edited tr:not(.row-form)")) {
    const place = row.querySelector("td:first-child:has(> p)");
    if (!place || place.querySelector(":scope > input")) continue;
    const ref = row.querySelector("a").pathname.split("/").pop();
    const box = Object.assign(document.createElement("input"), { type: "checkbox", name: "i", value: ref.slice(3), ariaLabel: ref });
    box.setAttribute("form", "bulk");
    // Before the row's links: keys come to it first.
    place.prepend(box);
  }
  told();
}

// In the head of the list: one press ticks all rows of the page, or none.
function headed() {
  const head = document.querySelector(".of-items thead th");
  if (!head || head.querySelector("input") || !boxes().length) return;
  const all = Object.assign(document.createElement("input"), { type: "checkbox", ariaLabel: "All rows shown" });
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
    told();
  });
  head.prepend(all);
}

function told() {
  headed();
  const ticked = boxes().filter((box) => box.checked).length;
  const all = document.querySelector(".of-items thead th > input");
  if (all) {
    all.checked = ticked > 0 && ticked === boxes().length;
    all.indeterminate = ticked > 0 && !all.checked;
  }
  const count = document.querySelector(".bulk-count");
  if (count) count.textContent = ticked ? `· ${ticked} ticked` : "";
  else if (ticked) fetched();
}

function fetched() {
  const link = document.querySelector("#bulk-place > a");
  if (!link) return;
  const query = new URL(link.href).searchParams;
  query.delete("select");
  link.remove();
  window.htmx.ajax("GET", `/action-items/bulk/new?${query}`, { target: "#bulk-place", swap: "innerHTML" });
}

document.addEventListener("click", (event) => {
  const box = event.target.closest?.('.of-items input[form="bulk"]');
  if (!box) return;
  const all = boxes();
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((one, other) => one - other);
    for (const each of all.slice(from, to + 1)) each.checked = box.checked;
  }
  last = box;
  told();
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !["j", "k", "x", "X"].includes(event.key)) return;
  const here = document.activeElement;
  if (here?.matches?.('textarea, select, [contenteditable], input:not([form="bulk"])')) return;
  const all = boxes();
  if (!all.length) return;
  const row = here?.closest?.("tr");
  const at = all.findIndex((box) => box.closest("tr") === row);
  event.preventDefault();
  if (event.key === "j" || event.key === "k") {
    const next = all[Math.min(all.length - 1, Math.max(0, at + (event.key === "j" ? 1 : -1)))];
    next.focus();
    next.closest("tr").scrollIntoView({ block: "nearest" });
  } else if (at >= 0) {
    all[at].dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, shiftKey: event.shiftKey }));
  }
});

document.addEventListener("htmx:load", added);
