// What somebody types while a button's answer is under way stays where it is typed, and so does the cursor.
//
// The answer holds the form as it was sent. Where its rows keep their names, what was changed since is put into it;
// where rows move, the button is pressed once more with the form as it is by then.

// `add-entry-0` adds at the end of section 0; `add-entry-0-2` would move the rows after it.
const ADDS_AT_THE_END = /^add(-section|-[a-z]+-\d+)?$/;
const sent = new WeakMap(); // By request: what each field held when it began.
let kept = null; // Of the form that is about to go: what was changed since, and where the cursor is.
let confirmed = null; // The button that is pressed once more; what it asks has been answered.

const isChoice = (field) => ["checkbox", "radio"].includes(field.type);
const isTyped = (field) => field.name && field.tagName !== "BUTTON" && !["hidden", "submit", "file"].includes(field.type);
const keyOf = (field) => JSON.stringify(isChoice(field) ? [field.name, field.value] : [field.name]);
const fields = (form) => new Map([...form.elements].filter(isTyped).map((field) => [keyOf(field), field]));
const held = (field) => (isChoice(field) ? field.checked : field.value);
const state = (form) => new Map([...fields(form)].map(([key, field]) => [key, held(field)]));
const isEditor = (event) => event.detail.target?.id === "editor";

document.addEventListener("htmx:beforeRequest", (event) => {
  if (isEditor(event)) sent.set(event.detail.xhr, state(event.detail.target));
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
  kept = { since, moves, cursor: cursorIn(form) };
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
  const { since, moves, cursor } = kept;
  kept = null;
  const shown = fields(form);
  for (const [key, now] of since) {
    const field = shown.get(key);
    if (!field) continue;
    if (isChoice(field)) field.checked = now;
    else field.value = now;
  }
  if (cursor) putCursor(form, moves ? sameText(shown, cursor) : shown.get(cursor.key), cursor);
});

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
