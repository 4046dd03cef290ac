// Where the cursor of a text field is on the page: a copy of the field, laid out alike, is measured and taken away.

const ALIKE = ["boxSizing", "width", "font", "lineHeight", "letterSpacing", "padding", "borderWidth", "borderStyle", "tabSize"];

// How far below the field's upper edge the line ends that the cursor is in, in pixels; never beyond the field.
export function caretBottom(area) {
  const copy = document.createElement("div");
  const looks = getComputedStyle(area);
  for (const name of ALIKE) copy.style[name] = looks[name];
  Object.assign(copy.style, { position: "absolute", visibility: "hidden", whiteSpace: "pre-wrap", overflowWrap: "break-word" });
  const mark = document.createElement("span");
  mark.textContent = "|";
  copy.append(area.value.slice(0, area.selectionStart), mark);
  area.after(copy);
  const bottom = mark.offsetTop + mark.offsetHeight - area.scrollTop;
  copy.remove();
  return Math.max(0, Math.min(bottom, area.offsetHeight));
}
