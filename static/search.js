// The box that finds anything: Ctrl K, or / where nothing is typed. A combobox with a list of links below it, as the
// ARIA practices describe it (https://www.w3.org/WAI/ARIA/apg/patterns/combobox/). Without a script the same link leads
// to the page of search.

const AFTER_MS = 120;
const BOX = `<dialog class="search-box" aria-label="Search">
  <div class="search-top i-search"><input type="search" role="combobox" aria-label="Search incidents, items, guards and decisions" aria-controls="search-picks" aria-expanded="false" aria-autocomplete="list" placeholder="Words, “phrases”, severity:SEV1, is:open …" maxlength="500" autocomplete="off" autocapitalize="none" spellcheck="false" enterkeyhint="search">
    <form method="dialog"><button class="button little">Close</button></form></div>
  <div class="search-notes"></div>
  <div class="search-list" id="search-picks" role="listbox" aria-label="Results"></div>
  <p class="search-box-end"><kbd>↑</kbd> <kbd>↓</kbd> choose, <kbd>Enter</kbd> open · <a href="/help/searching">operators</a> <span class="quietly" role="status"></span></p>
</dialog>`;
const opener = document.querySelector("[data-search]");
let box = null;
let asked = 0;
let later = 0;
let request = null;

const part = (name) => box.querySelector(name);
const options = () => [...box.querySelectorAll("[role=option]")];
const active = () => box.querySelector("[aria-selected=true]");

function make() {
  document.body.insertAdjacentHTML("beforeend", BOX);
  box = document.body.lastElementChild;
  const field = part("input");
  field.addEventListener("input", () => {
    clearTimeout(later);
    later = setTimeout(look, AFTER_MS);
  });
  field.addEventListener("keydown", onKey);
  // A press beside the box closes it.
  box.addEventListener("click", (event) => event.target === box && box.close());
  box.addEventListener("close", () => {
    clearTimeout(later);
    request?.abort();
  });
}

function open() {
  if (document.querySelector("dialog[open]")) return;
  if (!box) make();
  box.showModal();
  part("input").select();
}

async function look() {
  const q = part("input").value.trim();
  const number = (asked += 1);
  request?.abort();
  if (!q) return show("", "");
  request = new AbortController();
  const answer = await fetch(`/search/picks?${new URLSearchParams({ q })}`, { signal: request.signal }).catch(() => null);
  if (number !== asked) return;
  if (!answer) return show("", "The server cannot be reached.");
  if (!answer.ok && answer.status !== 422) return show("", "The server could not answer; try again.");
  const html = await answer.text();
  if (number === asked) show(html, null);
}

function show(html, told) {
  const chosen = active()?.getAttribute("href");
  const list = part("[role=listbox]");
  list.innerHTML = html;
  // What is said about the query is no option.
  part(".search-notes").replaceChildren(...list.querySelectorAll(".search-told"));
  const field = part("input");
  field.removeAttribute("aria-activedescendant");
  field.setAttribute("aria-expanded", String(options().length > 0));
  const count = options().length - 1;
  // What was chosen while more was on its way stays chosen.
  const again = options().find((option) => option.getAttribute("href") === chosen);
  if (again) choose(again);
  part("[role=status]").textContent = told ?? (count > 0 ? (count === 1 ? "1 result" : `${count} results`) : html ? "Nothing found" : "");
}

function step(by) {
  const all = options();
  if (all.length === 0) return;
  const at = all.indexOf(active());
  choose(all[at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length]);
}

function choose(option) {
  active()?.setAttribute("aria-selected", "false");
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  part("input").setAttribute("aria-activedescendant", option.id);
}

function onKey(event) {
  if (event.isComposing || event.altKey || event.metaKey) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
  else if (event.key === "Enter") follow(event.ctrlKey);
  else return;
  event.preventDefault();
}

// What is chosen; else all that is found, as on a page without a script.
function follow(beside) {
  const q = part("input").value.trim();
  const href = active()?.href ?? (q ? `/search?${new URLSearchParams({ q })}` : "");
  if (!href) return;
  if (beside) window.open(href, "_blank", "noopener");
  else location.assign(href);
}

const isTyped = (target) => target.closest?.("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  if (!opener || event.defaultPrevented || event.isComposing || event.altKey || event.shiftKey) return;
  const isSlash = event.key === "/" && !event.ctrlKey && !event.metaKey && !isTyped(event.target);
  const isK = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey);
  if (!isSlash && !isK) return;
  event.preventDefault();
  open();
});
for (const link of document.querySelectorAll("[data-search]")) {
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    open();
  });
}
