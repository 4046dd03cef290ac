// Enter in a Markdown list begins its next point, and on an empty point ends the list, as in editors that people
// know. `insertText` keeps the browser's own undo.

const POINT = /^(\s*)([-*+]|(\d{1,9})([.)]))(\s+)(\[[ xX]\]\s+)?/;

export function goOn(event) {
  const area = event.target;
  if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!area.matches?.("#editor .markdown-field textarea") || area.selectionStart !== area.selectionEnd) return;
  const at = area.selectionStart;
  const begin = area.value.lastIndexOf("\n", at - 1) + 1;
  const found = area.value.slice(begin, at).match(POINT);
  if (!found) return;
  event.preventDefault();
  const [whole, indent, mark, number, dot, space, box] = found;
  if (begin + whole.length === at) {
    const isAllOfIt = area.value.slice(at).split("\n", 1)[0].trim() === "";
    if (isAllOfIt) {
      area.setSelectionRange(begin, at);
      document.execCommand("delete");
      return;
    }
  }
  const next = number ? `${Number(number) + 1}${dot}` : mark;
  document.execCommand("insertText", false, `\n${indent}${next}${space}${box ? "[ ] " : ""}`);
}
