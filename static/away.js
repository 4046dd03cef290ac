// While the server is away the button that sends the editor's form says so, and what was typed stays on the page.

const ASKED_FOR_MS = 5000;
const words = new WeakMap(); // By button: what it says while the server answers.
let reached = false;

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
    if (form.id !== "editor" || reached) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    reached = await answers();
    tell(form, button, reached);
    if (reached) form.requestSubmit(button);
    reached = false;
  },
  { capture: true },
);

function tell(form, button, isThere) {
  document.getElementById("away")?.remove();
  if (!words.has(button)) words.set(button, [...button.childNodes]);
  button.replaceChildren(...words.get(button));
  if (isThere) return;
  button.replaceChildren("Server away: try again");
  const told = Object.assign(document.createElement("p"), { id: "away", className: "small" });
  told.setAttribute("role", "alert");
  told.textContent = "The server does not answer. What you typed is still here; nothing was saved yet.";
  form.querySelector(".savebar, .actions, .form-end")?.before(told);
}
