// The editor's only needs of a script: say before text is lost, and carry the cursor to what a button added.

let unsaved = document.getElementById("editor")?.dataset.unsaved === "yes";

document.addEventListener("input", (event) => {
  if (event.target.closest("#editor")) unsaved = true;
});
// A button that shows the form again has changed it, but only these leave the page for good.
document.addEventListener("submit", (event) => {
  if (event.target.id === "editor") unsaved = false;
});
window.addEventListener("beforeunload", (event) => {
  if (unsaved) event.preventDefault();
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "editor") unsaved = true;
});
