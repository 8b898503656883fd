// The page with the code: it goes on as soon as a phone has read it.
const code = document.querySelector("[data-code]")?.dataset.code;
const EVERY_MS = 1500;

if (code) {
  setInterval(async () => {
    const answer = await fetch(`/phone/devices/${code}/paired`).catch(() => null);
    if (answer && (!answer.ok || (await answer.text()) === "yes")) location.assign("/phone");
  }, EVERY_MS);
}
