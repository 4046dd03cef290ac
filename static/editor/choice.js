// Where two changed the same: what it was, theirs and yours word by word, beside the part, and a choice per change.
// Nothing is replaced before somebody chooses.

import * as names from "./names.js";

const chosen = new Map(); // By part and field, the text of theirs about which was chosen.
const WAYS = [["theirs", "Take theirs"], ["yours", "Keep mine"], ["both", "Both"]];
const element = (tag, properties = {}, ...inside) => {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...inside);
  return made;
};

export const forget = () => chosen.clear();

function words(spans) {
  const tags = { same: "span", removed: "del", added: "ins" };
  return spans.map(({ op, text }) => element(tags[op], { textContent: text }));
}

function told(label, inside) {
  return element("div", {}, element("dt", { textContent: label }), element("dd", { dir: "auto" }, ...(inside.length ? inside : [element("span", { className: "mute", textContent: "nothing" })])));
}

const joined = (hunk, way) => ({ theirs: hunk.theirs, yours: hunk.yours, both: `${hunk.theirs}\n${hunk.yours}` })[way];
const clashing = (hunks) => hunks.filter((hunk) => hunk.text === undefined);
const yoursOf = (hunks) => hunks.map((hunk) => hunk.text ?? hunk.yours).join("\n");
const theirsOf = (hunks) => hunks.map((hunk) => hunk.text ?? hunk.theirs).join("\n");

function box(key, title) {
  const made = element("div", { className: "clash flash warning" }, element("p", { textContent: title }));
  made.dataset.clash = key;
  made.setAttribute("role", "group");
  made.setAttribute("aria-label", title);
  return made;
}

function button(label, act) {
  const made = element("button", { type: "button", className: "button little", textContent: label });
  made.addEventListener("click", act);
  return made;
}

function ofField(key, clash, by, field, row, acts) {
  const { hunks } = clash;
  const put = (text) => acts.put(row, clash.field, text);
  const made = box(key, `${by} changed this too. Yours stands here; choose:`);
  const ways = new Map();
  const offered = WAYS.filter(([way]) => way !== "both" || field.matches("textarea, input:not([type=date])"));
  for (const hunk of clashing(hunks)) {
    const choices = element("div", { className: "row" });
    for (const [way, label] of offered) {
      choices.append(button(label, ({ target }) => {
        for (const other of choices.children) other.setAttribute("aria-pressed", String(other === target));
        ways.set(hunk, way);
        if (ways.size === clashing(hunks).length) settle(key, hunks, ways, field, { ...acts, put }, made);
      }));
    }
    const before = hunk.base ? [hunk.base] : [];
    made.append(element("dl", { className: "clash-texts compared" }, told("Before", before), told("Theirs", words(hunk.theirs_words)), told("Yours", words(hunk.yours_words))), choices);
  }
  return made;
}

const plain = (text) => text.split("\n").map((line) => line.trimEnd()).join("\n").replace(/^\n+|\n+$/g, "");

function settle(key, hunks, ways, field, acts, made) {
  // What was typed since is compared anew before anything is put in its place.
  if (!field.name.endsWith("other_guards") && plain(field.value) !== plain(yoursOf(hunks))) {
    made.dataset.state = "";
    acts.again();
    return;
  }
  // A list, a date or a line holds both in its own way; a text as lines.
  const separator = field.name.endsWith("other_guards") || field.matches("textarea") ? "\n" : "many" in field.dataset ? ", " : " ";
  const text = hunks.map((hunk) => hunk.text ?? joined(hunk, ways.get(hunk)).replace("\n", ways.get(hunk) === "both" ? separator : "\n")).join("\n");
  chosen.set(key, theirsOf(hunks));
  made.remove();
  acts.put(text);
  names.changed(field);
  acts.again();
  field.focus({ preventScroll: true });
}

function ofLost(key, lost, by, row, acts, found) {
  const what = lost.part ? Object.values(lost.part.fields).filter(Boolean).join(" ").slice(0, 80) : "";
  const title = lost.by === "theirs" ? `${by} removed this, and you changed it. It stays unless you choose:` : `${by} changed what you removed: “${what}”. It stays removed unless you choose:`;
  const made = box(key, title);
  const settled = (act) => () => {
    chosen.set(key, JSON.stringify(lost.part?.fields ?? ""));
    made.remove();
    names.changed(act() ?? names.form());
    acts.again();
  };
  const keep = () => {
    // To the server it is a new part.
    if (row) names.field(row, "id").value = "";
    return row;
  };
  const ways = lost.by === "theirs"
    ? [["Remove it too", () => void row.remove()], ["Keep mine", keep]]
    : [["Put theirs back", () => acts.made(lost.part, found.get(lost.part.home) ?? names.sections().at(-1))], ["Leave it removed", () => null]];
  made.append(element("div", { className: "row" }, ...ways.map(([label, act]) => button(label, settled(act)))));
  return made;
}

// Whether everything that clashes was chosen about; draws what was not.
export function show(answer, found, acts) {
  const open = new Set();
  const drawn = (key, beside, make, state) => {
    open.add(key);
    const there = document.querySelector(`[data-clash="${CSS.escape(key)}"]`);
    if (there?.dataset.state === state) return;
    const made = make();
    made.dataset.state = state;
    if (there) there.replaceWith(made);
    else beside(made);
  };
  for (const clash of answer.clashes) {
    const key = `${clash.key} ${clash.field}`;
    if (chosen.get(key) === theirsOf(clash.hunks)) continue;
    const row = clash.key ? found.get(clash.key) : null;
    const field = row ? names.field(row, clash.field === "guards" ? "other_guards" : clash.field) : names.form().elements[clash.field];
    if (!field) continue;
    const line = row?.querySelector(":scope > details.line");
    const beside = (made) => (line && !line.open ? line.before(made) : (field.closest(".field") ?? row).after(made));
    drawn(key, beside, () => ofField(key, clash, answer.by, field, row, acts), theirsOf(clash.hunks) + yoursOf(clash.hunks));
  }
  for (const lost of answer.lost) {
    const key = `${lost.key} lost`;
    const state = JSON.stringify(lost.part?.fields ?? "");
    if (chosen.get(key) === state) continue;
    const row = found.get(lost.key);
    const beside = (made) => (row ? row.prepend(made) : document.getElementById("savebar").before(made));
    drawn(key, beside, () => ofLost(key, lost, answer.by, row, acts, found), state);
  }
  for (const there of document.querySelectorAll("[data-clash]")) if (!open.has(there.dataset.clash)) there.remove();
  return open.size === 0;
}
