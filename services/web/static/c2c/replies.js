/* A saved reply goes into the text that was written in last, else into the comment; nothing that stands there is lost.
   Without this script the link loads the page again with the reply in the comment. */
"use strict";
(function () {
  let last = document.getElementById("body");

  document.addEventListener("focusin", function (event) {
    if (event.target.matches("textarea")) { last = event.target; }
  });

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a.review-reply");
    if (!link || !last || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    const gap = last.value && !last.value.endsWith("\n") ? "\n" : "";
    last.setRangeText(gap + link.dataset.body, last.value.length, last.value.length, "end");
    last.focus();
  });
}());
