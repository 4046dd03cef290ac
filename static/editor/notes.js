// Pasted notes and chats become rows where the cursor was: the server reads the text, and no page comes anew. A whole
// postmortem is still offered by the server, as without a script.

import { posted } from "../token.js";
import * as lines from "./lines.js";
import * as names from "./names.js";
import * as rows from "./rows.js";
import * as undo from "./undo.js";

let last = null; // The row of the form in which somebody wrote last.
document.addEventListener("focusin", ({ target }) => {
  const row = target.closest?.("#editor .block");
  if (row) last = row;
});

async function read(text) {
  const form = names.form();
  const sent = () => new URLSearchParams({ csrf_token: form.elements.csrf_token.value, date: form.elements.date.value, text });
  const answer = await posted(() => fetch("/write/rows", { method: "POST", body: sent() }));
  if ([401, 403].includes(answer.status)) return { refused: "Your session has ended: sign in in another tab, then press it once more." };
  const told = answer.headers.get("Content-Type")?.includes("json") ? await answer.json() : {};
  return answer.ok ? told : { refused: `The notes could not be read: ${told.detail ?? `the server answered ${answer.status}`}.` };
}

function made(section, found) {
  const row = rows.add(section, found.type);
  for (const [name, text] of Object.entries(found)) {
    const field = name === "type" || typeof text !== "string" ? null : names.field(row, name);
    if (field) field.value = text;
  }
  row.querySelector("[autofocus]")?.removeAttribute("autofocus");
  const line = row.querySelector(":scope > details.line");
  if (line) line.open = false;
  lines.draw(row);
  return row;
}

// `whole` presses the button as the server knows it.
export async function take(section, say, whole) {
  const field = names.field(section, "paste");
  const text = field.value;
  if (!text.trim()) return;
  const pressed = document.activeElement;
  say("Reading the notes …");
  const found = await read(text).catch(() => ({ refused: "The server does not answer: try again." }));
  if (found.refused) {
    say(`${found.refused} The notes are still here.`, "error-text");
    return;
  }
  if (found.is_whole) {
    whole();
    return;
  }
  const after = last?.isConnected && last.closest("section.editing") === section && rows.tells(last) ? last : null;
  const blank = names.blocks(section).filter((row) => !rows.tells(row));
  const came = found.rows.map((one) => made(section, one));
  if (after) after.after(...came);
  for (const row of blank) row.remove();
  field.value = "";
  names.changed(section);
  const said = came.length === 1 ? "Made a row of the notes" : `Made ${came.length} rows of the notes`;
  undo.added(came, said, () => {
    if (!field.value) field.value = text;
  });
  // Who has begun to type elsewhere keeps the cursor.
  if (came[0] && [pressed, document.body].includes(document.activeElement)) rows.focus(came[0]);
}
