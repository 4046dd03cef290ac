// What is typed into a form is kept in this tab until the server says that it was carried out, and is offered
// again where it was typed: a refusal may be a page that cannot hold it, or no page at all. What has a draft on the
// server is left to `drafts.js`.

const PREFIX = "kept ";
// Fields that are of one showing of the form, not of what was typed.
const OF_THE_PAGE = ["csrf_token", "written_by", "sent_as", "do", "version", "status", "refused", "choose"];
const writer = document.querySelector("header input[name=written_by]")?.value ?? "";
const names = new WeakMap(); // By form: the name under which it is sent, until it is.
const sent = new WeakSet();
const keys = new WeakMap(); // By form: where it is kept.
const offered = new Set(); // Keys of what this page offers.

// Not `form.method`: a field may have that name.
const isKept = (form) =>
  form.getAttribute("method") === "post" && form.elements.written_by && !form.hasAttribute("hx-post") && !form.elements.draft;
const isTyped = (field) => field.name && !["hidden", "submit", "file", "password"].includes(field.type);
const pathOf = (form) => new URL(form.getAttribute("action") || location.href, location.href).pathname;

function wasEdited(field) {
  if (field.options) return [...field.options].some((option) => option.selected !== option.defaultSelected && option.index > 0);
  return ["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
}
const isChanged = (form) => form.dataset.unsaved === "yes" || [...form.elements].filter(isTyped).some(wasEdited);

const texts = (form) => [...new FormData(form)].filter(([, value]) => typeof value === "string");
const typed = (fields) => JSON.stringify(fields.filter(([name]) => !OF_THE_PAGE.includes(name)));

function keep(form, name) {
  const own = PREFIX + pathOf(form);
  const fields = texts(form);
  // What is still offered here is not written over, unless it says the same.
  const same = mine().find(([, kept]) => kept.path === pathOf(form) && typed(kept.fields) === typed(fields));
  const key = keys.get(form) ?? same?.[0] ?? (offered.has(own) ? `${own} ${Date.now()}` : own);
  keys.set(form, key);
  const before = form.id === "unsent" ? JSON.parse(sessionStorage.getItem(own)) : null;
  // The page that refused it is not where it was typed.
  const { title, page } = before ?? { title: document.title.split(" · ")[0], page: location.pathname + location.search };
  const kept = { name, writer, title, page, path: pathOf(form), at: Date.now(), fields };
  try {
    sessionStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // More than a tab may keep; it is still on the page, and goes out as ever.
  }
}

function all() {
  const found = Object.keys(sessionStorage).filter((key) => key.startsWith(PREFIX));
  return found.map((key) => [key, JSON.parse(sessionStorage.getItem(key))]);
}

// Of who is signed in, the newest first.
const mine = () => all().filter(([, kept]) => kept.writer === writer).sort(([, one], [, other]) => other.at - one.at);

function forget(isMeant) {
  for (const [key, kept] of all()) if (isMeant(kept)) sessionStorage.removeItem(key);
}

// Before what else listens to it may stop it: then nothing is sent, and it is kept all the same.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    if (pathOf(form) === "/sign-out") forget((kept) => kept.writer === writer);
    if (!isKept(form) || !isChanged(form)) return;
    const name = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    keep(form, name);
    names.set(form, name);
    sent.add(form);
  },
  { capture: true },
);
document.addEventListener("formdata", (event) => {
  const name = names.get(event.target);
  if (name) event.formData.set("sent_as", name);
  names.delete(event.target);
});
document.addEventListener("input", (event) => event.target.form && sent.delete(event.target.form));
window.addEventListener("pagehide", () => {
  for (const form of document.forms) if (isKept(form) && !sent.has(form) && isChanged(form)) keep(form, "");
});

// ── On the next page ──

for (const cookie of document.cookie.split("; ")) {
  const name = cookie.match(/^sent-([0-9a-f]+)=/)?.[1];
  if (!name) continue;
  forget((kept) => kept.name === name);
  document.cookie = `sent-${name}=; max-age=0; path=/`;
}

function offer(key, kept) {
  // Forms for several acts may go to one address: that which says the same, else that which has these fields.
  const forms = [...document.forms].filter((other) => isKept(other) && pathOf(other) === kept.path);
  const form =
    forms.find((other) => typed(texts(other)) === typed(kept.fields)) ??
    forms.find((other) => kept.fields.every(([name]) => other.elements[name])) ??
    forms[0];
  if (form && (kept.isBack || typed(texts(form)) === typed(kept.fields))) {
    keys.set(form, key);
    if (kept.isBack) sessionStorage.setItem(key, JSON.stringify({ ...kept, isBack: false }));
    return;
  }
  offered.add(key);
  const box = Object.assign(document.createElement("div"), { className: "flash warning kept" });
  box.setAttribute("role", "status");
  const at = new Date(kept.at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
  const told = Object.assign(document.createElement("p"), {
    textContent: `What you typed under “${kept.title}” at ${at} was not saved. It is kept in this tab.`,
  });
  const close = () => {
    offered.delete(key);
    box.remove();
  };
  const button = (words, act, look) => {
    const made = Object.assign(document.createElement("button"), { type: "button", className: `button little ${look}`, textContent: words });
    made.addEventListener("click", act);
    return made;
  };
  const drop = () => {
    sessionStorage.removeItem(key);
    close();
    offerOf(kept.path);
  };
  const row = Object.assign(document.createElement("div"), { className: "row" });
  const way = Object.assign(document.createElement("a"), { href: kept.page, className: "button little", textContent: "Go there" });
  const back = () => {
    close();
    keys.set(form, key);
    putBack(form, key, kept);
  };
  row.append(form ? button("Put it back", back, "primary") : way, button("Throw it away", drop, "quiet"));
  box.append(told, row);
  document.getElementById("main").prepend(box);
}

// A form whose rows come and go is drawn anew by the server; others are filled in.
function putBack(form, key, kept) {
  if (!form.dataset.shows) {
    fill(form, kept.fields);
    return;
  }
  sessionStorage.setItem(key, JSON.stringify({ ...kept, isBack: true }));
  sent.add(form);
  const own = ["csrf_token", "written_by"].map((name) => [name, form.elements[name].value]);
  const rest = kept.fields.filter(([name]) => !["csrf_token", "written_by", "sent_as", "do"].includes(name));
  const again = Object.assign(document.createElement("form"), { method: "post", action: kept.path, hidden: true });
  for (const [name, value] of [...own, ...rest, ["do", form.dataset.shows]]) {
    again.append(Object.assign(document.createElement("textarea"), { name, value }));
  }
  document.body.append(again);
  again.submit();
}

function fill(form, fields) {
  const left = new Map();
  for (const [name, value] of fields) left.set(name, [...(left.get(name) ?? []), value]);
  for (const field of [...form.elements].filter(isTyped)) {
    const values = left.get(field.name) ?? [];
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.includes(field.value);
    else if (field.multiple && field.options) for (const option of field.options) option.selected = values.includes(option.value);
    else if (values.length > 0) field.value = values.shift();
  }
  form.closest("details")?.setAttribute("open", "");
  [...form.elements].find((field) => isTyped(field) && wasEdited(field))?.focus();
}

// One at a time of each address: the one before it is offered when this one is saved or thrown away.
function offerOf(path) {
  const newest = mine().find(([, kept]) => kept.path === path);
  if (newest) offer(...newest);
}

if (writer) for (const path of new Set(mine().map(([, kept]) => kept.path))) offerOf(path);
