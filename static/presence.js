// Who edits an incident beside you, and where: a small question every few seconds, none while nobody looks.
//
// `[data-presence]` is the slug; a page with the editor says where its own cursor is. Others hear of each answer by
// the event `presence` of the document, which also has the newest version.

const EVERY_MS = 5000;
const place = document.querySelector("[data-presence]");
const address = `/api/v1/incidents/${encodeURIComponent(place?.dataset.presence)}/presence`;
const editor = () => document.getElementById("editor");
let isAsking = false;
let timer = 0;

// The innermost part around an element that has an id by now.
function partAt(element) {
  for (let row = element?.closest?.("#editor [data-stem]"); row; row = row.parentElement.closest("[data-stem]")) {
    const id = row.querySelector(`[name="${row.dataset.stem}.id"]`)?.value;
    if (id) return id;
  }
  return "";
}
const where = () => partAt(document.activeElement) || editor().dataset.part || "";

// The heading of the section in which a part stands, on either page.
function headingOf(part) {
  if (!part) return "";
  const field = [...document.querySelectorAll("#editor [data-stem] > [name$='.id'], #editor .card-head > [name$='.id']")].find((one) => one.value === part);
  if (field) return field.closest("section.editing").querySelector(".heading-field input").value.trim();
  const block = document.getElementById(`part-${part}`) ?? document.getElementById(part);
  return block?.closest("section.part")?.querySelector("h2")?.textContent.trim() ?? "";
}

const told = ({ name, part }) => `${name} is editing${headingOf(part) ? ` ${headingOf(part)}` : ""}`;

function draw(people) {
  const words = people.map(told).join(" · ");
  if (place.textContent !== words) place.textContent = words;
  place.hidden = people.length === 0;
}

function ask(method, options = {}) {
  const headers = { "Content-Type": "application/json", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content };
  const body = method === "POST" ? JSON.stringify({ part: where() }) : undefined;
  return fetch(address, { method, body, headers: method === "GET" ? {} : headers, ...options });
}

async function look() {
  clearTimeout(timer);
  if (document.hidden || isAsking) return;
  isAsking = true;
  try {
    const answer = await ask(editor() ? "POST" : "GET", { signal: AbortSignal.timeout(4 * EVERY_MS) });
    if (answer.ok) {
      const here = await answer.json();
      draw(here.people);
      document.dispatchEvent(new CustomEvent("presence", { detail: here }));
    }
  } catch {
    // The next question may reach the server; drafts say that it is away.
  }
  isAsking = false;
  timer = setTimeout(look, EVERY_MS);
}

if (place) {
  document.addEventListener("visibilitychange", look);
  document.addEventListener("focusin", ({ target }) => {
    const part = editor() && partAt(target);
    if (part) editor().dataset.part = part;
  });
  window.addEventListener("pageshow", look);
  // As `sendBeacon` does, with the token against forged requests in its head.
  if (editor()) window.addEventListener("pagehide", () => ask("DELETE", { keepalive: true }).catch(() => {}));
}
