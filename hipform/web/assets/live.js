// Live training: the camera's frames go to hipform; drawn frames, counts and cues come back.
import { canFilm, closeCamera, modeOf, openCamera, sendFrames, whyNot } from "/assets/camera.js";
import { makeSpeaker } from "/assets/speech.js";

const one = (selector) => document.querySelector(selector);
const words = one("[data-words]").dataset;
const start = one("[data-start]");
const form = one("[data-facts]");
const screen = one("[data-screen]");
const KEYS = { " ": "pause", m: "mute", f: "mirror", x: "mirror", n: "next exercise", o: "quit", q: "quit", Escape: "quit" };
const PHONES_EVERY_MS = 2000;

function complain(text) {
  one("[data-problem]").textContent = text;
  one("[data-problem]").hidden = !text;
}

// ------------------------------------------------------------------------------------------------------------ camera

const list = form.elements.camera;

/** Put those cameras into the list whose value begins with `kind`, in place of others of that kind, and choose `wanted`. */
function offer(kind, cameras, wanted = list.value) {
  const chosen = list.value;
  for (const option of [...list.options]) if (option.value.startsWith(kind)) option.remove();
  list.append(...cameras.map(({ id, name }) => new Option(name, kind + id)));
  if ([...list.options].some((option) => option.value === wanted)) list.value = wanted;
  // Phones are listed again and again: while the choice stays, so does what the page says, and whether it may start.
  if (list.value !== chosen) choosePhone();
}

async function listCameras() {
  // Names are known only after the first permission; the list is needed where there is a choice.
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput" && device.deviceId);
  if (cameras.length > 1) offer("camera:", cameras.map(({ deviceId, label }) => ({ id: deviceId, name: label })));
}

async function listPhones() {
  if (document.hidden || one("[data-before]").hidden) return;
  const answer = await fetch("/live/phones").catch(() => null);
  if (!answer?.ok) return;
  const phones = await answer.json();
  const is_first = phones.length && ![...list.options].some((option) => option.value.startsWith("phone:"));
  // Who has just connected a phone wants to film with it.
  offer("phone:", phones, is_first ? `phone:${phones[0].id}` : list.value);
}

function choosePhone() {
  const is_phone = list.value.startsWith("phone:");
  const { speaker } = form.elements;
  one("option[value=phone]").disabled = !is_phone;
  if (!is_phone && speaker.value === "phone") speaker.value = "page";
  start.textContent = is_phone ? words.begin : words.open;
  start.disabled = !is_phone && !canFilm();
  complain(!is_phone && !canFilm() ? words.missing : "");
}

// ------------------------------------------------------------------------------------------------------------ screen

async function draw(data) {
  const captured_s = new DataView(data).getFloat64(0, true);
  const image = await createImageBitmap(new Blob([new Uint8Array(data, 8)], { type: "image/jpeg" }));
  if (screen.width !== image.width) screen.width = image.width;
  if (screen.height !== image.height) screen.height = image.height;
  screen.getContext("2d").drawImage(image, 0, 0);
  image.close();
  one("[data-waiting]").hidden = true;
  screen.dispatchEvent(new CustomEvent("shown", { detail: { captured_s } }));
}

function show(state) {
  screen.dataset.stage = state.stage;
  one("[data-exercise]").textContent = state.exercise || "–";
  one("[data-number]").textContent = state.set;
  one("[data-reps]").textContent = state.reps;
  one("[data-verdict]").textContent = state.verdict || "–";
  one("[data-verdict]").dataset.status = state.status;
  const done = one("[data-done]");
  if (done.childElementCount !== state.done.length) {
    done.replaceChildren(...state.done.map((text) => Object.assign(document.createElement("li"), { textContent: text })));
  }
}

// ---------------------------------------------------------------------------------------------------------- training

/** Train with the frames of `video`, or with those of a phone if there is none. */
function train(video, facts, speaker) {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/live/socket`);
  socket.binaryType = "arraybuffer";
  let frames = null;
  let has_ended = false;
  const close = () => {
    frames?.stop();
    if (video) closeCamera(video);
  };
  const command = (name) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(name);
    if (name === "mute") speaker.hush();
    if (name === "quit") {
      close();
      one("[data-waiting]").textContent = words.ending;
      one("[data-waiting]").hidden = false;
    }
  };
  socket.addEventListener("open", () => {
    socket.send(JSON.stringify(facts));
    if (video) frames = sendFrames(video, (frame) => socket.readyState === WebSocket.OPEN && socket.send(frame));
  });
  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") return draw(data);
    const news = JSON.parse(data);
    if (news.taken) frames?.taken(news.taken);
    if (news.state) show(news.state);
    if (news.say) {
      one("[data-said]").textContent = news.say;
      speaker.say(news.say);
    }
    if (news.notice) complain(news.notice);
    if (news.problem !== undefined) has_ended = true;
    if (news.problem) complain(news.problem);
    if (news.set && !news.problem) location.assign(`/sets/${news.set}`);
  });
  socket.addEventListener("close", () => {
    close();
    one("[data-during]").hidden = true;
    one("[data-before]").hidden = false;
    start.disabled = false;
    if (!has_ended) complain(words.lost);
  });
  return command;
}

let command = null;

async function begin() {
  complain("");
  start.disabled = true;
  const { camera, ...facts } = Object.fromEntries(new FormData(form));
  const [kind, id] = [camera.split(":", 1)[0], camera.slice(camera.indexOf(":") + 1)];
  const video = kind === "phone" ? null : document.createElement("video");
  try {
    if (video) await openCamera(id ? { deviceId: { exact: id } } : {}, video);
  } catch (error) {
    complain(whyNot(error, words));
    start.disabled = false;
    return;
  }
  const speaker = await makeSpeaker(facts.speaker);
  if (speaker.who === "computer" && facts.speaker === "page") complain(words.mute);
  one("[data-before]").hidden = true;
  one("[data-during]").hidden = false;
  one("[data-waiting]").hidden = false;
  command = train(video, { ...facts, speaker: speaker.who, ...(video ? modeOf(video) : { phone: id }) }, speaker);
  navigator.wakeLock?.request("screen").catch(() => {});
  if (video) listCameras();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  begin();
});
for (const button of document.querySelectorAll("[data-command]")) button.addEventListener("click", () => command?.(button.dataset.command));
one("[data-full]").addEventListener("click", () => screen.requestFullscreen?.());
addEventListener("keydown", (event) => {
  const name = KEYS[event.key];
  // A key on a button presses it, and Escape leaves full screen.
  if (!name || one("[data-during]").hidden || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("button, a") || document.fullscreenElement && name === "quit" && event.key === "Escape") return;
  event.preventDefault();
  command?.(name);
});

list.addEventListener("change", choosePhone);
setInterval(listPhones, PHONES_EVERY_MS);
choosePhone();
listPhones();
if (canFilm()) listCameras();
