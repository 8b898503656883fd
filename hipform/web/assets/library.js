// The page of all sets: clips are dropped, move through the queue, and are searched.
import { listen, show } from "/assets/states.js";
import { begin } from "/assets/sending.js";

const one = (selector) => document.querySelector(selector);
const list = one("[data-list]");
const drop = one("[data-drop]");
const box = one("[data-search-box]");

// ------------------------------------------------------------------------------------------------------------- list

function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const row of list.querySelectorAll("[data-set]")) row.hidden = !words.every((word) => row.dataset.search.includes(word));
}

async function refresh() {
  const answer = await fetch("/library");
  if (!answer.ok) return;
  const focused = document.activeElement?.closest("[data-set]")?.dataset.set;
  list.innerHTML = await answer.text();
  if (focused) list.querySelector(`[data-set="${focused}"] .name`)?.focus();
  search();
}

box.addEventListener("input", search);
listen((sets, hasChanged) => {
  if (hasChanged) refresh();
  for (const [id, set] of Object.entries(sets)) {
    const row = list.querySelector(`[data-set="${id}"]`);
    if (row) show(row, set);
  }
});

// ---------------------------------------------------------------------------------------------------------- dropping

for (const event of ["dragenter", "dragover"]) {
  addEventListener(event, (dragged) => {
    dragged.preventDefault();
    drop.classList.add("over");
  });
}
addEventListener("dragleave", (dragged) => {
  if (!dragged.relatedTarget) drop.classList.remove("over");
});
addEventListener("drop", (dropped) => {
  dropped.preventDefault();
  drop.classList.remove("over");
  [...dropped.dataTransfer.files].forEach(begin);
});
