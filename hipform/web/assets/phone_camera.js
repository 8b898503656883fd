// The page of a phone that is the camera of a live training.
import { canFilm, closeCamera, modeOf, openCamera, sendFrames, whyNot } from "/assets/camera.js";
import { makeSpeaker, unlockVoice } from "/assets/speech.js";

const one = (selector) => document.querySelector(selector);
const words = one("[data-words]").dataset;
const video = one("[data-video]");
const EVERY_MS = 1000;
let facing = "environment";
let speaker = null;
let sending = null;

function complain(text) {
  one("[data-problem]").textContent = text;
  one("[data-problem]").hidden = !text;
}

function show(state) {
  video.dataset.state = state;
  one("[data-status]").textContent = words[state];
}

async function ask(path, body) {
  const answer = await fetch(path, { method: "POST", body }).catch(() => null);
  // The computer does not know this phone any more.
  if (answer?.status === 401) location.reload();
  return answer?.ok ? answer.json() : null;
}

async function send(frame) {
  const own = sending;
  const news = await ask("/camera/frames", frame);
  own.taken(1);
  news?.say.forEach(speaker.say);
  if (news?.films || own !== sending) return;
  // Without an answer, whether the training goes on is known only when the phone is heard again: see `offer`.
  sending.stop();
  sending = null;
  show(news ? "ready" : "lost");
}

/** Say that the phone is ready, and film as soon as somebody has started a training. */
async function offer() {
  if (sending || !speaker || document.hidden) return;
  const news = await ask("/camera", JSON.stringify({ ...modeOf(video), voice: speaker.who === "page" }));
  if (!news) show("lost");
  else if (news.films && !sending) {
    show("films");
    sending = sendFrames(video, send);
  } else show("ready");
}

async function begin() {
  complain("");
  unlockVoice();
  one("[data-start]").disabled = true;
  closeCamera(video);
  try {
    await openCamera({ facingMode: { ideal: facing } }, video);
  } catch (error) {
    complain(whyNot(error, words));
    return;
  } finally {
    one("[data-start]").disabled = false;
  }
  speaker ??= await makeSpeaker("page");
  one("[data-before]").hidden = true;
  one("[data-during]").hidden = false;
  navigator.wakeLock?.request("screen").catch(() => {});
  offer();
}

one("[data-start]").addEventListener("click", begin);
one("[data-other]").addEventListener("click", () => {
  facing = facing === "environment" ? "user" : "environment";
  begin();
});
setInterval(offer, EVERY_MS);

if (canFilm()) one("[data-start]").disabled = false;
else complain(words.missing);
