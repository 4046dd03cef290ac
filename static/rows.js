// Rows of action items that may be edited where they stand: a link in the last cell fetches the small form. Without a
// script the list has a button in each row, which shows it with the form in that row's place.

// The row whose form has the focus as it gives way: its link gets it, and nobody is sent back to the top.
let left = "";

document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  const form = detail.target.closest?.("tr.row-form");
  left = form?.contains(document.activeElement) ? form.id : "";
});

// Escape closes the form as its Cancel does, unless it closes something in there, or what it says is being saved.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.defaultPrevented || event.isComposing) return;
  const form = event.target.closest?.("tr.row-form form:not(.htmx-request)");
  form?.querySelector("a[hx-get]").click();
});

document.addEventListener("htmx:load", ({ target }) => {
  for (const cell of (target.closest("tbody") ?? target).querySelectorAll("tbody.edited tr:not(.fixed) > td:last-child:empty")) {
    const row = cell.parentElement;
    const ref = row.querySelector("a").pathname.split("/").pop();
    row.id = `row-${ref}`;
    const link = Object.assign(document.createElement("a"), { className: "button quiet little", href: `/action-items/${ref}#change`, textContent: "Edit" });
    const which = Object.assign(document.createElement("span"), { className: "quietly", textContent: ` ${ref}` });
    link.append(which);
    link.setAttribute("hx-get", `/action-items/${ref}/row?edit=1`);
    cell.append(link);
    window.htmx.process(link);
    if (row.id !== left) continue;
    link.focus();
    left = "";
  }
});
