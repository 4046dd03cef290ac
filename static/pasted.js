// Rich text that is pasted into a Markdown field becomes Markdown: the server reads it as it reads what is imported.
// Until it has answered nothing stands in the field; where it does not answer, the words stand there without marks.

import { posted } from "./token.js";

const FIELDS = ".markdown-field textarea, textarea[name$='.paste'], textarea[name=text], textarea[name=suggestion], textarea[name=markdown]";
const ANSWERED_WITHIN_MS = 12000;
const SHOWN_AFTER_MS = 400;
const LARGEST = 7.5 * 1024 * 1024;
// What says no more than the words alone: no other tag, and no style that is told by a mark.
const BARE_TAG = /^(?:meta|html|head|body|span|font|div|br|link|title|style)$/i;
const MARKED = /font-weight:\s*(?:bold|[6-9]00)|font-style:\s*(?:italic|oblique)|line-through|font-family:[^;"]*mono|font-family:[^;"]*consolas|white-space:\s*pre;/i;
const PICTURE = /\bsrc\s*=\s*(["'])data:(image\/[a-z0-9.+-]+);base64,([A-Za-z0-9+/=\s]+)\1/gi;
const PLACE = /!\[((?:\\.|[^\\\[\]])*)\]\((pasted-picture-\d{1,4})\)/g;

let isPlainMeant = false;
let turn = Promise.resolve();
let count = 0;
let isOurs = false; // What changes a field now is this script.

const isBare = (html) => [...html.matchAll(/<([a-z][\w:-]*)/gi)].every(([, tag]) => BARE_TAG.test(tag)) && !MARKED.test(html);
// Markdown that is written in a program for code is Markdown, not a listing of it.
const isOneListing = (text) => /^(`{3,})[^\n`]*\n[\s\S]*\n\1$/.test(text) && text.split(/^```/m).length === 3;
const looksWritten = (plain) => /^(?:#{1,6} \S|[-*] \S|\d+\. \S)/m.test(plain);

function isSource(clipboard) {
  try {
    return ["markdown", "plaintext"].includes(JSON.parse(clipboard.getData("vscode-editor-data") || "{}").mode);
  } catch {
    return false;
  }
}

// Pictures that stand in the HTML itself are taken out: they are uploaded as any other, if this page can.
function withoutPictures(html) {
  const pictures = new Map();
  const bare = html.replace(PICTURE, (whole, quote, type, data) => {
    if (pictures.size >= 1000) return whole;
    pictures.set(`pasted-picture-${pictures.size + 1}`, { type, data });
    return `src="pasted-picture-${pictures.size}"`;
  });
  return [bare, pictures];
}

function fileOf({ type, data }, name) {
  const bytes = Uint8Array.from(atob(data.replace(/\s/g, "")), (letter) => letter.charCodeAt(0));
  return new File([bytes], `${name}.${type.split("/")[1].replace("+xml", "")}`, { type });
}

// The Markdown with a line in the place of each picture until it is uploaded, and the pictures with their lines.
function placed(markdown, pictures) {
  const waiting = [], missing = [];
  const canUpload = document.getElementById("attaching") !== null;
  const text = markdown.replace(PLACE, (whole, alt, key) => {
    const name = alt.replace(/[\[\]\\]/g, "").trim() || "picture";
    try {
      if (!canUpload || !pictures.has(key)) throw new Error("no place for it");
      const file = fileOf(pictures.get(key), name);
      count += 1;
      const mark = `[Uploading ${name} (pasted ${count})…]`;
      waiting.push({ file, name, mark });
      return mark;
    } catch {
      missing.push(alt ? name : "");
      return alt ? `(picture missing: ${name})` : "(picture missing)";
    }
  });
  return { text, waiting, missing };
}

async function read(html) {
  if (html.length > LARGEST) return { refused: "it is too large to be read at once" };
  const [body, pictures] = withoutPictures(html);
  try {
    const headers = () => ({ "Content-Type": "text/html; charset=utf-8", "X-CSRFToken": document.querySelector("meta[name=csrf-token]").content });
    const send = () => fetch("/write/pasted", { method: "POST", headers: headers(), body, signal: AbortSignal.timeout(ANSWERED_WITHIN_MS) });
    const answer = await posted(send);
    const told = answer.headers.get("Content-Type")?.startsWith("application/json") ? await answer.json() : {};
    if (answer.ok) {
      const { missing, ...made } = placed(told.markdown, pictures);
      return { ...made, missing: [...told.missing, ...missing] };
    }
    if (answer.status === 401) return { refused: "your session has ended" };
    return { refused: told.refused || `the server answered ${answer.status}` };
  } catch {
    return { refused: "the server cannot be reached" };
  }
}

// Where the cursor stood in the text before, in the text after.
function carried(at, before, after) {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  return at <= start ? at : Math.max(start, at + after.length - before.length);
}

// In one step that the browser itself takes back.
function put(area, from, to, text) {
  const focused = document.activeElement;
  area.focus({ preventScroll: true });
  area.setSelectionRange(from, to);
  isOurs = true;
  if (!document.execCommand(text ? "insertText" : "delete", false, text)) {
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }
  isOurs = false;
  if (focused !== area && focused?.isConnected) focused.focus({ preventScroll: true });
}

const isBlock = (text) => text.includes("\n") || /^(?:#{1,6} |[-*+] |\d+\. |>|\||```)/.test(text);

// A block stands on lines of its own where other words are beside it.
function apart(area, from, to, text) {
  if (!isBlock(text)) return text;
  const before = area.value.slice(0, from), after = area.value.slice(to);
  return `${before.trim() && !before.endsWith("\n\n") ? (before.endsWith("\n") ? "\n" : "\n\n") : ""}${text}${after.trim() && !after.startsWith("\n") ? "\n\n" : ""}`;
}

function line(area) {
  document.querySelector(".pasted")?.remove();
  const told = Object.assign(document.createElement("p"), { className: "pasted small mute" });
  told.setAttribute("role", "status");
  area.after(told);
  return told;
}

function tell(area, words, back) {
  const told = line(area);
  told.append(words);
  if (!back) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button quiet little", textContent: "Paste as plain text instead" });
  button.addEventListener("click", () => {
    told.remove();
    back();
  });
  told.append(" ", button);
}

function wordsOn(missing) {
  if (!missing.length) return "Pasted as Markdown.";
  const named = missing.filter(Boolean);
  const which = named.length ? ` (${named.slice(0, 5).join(", ")})` : "";
  const many = missing.length === 1 ? "One picture was not in the clipboard" : `${missing.length} pictures were not in the clipboard`;
  return `Pasted as Markdown. ${many}${which}: copy ${missing.length === 1 ? "it" : "each"} by itself, and paste it where it says so.`;
}

async function paste(area, html, plain) {
  const [before, start, end] = [area.value, area.selectionStart, area.selectionEnd];
  const slow = setTimeout(() => tell(area, "Reading what was pasted…"), SHOWN_AFTER_MS);
  const { text, missing, waiting, refused } = await read(html);
  clearTimeout(slow);
  // A form that was drawn anew meanwhile has another field of the same name.
  const there = document.contains(area) ? area : document.getElementById(area.id) ?? area;
  const [from, to] = [start, end].map((at) => carried(at, before, there.value));
  const isWritten = text !== undefined && isOneListing(text) && (there.name.endsWith(".paste") || looksWritten(plain));
  if (refused || !text || isWritten || text.trim() === plain.trim()) {
    put(there, from, to, plain);
    if (refused) tell(there, `Pasted as plain text, without its marks: ${refused}.`);
    else document.querySelector(".pasted")?.remove();
    return;
  }
  const set = apart(there, from, to, text);
  put(there, from, to, set);
  tell(there, wordsOn(missing), () => {
    const at = there.value.indexOf(set);
    if (at < 0) tell(there, "It was changed meanwhile: press Ctrl Z until it is gone, then Ctrl Shift V.");
    else put(there, at, at + set.length, plain);
    there.focus();
  });
  if (waiting.length) document.dispatchEvent(new CustomEvent("pictures-pasted", { detail: { area: there, waiting } }));
}

document.addEventListener("keydown", (event) => {
  isPlainMeant = event.shiftKey && (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "v";
});

document.addEventListener("paste", (event) => {
  const area = event.target.closest?.(FIELDS);
  const clipboard = event.clipboardData;
  const html = clipboard?.getData("text/html") ?? "";
  const isPlain = isPlainMeant;
  isPlainMeant = false;
  if (!area || area.readOnly || event.defaultPrevented || isPlain || !html || isBare(html) || isSource(clipboard)) return;
  event.preventDefault();
  const plain = clipboard.getData("text/plain").replace(/\r\n?/g, "\n");
  // One that goes wrong must not hold up those after it, nor the form.
  turn = turn.then(() => paste(area, html, plain)).catch(reportError);
});

// What is said is about what was pasted last, until something else is typed there. What a script changes, such as the
// link of a picture that is uploaded by then, was not typed: its events are not trusted.
document.addEventListener("input", (event) => {
  const told = document.querySelector(".pasted");
  if (told && event.isTrusted && !isOurs && told.previousElementSibling === event.target) told.remove();
});

// A form that is sent before the server has answered would lack it.
document.addEventListener("before-sending", (event) => event.detail.waits.push(turn));
