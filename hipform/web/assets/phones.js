// The page with the code: it goes on as soon as a phone has read it.
const { code, next } = document.querySelector("[data-code]")?.dataset ?? {};
const EVERY_MS = 1500;

if (code) {
  setInterval(async () => {
    const answer = await fetch(`/phone/devices/${code}/paired`).catch(() => null);
    if (!answer) return;
    if (!answer.ok) location.assign("/phone");
    else if ((await answer.text()) === "yes") location.assign(next);
  }, EVERY_MS);
}
