// What every page gains from a script: small things HTML cannot say by itself.

import { renewed } from "./token.js";

// Read by htmx, which runs behind this. A form that was refused (422) is swapped in, a page that failed never; htmx 4
// would decide differently.
const answers = [
  { code: "204", swap: false },
  { code: "[23]..", swap: true },
  { code: "422", swap: true },
  { code: "...", swap: false, error: true },
];
const ways = { allowEval: false, includeIndicatorStyles: false, historyCacheSize: 0, refreshOnHistoryMiss: true, responseHandling: answers };
document.head.append(Object.assign(document.createElement("meta"), { name: "htmx-config", content: JSON.stringify(ways) }));

// A menu made of <details> stays open when you click elsewhere or press Escape; people expect it to close.
function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}
document.addEventListener("click", (event) => closeMenus(event.target));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const open = document.querySelector("details.menu[open]");
  if (!open) return;
  // It is said for the menu, and for nothing else that it would close.
  event.preventDefault();
  open.open = false;
  open.querySelector("summary").focus();
});

// In a list one badge of each kind says what it means; the others say the same when they are pointed at.
document.addEventListener("pointerover", (event) => {
  const badge = event.target.closest?.(":is(.badge, td > :is(i, u)):not([title])");
  if (!badge) return;
  const told = [...badge.closest("main").querySelectorAll(":is(.badge, td > i)[title]")];
  badge.title = told.find((one) => one.textContent === badge.textContent)?.title ?? "";
});

// Empty filters would only lengthen the address that people share.
document.addEventListener("submit", (event) => {
  if (!event.target.matches("form.filters")) return;
  for (const input of event.target.elements) input.disabled = input.name !== "" && input.value === "";
});

// The token against forged requests travels with every htmx request.
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRFToken"] = document.querySelector("meta[name=csrf-token]").content;
  if (!event.target.matches("form.filters")) return;
  for (const [name, value] of Object.entries(event.detail.parameters)) {
    if (value === "") delete event.detail.parameters[name];
  }
});

// A request that failed must not look as if nothing had happened: beside the button, or on top of the page.
function say(text, pressed) {
  document.getElementById("failed")?.remove();
  const flash = document.createElement("div");
  flash.id = "failed";
  flash.className = "flash error";
  flash.setAttribute("role", "alert");
  flash.append(document.createElement("div"));
  flash.firstChild.textContent = text;
  const form = pressed?.closest("form:not(.filters)");
  if (form) (pressed === form ? form.querySelector(".form-end, .actions") ?? form : pressed).after(flash);
  else document.getElementById("main").prepend(flash);
  flash.scrollIntoView({ block: "nearest" });
}
function told(request) {
  const page = new DOMParser().parseFromString(request.responseText, "text/html");
  const words = [...page.querySelectorAll(".problem h1, .problem h1 + p")].map((part) => part.textContent);
  const plain = page.querySelector("p")?.textContent;
  return words.join(": ") || plain || `The server answered ${request.status}. Nothing was changed.`;
}
document.addEventListener("htmx:responseError", async (event) => {
  const { xhr, requestConfig: { elt } } = event.detail;
  if (xhr.status === 403 && (await renewed()) === "renewed") say("You have signed in again meanwhile: press it once more.", elt);
  else say(told(xhr), elt);
  if (xhr.status !== 401) return;
  const way = Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: "Sign in in another tab" });
  document.querySelector("#failed div").replaceChildren("Your session has ended. What you typed is still here. ", way, ", then press it once more.");
});
document.addEventListener("htmx:sendError", (event) =>
  say("The server cannot be reached. What you typed is still here; try again.", event.detail.requestConfig.elt),
);
// A filter that cannot be taken must not replace the list.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status !== 422 || !event.detail.requestConfig.elt.matches("form.filters")) return;
  event.detail.shouldSwap = false;
  say(told(event.detail.xhr));
});

document.addEventListener("htmx:beforeRequest", () => document.getElementById("failed")?.remove());

// What only works with a script.
for (const hidden of document.querySelectorAll(".with-script")) hidden.hidden = false;

// After a refused save the messages are what the person needs first.
document.getElementById("errors")?.focus();
