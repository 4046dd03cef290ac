// Keys of the form. Letters alone are only taken where nobody types; in a field the browser's own keys stay.

import * as names from "./names.js";

const TYPES = "input:not([type=checkbox], [type=radio]), textarea, select";
const isTyping = (target) => Boolean(target.closest?.(TYPES));
// There the arrows open a list or a calendar.
const opensByArrow = (target) => target.matches?.("select, input[type=date], input[list], [role=combobox][aria-expanded=true]");

const rowOf = (target) => target.closest?.("#editor .block") ?? target.closest?.("#editor section.editing");
const lineOf = (target) => (target.matches?.("#editor details.line > summary") ? target : null);

export function press(act) {
  const dialog = document.getElementById("keys");
  return (event) => {
    if (event.isComposing || dialog.open || event.defaultPrevented) return;
    const found = chosen(event, act);
    if (!found) return;
    event.preventDefault();
    found(rowOf(event.target));
  };
}

function chosen(event, act) {
  const { key, target } = event;
  const isCommand = (event.ctrlKey || event.metaKey) && !event.altKey;
  if (isCommand && key.toLowerCase() === "s" && !event.shiftKey) return act.save;
  if (isCommand && key === "Enter") return act.publish;
  if (isCommand && key.toLowerCase() === "z" && !event.shiftKey && (!isTyping(target) || act.isUndoNext())) return act.undo;
  if (event.ctrlKey || event.metaKey) return null;
  if (event.altKey) return withAlt(event, act);
  if (key === "?" && !isTyping(target)) return act.help;
  if (key === "Escape" && !opensByArrow(target) && target.closest?.("#editor details.line[open]")) return act.close;
  return lineOf(target) ? onLine(key, act) : null;
}

function withAlt(event, act) {
  const { key, target } = event;
  if (event.code === "KeyP" && !event.shiftKey) return act.preview;
  if (!rowOf(target) || opensByArrow(target)) return null;
  if (key === "ArrowDown" && event.shiftKey) return act.copy;
  if (key === "ArrowUp" && !event.shiftKey) return act.up;
  if (key === "ArrowDown") return act.down;
  if (key === "Enter") return act.below;
  return null;
}

function onLine(key, act) {
  return { ArrowUp: act.before, ArrowDown: act.after, Delete: act.remove, Backspace: act.remove }[key] ?? null;
}

// From line to line, over what is open, within the whole form.
export function neighbour(row, by) {
  const all = names.sections().flatMap(names.blocks).filter((one) => one.querySelector(":scope > details.line"));
  return all[all.indexOf(row) + by] ?? null;
}
