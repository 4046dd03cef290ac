// What of drafts has not reached the server yet: kept in this browser, and sent as soon as the server takes it.
//
// An entry is `{ name, writer, of, path, title, mark, tab, step, pairs, isSent }`: `pairs` are the form's names and
// values, `of` is the incident's slug, and `isSent` says that its writer has sent the form itself with just these.

import { renewed } from "./token.js";

const PREFIX = "draft ";
const ANSWERED_WITHIN_MS = 30000;
// A page that closes may send so many bytes more.
const LAST_WORDS = 60000;

export const writer = document.querySelector("header input[name=written_by]")?.value ?? "";
export const freshName = () =>
  [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");

export function put(entry) {
  try {
    localStorage.setItem(PREFIX + entry.name, JSON.stringify({ ...entry, writer }));
    return true;
  } catch {
    // No room, or none allowed.
    return false;
  }
}
export function drop(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    // What could not be kept need not be dropped.
  }
}
export function waiting() {
  try {
    const keys = Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));
    return keys.map((key) => JSON.parse(localStorage.getItem(key))).filter((entry) => entry.writer === writer);
  } catch {
    return [];
  }
}

// Holds while this tab writes the draft, so that no other tab takes it for left behind.
export function hold(name) {
  navigator.locks?.request(PREFIX + name, () => new Promise(() => {}));
}
async function ifLeft(name, act) {
  if (!navigator.locks) return act();
  return navigator.locks.request(PREFIX + name, { ifAvailable: true }, (lock) => (lock ? act() : null));
}

function bodyOf(entry) {
  const body = new URLSearchParams(entry.pairs);
  const own = { draft_of: entry.of, draft_mark: entry.mark, draft_tab: entry.tab, draft_step: String(entry.step) };
  for (const [name, value] of Object.entries(own)) body.append(name, value);
  body.append("csrf_token", document.querySelector("meta[name=csrf-token]").content);
  return body;
}
const post = (entry, options) => fetch(`/drafts/${entry.name}`, { method: "POST", body: bodyOf(entry), ...options });

// What came of it: `{ state, mark, at, detail }`. `state` is "kept", what the server says of it ("ended",
// "overtaken", "full"), "nobody" or "another" by who is signed in, "refused" for good, or "away": to be tried again.
export async function send(entry) {
  try {
    let answer = await post(entry, { signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
    if (answer.status === 401) return { state: "nobody" };
    if (answer.status === 403) {
      const state = await renewed();
      if (state === "nobody" || state === "another") return { state };
      if (state === "renewed") answer = await post(entry, { signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
    }
    if (answer.headers.get("Content-Type")?.startsWith("application/json")) return await answer.json();
    if ([403, 404, 413, 422].includes(answer.status)) return { state: "refused", detail: await saidBy(answer) };
    return { state: "away" };
  } catch {
    return { state: "away" };
  }
}
async function saidBy(answer) {
  if (answer.status === 413) return "it is too long to be kept there";
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  return page.querySelector(".problem h1 + p")?.textContent ?? `the server answered ${answer.status}`;
}

// Not what was typed since.
function dropSent(entry) {
  const stored = waiting().find((one) => one.name === entry.name);
  if (stored?.tab === entry.tab && stored.step === entry.step) drop(entry.name);
}

// As the page closes: nobody waits for the answer, and the entry stays until the server is known to have it.
export function sendLast(entry) {
  if (bodyOf(entry).toString().length < LAST_WORDS) post(entry, { keepalive: true }).catch(() => {});
}

// What another tab left behind, sent now: the drafts that came of it. What the server has gone on without becomes a
// draft of its own.
export async function sendLeft(without) {
  const sent = [];
  for (const entry of waiting().filter((one) => one.name !== without)) {
    const kept = await ifLeft(entry.name, () => sendOne(entry));
    if (kept) sent.push(kept);
  }
  return sent;
}
async function sendOne(entry) {
  let { state } = await send(entry);
  let name = entry.name;
  const isOver = state === "ended" && entry.isSent;
  if (!isOver && ["ended", "overtaken"].includes(state)) {
    name = freshName();
    ({ state } = await send({ ...entry, name, mark: "" }));
  }
  if (isOver || state === "kept") dropSent(entry);
  return state === "kept" ? { ...entry, name, was: entry.name } : null;
}
