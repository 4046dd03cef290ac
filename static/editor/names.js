// Names of the form's fields, such as `sections.2.blocks.5.text`. The server reads rows in the order of the page,
// so a row keeps its number wherever it moves, and a new one takes a number that none has had: no press names the
// whole form anew.

const DOTTED = ["name", "data-stem"];
const DASHED = ["id", "for", "aria-describedby", "aria-controls", "aria-labelledby"];
let last = 0;

export const form = () => document.getElementById("editor");
export const sections = () => [...form().querySelectorAll(":scope > section.editing")];
export const listOf = (section) => section.querySelector(".blocks");
export const blocks = (section) => [...listOf(section).children];

// From the highest number on the page; also after the server has drawn the form anew.
export function count() {
  for (const element of form().querySelectorAll("[data-stem], .removed ~ textarea, textarea[hidden]")) {
    for (const number of (element.dataset.stem ?? element.name).match(/\d+/g) ?? []) last = Math.max(last, Number(number));
  }
}
export const fresh = () => (last += 1);

// Gives a row, and all that is in it, names and ids that begin with `stem`.
export function rename(root, stem) {
  const before = root.dataset.stem;
  if (before === stem) return root;
  const [from, to] = [before, stem].map((name) => name.replaceAll(".", "-"));
  for (const element of [root, ...root.querySelectorAll("*")]) {
    for (const attribute of DOTTED) swap(element, attribute, before, stem);
    for (const attribute of DASHED) swap(element, attribute, from, to);
  }
  const place = stem.match(/\d+/g)?.join("-");
  if (root.id) root.id = `${root.matches("section") ? "section" : "block"}-${place}`;
  return root;
}

function swap(element, attribute, from, to) {
  const said = element.getAttribute(attribute);
  if (said?.includes(from)) element.setAttribute(attribute, said.replaceAll(from, to));
}

export const stemIn = (section) => `${section.dataset.stem}.blocks.${fresh()}`;

// Where something stands by now, as the server counts: for the few buttons that it answers itself.
export const place = (section) => sections().indexOf(section);
export const placeOf = (block) => blocks(block.closest("section.editing")).indexOf(block);

export const field = (row, name) =>
  [...row.querySelectorAll("[name]")].find((element) => element.name === `${row.dataset.stem}.${name}`);

// Whatever listens to typing (drafts, the line of a row, the outline) is told of a change that a button made.
export function changed(element) {
  form().dataset.unsaved = "yes";
  (element?.isConnected ? element : form()).dispatchEvent(new Event("input", { bubbles: true }));
}
