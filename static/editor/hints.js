// What an item lacks goes as it is written, and a kind that is proposed for an entry is taken by a press; what
// else it may lack then, the server says the next time it draws the form.

export function written(event) {
  const row = event.target.closest?.(".item-block");
  const field = event.target.name?.split(".").at(-1);
  for (const hint of row?.querySelectorAll(`.item-hints [data-of="${field}"]`) ?? []) {
    hint.hidden = event.target.value.trim() !== event.target.defaultValue.trim() && event.target.value.trim() !== "";
  }
}

export function take(button) {
  const select = button.closest(".block").querySelector("select[name$='.kind']");
  select.value = button.value.split("-").at(-1);
  select.dispatchEvent(new Event("change", { bubbles: true }));
  select.dispatchEvent(new Event("input", { bubbles: true }));
  select.focus();
  button.closest(".proposal").remove();
}
