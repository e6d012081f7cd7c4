/* Voting by keyboard: j and k move between files, a and c press the buttons of the file that has the focus, ? opens the
   help. A letter votes only while a file has the focus, never while somebody writes; the keys can be switched off, and
   the browser remembers it. Without this script everything works by the buttons. */
"use strict";
(function () {
  const OFF = "c2c-review-keys-off";
  const files = Array.from(document.querySelectorAll(".review-file"));
  const help = document.getElementById("review-keys");
  const box = document.getElementById("review-keys-on");
  let at = files.findIndex((file) => `#${file.id}` === window.location.hash);

  function remembered() {
    try { return window.localStorage.getItem(OFF) === "yes"; } catch (problem) { return false; }
  }

  function remember(off) {
    try { window.localStorage.setItem(OFF, off ? "yes" : "no"); } catch (problem) { /* for this page only */ }
  }

  function here() {
    return files.findIndex((file) => file.contains(document.activeElement));
  }

  function go(step) {
    const focused = here();
    if (focused >= 0) { at = focused; }
    at = Math.min(files.length - 1, Math.max(0, at + step));
    files[at].focus({ preventScroll: true });
    files[at].scrollIntoView({ block: "start" });
  }

  function press(key) {
    const focused = here();
    const button = focused < 0 ? null : files[focused].querySelector(`button[data-key="${key}"]`);
    if (button) { button.form.requestSubmit(button); }
  }

  function explain() {
    if (!help) { return; }
    help.open = true;
    help.querySelector("summary").focus();
  }

  const acts = { j: () => go(1), k: () => go(-1), a: () => press("a"), c: () => press("c") };

  if (help && box) {
    help.hidden = false;
    box.checked = !remembered();
    box.addEventListener("change", () => remember(!box.checked));
  }
  if (at >= 0) { files[at].focus({ preventScroll: true }); }

  document.addEventListener("keydown", function (event) {
    if (!files.length || event.ctrlKey || event.metaKey || event.altKey || event.repeat) { return; }
    if (event.target.isContentEditable || event.target.closest("input, textarea, select")) { return; }
    if (event.key === "?") { explain(); return; }
    if (box && !box.checked) { return; }
    if (Object.hasOwn(acts, event.key)) { acts[event.key](); }
  });
}());
