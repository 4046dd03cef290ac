// Pictures and files into the editor's texts: pasted, dropped or chosen. Each is uploaded, and its Markdown
// stands where the cursor was. Until then a line of its own holds the place, so that typing can go on.

import { posted } from "./token.js";

const TEXT = "#editor textarea";
const ANSWERED_WITHIN_MS = 120000; // A save waits for it.
let field = null;
let count = 0;
let turn = Promise.resolve(); // One upload after the other.

const texts = () => [...document.querySelectorAll(TEXT)].filter((each) => each.offsetParent !== null);
const has = (transfer) => [...(transfer?.types ?? [])].includes("Files");

// What is said is read out, and stays until something else is said.
function tell(words, isRefused = false) {
  const label = document.getElementById("attaching");
  label.textContent = words;
  label.className = words ? `flash ${isRefused ? "error" : ""}` : "";
  label.setAttribute("role", isRefused ? "alert" : "status");
}

function changed(area) {
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

// In the place of the selection, on lines of its own where other words stand beside it.
function insert(area, words) {
  const { selectionStart: from, selectionEnd: to, value } = area;
  const before = value.slice(0, from), after = value.slice(to);
  const text = `${before && !before.endsWith("\n") ? "\n\n" : ""}${words}${after && !after.startsWith("\n") ? "\n\n" : ""}`;
  area.setRangeText(text, from, to, "end");
  changed(area);
}

// A form that was drawn anew meanwhile has another field of the same name.
function replace(area, mark, words) {
  const there = document.contains(area) ? area : document.getElementById(area.id);
  const all = [there, ...texts()].filter((each) => each?.value.includes(mark));
  for (const each of all.slice(0, 1)) {
    const at = each.value.indexOf(mark);
    const end = words ? at + mark.length : at + mark.length + (each.value.slice(at + mark.length).match(/^\n{0,2}/)?.[0].length ?? 0);
    each.setRangeText(words, at, end, "preserve");
    changed(each);
  }
  return all.length > 0;
}

const ENDED = "your session has ended";

function send(file, isRead, onProgress) {
  return new Promise((resolve, reject) => {
    const body = new FormData();
    body.append("file", file, file.name || "picture");
    const slug = document.getElementById("editor").dataset.incident;
    if (slug) body.append("incident", slug);
    const request = new XMLHttpRequest();
    request.open("POST", isRead ? "/write/document" : "/api/v1/attachments");
    request.setRequestHeader("X-CSRFToken", document.querySelector("meta[name=csrf-token]").content);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(Math.round((100 * event.loaded) / event.total)));
    request.addEventListener("load", () => resolve(request));
    request.timeout = ANSWERED_WITHIN_MS;
    for (const kind of ["error", "timeout"]) request.addEventListener(kind, reject);
    request.send(body);
  });
}

// What stands in the text from then on (`markdown`), why it was `refused`, or what it `waits` for.
async function upload(file, isRead, onProgress) {
  try {
    const { status, response } = await posted(() => send(file, isRead, onProgress));
    const answer = response ?? {};
    if (status === 201) return { markdown: answer.markdown.trim(), told: answer.told };
    if (status === 401) return { waits: ENDED };
    const said = answer.errors?.map((each) => each.detail).join("; ") || answer.detail || answer.refused;
    return { refused: said || `the server answered ${status}; nothing was stored` };
  } catch {
    return { waits: "the server cannot be reached" };
  }
}

// Whether to try once more: on a press, and on coming back from another tab or a network that was gone.
function again(name, why) {
  tell(`${name} is not uploaded yet: ${why}. It waits in this page. `, true);
  const row = Object.assign(document.createElement("span"), { className: "row" });
  const button = (textContent) => row.appendChild(Object.assign(document.createElement("button"), { type: "button", className: "button little", textContent }));
  if (why === ENDED) row.append(Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: "Sign in in another tab" }));
  const [retry, leave] = [button("Try again"), button("Leave it out")];
  document.getElementById("attaching").append(row);
  return new Promise((resolve) => {
    const heard = new AbortController();
    const once = (target, kind, isAgain) => target.addEventListener(kind, () => (heard.abort(), resolve(isAgain)), { signal: heard.signal });
    once(retry, "click", true);
    once(leave, "click", false);
    for (const kind of ["focus", "online"]) once(window, kind, true);
  });
}

// Where nobody is signed in or no server answers, the file waits: who pasted it may not find it again.
async function stored(file, name, isRead) {
  for (;;) {
    tell(`Uploading ${name}…`);
    const { waits, ...answer } = await upload(file, isRead, (percent) => tell(`Uploading ${name}: ${percent} %`));
    if (!waits) return answer;
    if (!(await again(name, waits))) return { refused: "left out" };
  }
}

// Documents of word processors that are dropped or pasted are read; those that are chosen are attached as they are.
const DOCUMENT = /\.(?:docx|docm|odt)$/i;

function attach(area, files, areRead = false) {
  const waiting = files.map((file) => {
    count += 1;
    const name = (file.name || "picture").replace(/[\[\]\\]/g, "");
    return { file, name, isRead: areRead && DOCUMENT.test(name), mark: `[Uploading ${name} (${count})…]` };
  });
  insert(area, waiting.map((each) => each.mark).join("\n\n"));
  turn = turn.then(() => put(area, waiting)).catch(reportError);
}

async function put(area, waiting) {
  const refused = [], notes = [];
  let done = 0;
  for (const { file, name, mark, isRead } of waiting) {
    const { markdown, refused: why, told } = await stored(file, name, isRead);
    notes.push(...(told ?? []));
    if (markdown !== undefined) {
      done += 1;
      if (!replace(area, mark, markdown)) refused.push(`${name} is uploaded, but its place in the text is gone; write ${markdown}`);
    } else {
      replace(area, mark, "");
      refused.push(why.includes(name) ? why : `${name}: ${why}`);
    }
  }
  if (refused.length) tell(`Not attached: ${refused.join(" · ")}`, true);
  else tell([done === 1 ? `${waiting[0].name} is in the text. Save to keep it there.` : `${done} files are in the text. Save to keep them there.`, ...notes].join(" · "));
}

// A form that is sent before its files are stored would hold their places instead of them.
document.addEventListener("before-sending", (event) => event.target.id === "editor" && event.detail.waits.push(turn));

document.addEventListener("focusin", (event) => {
  if (event.target.matches?.(TEXT)) field = event.target;
});

// A spreadsheet or a word processor puts a picture of the words beside them: the words are meant. A file that
// was copied has its own name beside it.
function isOfWords(clipboard, files) {
  const words = clipboard.getData("text/plain").trim();
  return words !== "" && !files.some((file) => words.endsWith(file.name));
}

document.addEventListener("paste", (event) => {
  const area = event.target.closest?.(TEXT);
  const files = [...(event.clipboardData?.files ?? [])];
  if (!area || !files.length || isOfWords(event.clipboardData, files)) return;
  event.preventDefault();
  attach(area, files, true);
});

// Pictures amid rich text, each with its line in the text already.
document.addEventListener("pictures-pasted", ({ detail: { area, waiting } }) => {
  turn = turn.then(() => put(area, waiting)).catch(reportError);
});

document.addEventListener("dragover", (event) => {
  const area = event.target.closest?.(TEXT);
  if (!area || !has(event.dataTransfer)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
  area.classList.add("dropping");
});
document.addEventListener("dragleave", (event) => event.target.classList?.remove("dropping"));
document.addEventListener("drop", (event) => {
  if (!event.target.closest?.("#editor") || !has(event.dataTransfer)) return;
  // Beside a text, the browser would leave the page to show the file.
  event.preventDefault();
  const area = event.target.closest(TEXT);
  area?.classList.remove("dropping");
  if (!area) return tell("Drop it on a text: that is where it will stand.", true);
  area.focus();
  attach(area, [...event.dataTransfer.files], true);
});

document.addEventListener("change", (event) => {
  const choice = event.target;
  if (choice.id !== "attach-file") return;
  const area = (document.contains(field) ? field : document.getElementById(field?.id)) ?? texts()[0];
  const files = [...choice.files];
  choice.value = "";
  if (!files.length) return;
  if (!area) return tell("Add a text first: that is where it will stand.", true);
  area.focus();
  attach(area, files);
});

// Without a script the link leads to a page that uploads.
document.addEventListener("click", (event) => {
  if (!event.target.closest?.("#attach")) return;
  event.preventDefault();
  document.getElementById("attach-file").click();
});
