// Chosen clips become lines with a progress bar and are sent one after another.
import { send } from "/assets/uploads.js";

const uploads = document.querySelector("[data-uploads]");
let n_sending = 0;
let turn = Promise.resolve();

/** Send `file` with the facts of the form; the lines of the list show how far it is. */
export function begin(file) {
  const facts = Object.fromEntries(new FormData(document.querySelector("[data-facts]")));
  const line = document.createElement("li");
  const name = document.createElement("span");
  const bar = document.createElement("progress");
  name.textContent = `${file.name} ${uploads.dataset.arriving}`;
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  line.append(name, bar);
  uploads.append(line);
  n_sending += 1;
  // One after another: the first is analysed while the others arrive.
  turn = turn.then(async () => {
    try {
      await send(file, facts, (share) => (bar.value = share));
      line.remove();
    } catch (error) {
      bar.remove();
      name.textContent = error.message || `${file.name} ${uploads.dataset.broken}`;
      line.className = "reason";
    }
    n_sending -= 1;
  });
}

for (const chooser of document.querySelectorAll("[data-files]")) {
  const take = () => {
    [...chooser.files].forEach(begin);
    chooser.value = "";
  };
  chooser.addEventListener("change", take);
  // Over a slow network, clips may have been chosen before this script arrived.
  take();
}
addEventListener("beforeunload", (leaving) => {
  if (n_sending) leaving.preventDefault();
});
