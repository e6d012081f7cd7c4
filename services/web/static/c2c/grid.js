/* Grids are sorted in place where the whole table is on the page; elsewhere the link asks the server. Escape takes a
   finding away that covers other cells. Without this script the links sort, and findings show on hover and focus. */
"use strict";
(function () {
  function number(text) {
    const plain = text.replace(/,/g, "").replace(/%$/, "").replace(/^[<>~\u2264\u2265 ]+/, "").trim();
    return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(plain) ? Number(plain) : null;
  }

  function shown(row, column) {
    const cell = row.cells[column];
    const first = cell && cell.firstChild;
    return first && first.nodeType === Node.TEXT_NODE ? first.data.trim() : "";
  }

  function compare(one, other) {
    const a = number(one), b = number(other);
    if (a !== null && b !== null) { return a - b; }
    if (a !== null || b !== null) { return a !== null ? -1 : 1; }
    return one.toLowerCase() < other.toLowerCase() ? -1 : one.toLowerCase() > other.toLowerCase() ? 1 : 0;
  }

  function sort(table, head) {
    const column = head.cellIndex;
    const down = head.getAttribute("aria-sort") === "ascending";
    const body = table.tBodies[0];
    const rows = Array.from(body.rows).sort((a, b) => Number(a.cells[0].textContent) - Number(b.cells[0].textContent));
    const filled = rows.filter((row) => shown(row, column) !== "");
    filled.sort((a, b) => (down ? -1 : 1) * compare(shown(a, column), shown(b, column)));
    const empty = rows.filter((row) => shown(row, column) === "");
    [...filled, ...empty].forEach((row) => body.append(row));
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest("a.review-sort");
    const table = link && link.closest("table[data-whole]");
    if (!table || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
    event.preventDefault();
    sort(table, link.closest("th"));
  });

  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") { return; }
    document.querySelectorAll(".review-cell:hover, .review-cell:focus").forEach(function (cell) {
      cell.classList.add("review-quiet");
      ["blur", "mouseleave"].forEach((end) => cell.addEventListener(end, () => cell.classList.remove("review-quiet"), { once: true }));
    });
  });
}());
