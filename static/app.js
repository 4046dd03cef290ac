// What every page gains from a script: small things HTML cannot say by itself.

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
  open.open = false;
  open.querySelector("summary").focus();
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

// After a refused save the messages are what the person needs first.
document.getElementById("errors")?.focus();
