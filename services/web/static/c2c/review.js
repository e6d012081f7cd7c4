/* Voting by keyboard: j and k move between files, a and c press the buttons of the file in view. Without this script
   everything works by the buttons. */
"use strict";
(function () {
  const files = Array.from(document.querySelectorAll(".review-file"));
  let at = Math.max(0, files.findIndex((file) => `#${file.id}` === window.location.hash));

  function go(step) {
    at = Math.min(files.length - 1, Math.max(0, at + step));
    files[at].focus({ preventScroll: true });
    files[at].scrollIntoView({ block: "start" });
  }

  function press(key) {
    const focused = files.findIndex((file) => file.contains(document.activeElement));
    if (focused >= 0) { at = focused; } // a letter votes only while a file has the focus
    if (focused < 0) { return; }
    const button = files[at].querySelector(`button[data-key="${key}"]`);
    if (button) { button.form.requestSubmit(button); }
  }

  document.addEventListener("keydown", function (event) {
    if (!files.length || event.ctrlKey || event.metaKey || event.altKey) { return; }
    if (event.target.closest("input, textarea, select, summary")) { return; }
    if (event.key === "j") { go(1); }
    if (event.key === "k") { go(-1); }
    if (event.key === "a" || event.key === "c") { press(event.key); }
  });
}());
