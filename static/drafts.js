// Drafts as you type: in this browser at once, on the server within two seconds of a pause.
//
// Fields are known by the names under which the form sends them, wherever they stand and whoever moves them.

import { drop, freshName, hold, put, send, sendLast, sendLeft, waiting, writer } from "./draft_store.js";

const PAUSE_MS = 1000, LONGEST_MS = 8000; // After the last key; and for who types without a pause.
const AGAIN_MS = 4000, LONGEST_AGAIN_MS = 30000;
const OF_THE_PAGE = new Set(["csrf_token", "written_by", "sent_as", "do", "refused", "choose", "draft", "draft_mark"]);

const form = () => {
  const found = document.getElementById("editor");
  return found?.elements.draft ? found : null;
};
const pairs = () => [...new FormData(form())].filter(([name, value]) => !OF_THE_PAGE.has(name) && typeof value === "string");

const isPosted = form()?.dataset.unsaved === "yes"; // The server shows again what was sent to it.
let tab = freshName();
let name = document.querySelector("[name=draft]")?.value; // Also where a page holds what it refused.
let mark = form()?.elements.draft_mark.value;
let now = form() ? JSON.stringify(pairs()) : ""; // As it stands,
let known = isPosted ? "" : now; // and as the server has it.
let step = 0, isHere = true, isSending = false, isLeaving = false;
let since = 0, tries = 0, timer = 0, noting = 0, cost = 0;

const entry = () => ({
  name, mark, tab, step,
  of: form().dataset.incident,
  path: form().getAttribute("action"),
  title: form().elements.title?.value ?? "",
  pairs: JSON.parse(now),
  isSent: isLeaving,
});

// ── In this browser ──

function note() {
  clearTimeout(noting);
  noting = 0;
  if (!form()) return;
  const began = performance.now();
  const text = JSON.stringify(pairs());
  if (text !== now) {
    now = text;
    step += 1;
    isHere = put(entry());
    since ||= Date.now();
    if (!isLeaving) later(Math.max(0, Math.min(PAUSE_MS, since + LONGEST_MS - Date.now())));
  }
  if (now === known) mean("kept");
  cost = performance.now() - began;
}
// Of a form with hundreds of rows not at each key, or the keys would wait.
function soon() {
  mean("typed");
  noting ||= setTimeout(note, Math.min(500, cost * 5));
}

// ── On the server ──

function later(pause) {
  clearTimeout(timer);
  timer = setTimeout(keep, pause);
}

async function keep() {
  if (isSending || isLeaving || !form() || now === known) return;
  isSending = true;
  const text = now;
  const answer = await send(entry());
  isSending = false;
  if (isLeaving) return;
  if (answer.state === "kept") {
    taken(text, answer);
  } else if (answer.state === "ended" || answer.state === "overtaken") {
    goesOnAlone(answer.state);
  } else {
    say(troubles[answer.state] ?? answer.detail, answer.state === "nobody");
    tries += 1;
    if (answer.state !== "refused" && answer.state !== "full") later(Math.min(AGAIN_MS * tries, LONGEST_AGAIN_MS));
  }
}

function taken(text, answer) {
  tries = since = 0;
  known = text;
  mark = answer.mark;
  sign();
  note();
  const time = new Date(answer.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  say(`Draft saved ${time}`);
  if (now === known) drop(name);
  else later(PAUSE_MS);
  // So that the page shows the draft when it is loaded again.
  const address = new URL(location.href);
  if (address.pathname !== form().getAttribute("action") || address.searchParams.get("draft") === name) return;
  address.search = `?draft=${name}`;
  history.replaceState(history.state, "", address);
}

// Another tab went on with this draft, or ended it: neither is written over, and what stands here is one of its own.
function goesOnAlone(state) {
  drop(name);
  name = freshName();
  mark = "";
  hold(name);
  sign();
  isHere = put(entry());
  const what = state === "overtaken" ? "Another tab of yours has gone on with this draft" : "This draft was saved or discarded elsewhere";
  beside(`${what}. What stands here is kept as a draft beside it.`, [["Your drafts", "/drafts"]]);
  later(0);
}

// The form carries the name of the draft, which ends when it is saved.
function sign() {
  const { draft, draft_mark } = form().elements;
  draft.value = name;
  draft_mark.value = mark;
}

// ── In words ──

const troubles = {
  away: "the server does not answer",
  nobody: "your session has ended",
  another: "somebody else is signed in here",
};

const place = () => form()?.querySelector("[data-draft-state]");
// "typed", "kept" on the server, or "trouble".
function mean(state) {
  if (place()) place().dataset.draftState = state;
}

function say(words, offersSignIn = false) {
  if (!place()) return;
  const isSaved = words.startsWith("Draft saved");
  if (!isSaved) mean("trouble");
  const where = isHere ? "kept in this browser" : "and this browser has no room to keep it: save it now";
  const told = isSaved ? words : `Not saved: ${words}; ${where}.`;
  if (place().firstChild?.textContent === told) return;
  place().classList.toggle("trouble", !isSaved);
  place().replaceChildren(told);
  if (offersSignIn) place().append(" ", Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: "Sign in in another tab" }));
}

function beside(words, ways) {
  const box = Object.assign(document.createElement("div"), { className: "flash warning draft-offer" });
  box.setAttribute("aria-live", "polite");
  const row = Object.assign(document.createElement("div"), { className: "row" });
  for (const [textContent, href] of ways) row.append(Object.assign(document.createElement("a"), { textContent, href, className: "button little" }));
  box.append(Object.assign(document.createElement("p"), { textContent: words }), row);
  (form() ?? document.getElementById("main").firstElementChild).before(box);
}

// ── What happens to the form ──

const isOurs = (node) => node?.closest?.("#editor") && !node.closest("[data-draft-state]");

if (form()) {
  for (const kind of ["input", "change"]) {
    document.addEventListener(kind, (event) => {
      if (!isOurs(event.target)) return;
      isLeaving = false; // Who types on is still here, whatever was pressed.
      soon();
    });
  }
  // Rows that come, go and move.
  new MutationObserver((changes) => changes.some((change) => isOurs(change.target)) && soon()).observe(document.getElementById("main"), { childList: true, subtree: true });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target.id !== "editor" || !form()) return;
    sign();
    soon();
  });
  // What others saved is in the form: no word of a draft where its writer has typed none.
  document.addEventListener("together", ({ detail }) => {
    if (detail.isUntouched && now === known) now = known = JSON.stringify(pairs());
    else soon();
  });
  document.addEventListener("submit", (event) => {
    if (event.target !== form() || event.defaultPrevented) return;
    isLeaving = true;
    clearTimeout(timer);
    note();
    put(entry());
  });
  window.addEventListener("pagehide", () => {
    note();
    if (now !== known && !isLeaving) sendLast(entry());
  });
  window.addEventListener("pageshow", (event) => event.persisted && isLeaving && location.reload());
  window.addEventListener("beforeunload", (event) => {
    note();
    if (now !== known && !isHere && !isLeaving) event.preventDefault();
  });
  for (const kind of ["online", "focus", "visibilitychange"]) window.addEventListener(kind, () => tries && later(0));
  if (known !== now) later(0);
}

// ── What was left behind ──

const isBack = ["reload", "back_forward"].includes(performance.getEntriesByType("navigation")[0]?.type);
const asked = new URLSearchParams(location.search).get("draft");
const shows = (left) => `${left.path}?draft=${left.name}`;

async function begin() {
  const own = waiting().find((left) => left.name === name);
  if (own && isPosted && own.isSent) {
    // It is still what this tab was writing.
    tab = own.tab;
    step = own.step + 1;
  } else if (own && form()) {
    // What this page does not show yet must not be written over by what is typed into it.
    name = freshName();
    mark = "";
    sign();
  }
  if (name) hold(name);
  for (const left of await sendLeft(name)) {
    const isHere = form() && left.path === form().getAttribute("action");
    if (isHere && now === known && (asked ? asked === left.was : isBack)) {
      location.replace(shows(left));
      return;
    }
    const words = `What you typed under “${left.title || "no title yet"}” was kept in this browser, and is a draft of yours now.`;
    beside(words, [["Resume", shows(left)], ["See what differs", `/drafts/${left.name}`]]);
  }
}
if (writer) begin();
