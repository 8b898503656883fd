// The page on the phone: clips go to the computer, reports come back.
import "/assets/sending.js";

const own = document.querySelector("[data-own]");
const EVERY_MS = 2000;

setInterval(async () => {
  if (document.hidden) return;
  const answer = await fetch("/own").catch(() => null);
  if (answer?.status === 401) location.reload();
  if (!answer?.ok) return;
  const html = await answer.text();
  if (own.dataset.shown !== html) {
    own.innerHTML = html;
    own.dataset.shown = html;
  }
}, EVERY_MS);
