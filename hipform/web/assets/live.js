// Live training: the camera's frames go to hipform; drawn frames, counts and cues come back.
import { makeSpeaker } from "/assets/speech.js";

const one = (selector) => document.querySelector(selector);
const words = one("[data-words]").dataset;
const start = one("[data-start]");
const form = one("[data-facts]");
const screen = one("[data-screen]");
const KEYS = { " ": "pause", m: "mute", f: "mirror", x: "mirror", n: "next exercise", o: "quit", q: "quit", Escape: "quit" };
// One is encoded while another is judged: a third would only be older when its turn comes.
const MOST_ON_THE_WAY = 2;

function complain(text) {
  one("[data-problem]").textContent = text;
  one("[data-problem]").hidden = !text;
}

// ------------------------------------------------------------------------------------------------------------ camera

async function openCamera() {
  const chosen = form.elements.camera.value;
  const wanted = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
  if (chosen) wanted.deviceId = { exact: chosen };
  return navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
}

async function listCameras() {
  // Names are known only after the first permission; the list is shown where there is a choice.
  const cameras = (await navigator.mediaDevices.enumerateDevices()).filter((device) => device.kind === "videoinput" && device.deviceId);
  const list = form.elements.camera;
  list.replaceChildren(...cameras.map((camera) => new Option(camera.label, camera.deviceId)));
  one("[data-cameras]").hidden = cameras.length < 2;
}

function whyNot(error) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return words.denied;
  return error.name === "NotFoundError" || error.name === "OverconstrainedError" ? words.missing : words.busy;
}

/** Play the camera's stream in a video that nobody sees. */
async function play(stream) {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = stream;
  await video.play();
  return video;
}

/** Send the frames of `video` on `socket`; returns a function to call with the number of frames that were taken. */
function sendFrames(video, socket) {
  const encoder = new Worker("/assets/encoder.js");
  let on_the_way = 0;
  let is_encoding = false;
  encoder.addEventListener("message", ({ data }) => {
    is_encoding = false;
    if (socket.readyState === WebSocket.OPEN) socket.send(data);
  });
  async function take(now, frame) {
    if (socket.readyState !== WebSocket.OPEN) {
      encoder.terminate();
      return;
    }
    video.requestVideoFrameCallback(take);
    // A frame that would have to wait is dropped.
    if (is_encoding || on_the_way >= MOST_ON_THE_WAY) return;
    is_encoding = true;
    on_the_way += 1;
    const bitmap = await createImageBitmap(video);
    encoder.postMessage({ bitmap, captured_s: (frame.captureTime ?? now) / 1000 }, [bitmap]);
  }
  video.requestVideoFrameCallback(take);
  return (n_taken) => (on_the_way -= n_taken);
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

function train(stream, video, facts, speaker) {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}/live/socket`);
  socket.binaryType = "arraybuffer";
  let taken = () => {};
  let has_ended = false;
  const command = (name) => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(name);
    if (name === "mute") speaker.hush();
    if (name === "quit") {
      stream.getTracks().forEach((track) => track.stop());
      one("[data-waiting]").textContent = words.ending;
      one("[data-waiting]").hidden = false;
    }
  };
  socket.addEventListener("open", () => {
    socket.send(JSON.stringify(facts));
    taken = sendFrames(video, socket);
  });
  socket.addEventListener("message", ({ data }) => {
    if (typeof data !== "string") return draw(data);
    const news = JSON.parse(data);
    if (news.taken) taken(news.taken);
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
    stream.getTracks().forEach((track) => track.stop());
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
  let stream, video;
  try {
    stream = await openCamera();
    video = await play(stream);
  } catch (error) {
    complain(whyNot(error));
    start.disabled = false;
    return;
  }
  const speaker = await makeSpeaker(form.elements.speaker.value);
  if (speaker.who === "computer" && form.elements.speaker.value === "page") complain(words.mute);
  const { frameRate } = stream.getVideoTracks()[0].getSettings();
  const { camera, ...facts } = Object.fromEntries(new FormData(form));
  one("[data-before]").hidden = true;
  one("[data-during]").hidden = false;
  one("[data-waiting]").hidden = false;
  command = train(stream, video, { ...facts, speaker: speaker.who, width: video.videoWidth, height: video.videoHeight, fps: frameRate ?? 30 }, speaker);
  navigator.wakeLock?.request("screen").catch(() => {});
  listCameras();
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

if (navigator.mediaDevices?.getUserMedia && HTMLVideoElement.prototype.requestVideoFrameCallback && window.OffscreenCanvas) {
  start.disabled = false;
  listCameras();
} else complain(words.missing);
