// What somebody types while a button's answer is under way stays where it is typed, and so does the cursor.
//
// The answer holds the form as it was sent. Where its rows keep their names, what was changed since is put into it;
// where rows move, the button is pressed once more with the form as it is by then.

// `add-entry-0` adds at the end of section 0; `add-entry-0-2` would move the rows after it.
const ADDS_AT_THE_END = /^add(-section|-[a-z]+-\d+)?$/;
const sent = new WeakMap(); // By request: what each field held when it began.
let kept = null; // Of the form that is about to go: what was changed since, and where the cursor is.
let confirmed = null; // The button that is pressed once more; what it asks has been answered.

let underWay = ""; // What the button does whose answer is awaited.
const waiting = []; // The buttons pressed meanwhile, by what they do.

const isChoice = (field) => ["checkbox", "radio"].includes(field.type);
const isTyped = (field) => field.name && field.tagName !== "BUTTON" && !["hidden", "submit", "file"].includes(field.type);
const keyOf = (field) => JSON.stringify(isChoice(field) ? [field.name, field.value] : [field.name]);
const fields = (form) => new Map([...form.elements].filter(isTyped).map((field) => [keyOf(field), field]));
const held = (field) => (isChoice(field) ? field.checked : field.value);
const state = (form) => new Map([...fields(form)].map(([key, field]) => [key, held(field)]));
const isEditor = (event) => event.detail.target?.id === "editor";

// One answer at a time: each holds the whole form, and the second would be without what the first brought.
document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("#editor button[name=do][hx-post]");
    if (!button || underWay === "" || button === confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // Where rows move, the button would mean another one by then.
    const stays = ADDS_AT_THE_END.test(button.value) && !underWay.includes("section");
    if (stays || ADDS_AT_THE_END.test(underWay)) waiting.push(button.value);
  },
  { capture: true },
);

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!isEditor(event)) return;
  underWay = event.detail.requestConfig.elt.value;
  sent.set(event.detail.xhr, state(event.detail.target));
});

document.addEventListener("htmx:afterRequest", (event) => {
  if (!isEditor(event)) return;
  underWay = "";
  if (!event.detail.successful) waiting.length = 0;
});

document.addEventListener("htmx:afterSettle", () => {
  const next = waiting.shift();
  if (next) document.querySelector(`#editor button[name=do][value="${CSS.escape(next)}"]`)?.click();
});

document.addEventListener("htmx:beforeSwap", (event) => {
  kept = null;
  const before = sent.get(event.detail.xhr);
  if (!before || !isEditor(event) || !event.detail.shouldSwap) return;
  const form = event.detail.target;
  const button = event.detail.requestConfig.elt;
  const since = [...state(form)].filter(([key, now]) => before.get(key) !== now);
  const moves = !ADDS_AT_THE_END.test(button.value);
  if (moves && since.length > 0) {
    event.detail.shouldSwap = false;
    // Later, as htmx takes no second request from a button before it has done with the first.
    setTimeout(() => {
      confirmed = button;
      button.click();
    });
    return;
  }
  kept = { since, moves, cursor: cursorIn(form), pressed: document.activeElement === button ? button.value : "" };
});

document.addEventListener("htmx:confirm", (event) => {
  const isAgain = confirmed !== null && event.detail.elt === confirmed;
  confirmed = null;
  if (!isAgain) return;
  event.preventDefault();
  event.detail.issueRequest(true);
});

document.addEventListener("htmx:afterSwap", () => {
  const form = document.getElementById("editor");
  if (!form || !kept) return;
  const { since, moves, cursor, pressed } = kept;
  kept = null;
  const shown = fields(form);
  for (const [key, now] of since) {
    const field = shown.get(key);
    if (!field) continue;
    if (isChoice(field)) field.checked = now;
    else field.value = now;
  }
  if (cursor) putCursor(form, moves ? sameText(shown, cursor) : shown.get(cursor.key), cursor);
  else if (pressed && !form.querySelector("[autofocus]")) nextButton(form, pressed)?.focus();
});

// Who presses keys goes on from the row that moved, or from the one that took the place of what was removed.
function nextButton(form, pressed) {
  const [, verb, stem, at] = pressed.match(/^([a-z]+)(-.*?)(\d+)$/) ?? [null, pressed, "", "0"];
  const place = Number(at);
  const to = { up: place - 1, down: place + 1 }[verb];
  const wanted = to === undefined ? [pressed, `${verb}${stem}${place - 1}`] : [`${verb}${stem}${to}`, `up${stem}${to}`, `down${stem}${to}`];
  const found = (value) => form.querySelector(`button[name=do][value="${CSS.escape(value)}"]`);
  return [...wanted, "add-section"].map(found).find((button) => button);
}

function cursorIn(form) {
  const field = document.activeElement;
  if (!field || field.form !== form || !isTyped(field)) return null;
  return { key: keyOf(field), text: held(field), start: field.selectionStart, end: field.selectionEnd };
}

// Where rows moved, a name may be another row's by now: the field of that kind with that very text, if there is one.
function sameText(shown, cursor) {
  const kind = (key) => JSON.parse(key)[0].split(".").pop();
  const same = [...shown].filter(([key, field]) => kind(key) === kind(cursor.key) && held(field) === cursor.text);
  return same.length === 1 ? same[0][1] : null;
}

function putCursor(form, field, cursor) {
  // A new row asks for the cursor, but somebody is writing elsewhere.
  for (const row of form.querySelectorAll("[autofocus]")) row.removeAttribute("autofocus");
  if (!field) {
    document.activeElement?.blur();
    return;
  }
  field.focus({ preventScroll: true });
  if (typeof cursor.start === "number") field.setSelectionRange(cursor.start, cursor.end);
}
