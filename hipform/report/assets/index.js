"use strict";
/* The index of a batch: clicking a heading sorts, the form filters. */

(() => {
  const body = document.querySelector("table.clips tbody");
  const rows = [...body.rows];
  const found = new Map(rows.map((row) => [row, row.textContent.toLowerCase()]));
  const field = (id) => document.getElementById(id)?.value ?? "";

  // ----------------------------------------------------------------------------------------------------- filters

  const SHOWN = {
    "": () => true,
    lockout: (row) => Number(row.dataset.rate) >= 0 && Number(row.dataset.rate) < 1,
    back: (row) => row.dataset.back === "fault",
    fault: (row) => "fault" in row.dataset,
    failed: (row) => row.classList.contains("failed"),
  };

  function filter() {
    const words = field("words").toLowerCase().split(/\s+/).filter(Boolean);
    const exercise = field("exercise");
    let shown = 0;
    for (const row of rows) {
      const fits = SHOWN[field("show")](row) && words.every((word) => found.get(row).includes(word)) &&
        (!exercise || row.dataset.exercises.split(" ").includes(exercise));
      row.hidden = !fits;
      shown += fits;
    }
    document.querySelector("[data-shown]").textContent = shown;
    document.querySelector("[data-none]").hidden = shown > 0;
  }

  const form = document.getElementById("filters");
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  filter();

  // --------------------------------------------------------------------------------------------------------- sort

  const byText = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" }).compare;

  /** Sort key of *row* in that column; null, which is sorted last, if the cell is empty. */
  function order(row, column, kind) {
    const cell = row.cells[column];
    if (!cell || "reason" in cell.dataset) return null;
    if (kind === "text") return cell.textContent.trim() || null;
    return Number(cell.dataset.order) < 0 ? null : Number(cell.dataset.order);
  }

  /** Let a click on a heading of *table* sort it. */
  function makeSortable(table) {
    const headings = [...table.querySelectorAll("thead th")];
    const unsorted = [...table.tBodies[0].rows];

    function sort(heading, column, kind) {
      // Numbers are first sorted in descending order, because people look for the largest.
      const first = kind === "text" ? "ascending" : "descending";
      const other = kind === "text" ? "descending" : "ascending";
      const direction = heading.getAttribute("aria-sort") === first ? other : first;
      headings.forEach((one) => one.hasAttribute("aria-sort") && one.setAttribute("aria-sort", one === heading ? direction : "none"));
      const compare = kind === "text" ? byText : (a, b) => a - b;
      const keyed = unsorted.map((row, at) => [order(row, column, kind), at, row]);
      keyed.sort(([a, at], [b, bt]) => {
        if (a === null || b === null) return (a === null) - (b === null) || at - bt;
        return (direction === "ascending" ? compare(a, b) : compare(b, a)) || at - bt;
      });
      table.tBodies[0].append(...keyed.map(([, , row]) => row));
    }

    headings.forEach((heading, column) => {
      const button = heading.querySelector("button");
      button?.addEventListener("click", () => sort(heading, column, button.dataset.kind));
    });
  }

  document.querySelectorAll("table[data-sortable]").forEach(makeSortable);
})();
