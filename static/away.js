// Before a form is sent: is the server there, and will it take so much? If not, the button says so, and what was
// typed stays on the page.

const ASKED_FOR_MS = 5000;
const SENT_FOR_MS = 10000; // After that, a second press is meant.
const limits = document.querySelector("meta[name=limits]");
const words = new WeakMap(); // By button: what it says while the server answers.
const busy = new WeakSet();
let isReady = false;

const isText = (field) => field.tagName === "TEXTAREA" || ["text", "search", "url", "file"].includes(field.type);
const holdsText = (form) => [...form.elements].some((field) => isText(field) && field.value !== "");

async function answers() {
  try {
    return (await fetch("/livez", { cache: "no-store", signal: AbortSignal.timeout(ASKED_FOR_MS) })).ok;
  } catch {
    return false;
  }
}

// Before any other listener, which would take the form for sent.
window.addEventListener(
  "submit",
  async (event) => {
    const { target: form, submitter: button } = event;
    if (!form.elements.written_by || form.hasAttribute("hx-post") || isReady || !holdsText(form)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (busy.has(form)) return;
    busy.add(form);
    await whatItWaitsFor(form);
    const trouble = tooMuch(form) || ((await answers()) ? null : ["Server away: try again", "The server does not answer."]);
    tell(form, shownFor(form, button), trouble);
    setTimeout(() => busy.delete(form), trouble ? 0 : SENT_FOR_MS);
    if (trouble) return;
    isReady = true;
    try {
      form.requestSubmit(button);
    } finally {
      isReady = false;
    }
  },
  { capture: true },
);
// What belongs into the form and is still on its way: who listens adds promises to `waits`.
function whatItWaitsFor(form) {
  const waits = [];
  form.dispatchEvent(new CustomEvent("before-sending", { bubbles: true, detail: { waits } }));
  return Promise.allSettled(waits);
}
// Whoever comes back to the page may send it again.
window.addEventListener("pageshow", () => [...document.forms].forEach((form) => busy.delete(form)));

const inMb = (size) => `${(size / 1048576).toFixed(1)} MB`;
const sizeOf = (value) => (typeof value === "string" ? new Blob([value]).size : value.size);

function tooMuch(form) {
  const fields = [...new FormData(form)];
  const hasFiles = form.enctype === "multipart/form-data";
  const size = hasFiles
    ? fields.reduce((sum, [, value]) => sum + sizeOf(value), 0)
    : new URLSearchParams(fields.map(([name, value]) => [name, String(value)])).toString().length;
  const most = Number(limits.content.split(" ")[hasFiles ? 1 : 0]);
  if (size <= most) return null;
  const [longest] = fields.sort(([, one], [, other]) => sizeOf(other) - sizeOf(one))[0];
  const label = form.querySelector(`[name="${CSS.escape(longest)}"]`)?.labels?.[0]?.textContent.trim() || longest;
  return ["Too large: try again", `This is ${inMb(size)} to send; at most ${inMb(most)} is taken at once. The longest part is “${label}”.`];
}

// Enter presses a button that nobody sees.
function shownFor(form, button) {
  if (button && !button.classList.contains("quietly")) return button;
  return form.querySelector(`button:not(.quietly)[value="${button?.value ?? ""}"], button.primary`) ?? button;
}

function tell(form, button, trouble) {
  document.getElementById("away")?.remove();
  if (button && !words.has(button)) words.set(button, [...button.childNodes]);
  button?.replaceChildren(...(trouble ? [trouble[0]] : words.get(button)));
  if (!trouble) return;
  const told = Object.assign(document.createElement("p"), { id: "away", className: "small" });
  told.setAttribute("role", "alert");
  told.textContent = `${trouble[1]} What you typed is still here; nothing was saved yet.`;
  const bar = button?.closest(".savebar");
  if (bar) bar.prepend(told);
  else (button?.closest(".actions, .form-end, .row") ?? button ?? form.lastElementChild).before(told);
}
