// On a phone a table of things becomes a list of facts: each cell takes its column's name, and c2c.css does the rest.
// Without scripts such a table scrolls sideways. Grids of numbers under review stay tables.
"use strict";
for (const table of document.querySelectorAll(".c2c-scroll > .usa-table:not(.usa-table--stacked):not(.review-grid)")) {
  const names = [...table.querySelectorAll(":scope > thead > tr:only-child > th")].map((each) => each.textContent.trim());
  const rows = [...table.querySelectorAll(":scope > tbody > tr")];
  if (names.length < 3 || rows.some((row) => row.cells.length !== names.length)) continue;
  for (const row of rows) {
    names.forEach((name, index) => {
      const cell = row.cells[index];
      if (name && cell.tagName === "TD") cell.dataset.label = name;
      if (!cell.textContent.trim() && !cell.childElementCount) cell.classList.add("c2c-none");
    });
  }
  table.classList.add("usa-table--stacked");
}
// What still scrolls sideways can be reached and moved by keyboard.
for (const place of document.querySelectorAll(".c2c-scroll")) {
  if (place.scrollWidth > place.clientWidth) place.tabIndex = 0;
}
