// A camera of this device, and its frames on their way to hipform.
// One is encoded while another is judged. Where that takes longer than the next one takes to come, a second would only get older.
const MOST_ON_THE_WAY = 2;
const SLOW_MS = 50;
const OLD_SHARE = 0.8;

/** Whether this browser has what it takes to film. */
export function canFilm() {
  return Boolean(navigator.mediaDevices?.getUserMedia && HTMLVideoElement.prototype.requestVideoFrameCallback && window.OffscreenCanvas);
}

/** Open a camera that fits `which`, and play it in `video`. */
export async function openCamera(which, video) {
  const wanted = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 }, ...which };
  video.srcObject = await navigator.mediaDevices.getUserMedia({ video: wanted, audio: false });
  video.muted = true;
  video.playsInline = true;
  await video.play();
}

export function closeCamera(video) {
  video.srcObject?.getTracks().forEach((track) => track.stop());
}

/** Return size and rate of the frames in `video`. */
export function modeOf(video) {
  const { frameRate } = video.srcObject.getVideoTracks()[0].getSettings();
  return { width: video.videoWidth, height: video.videoHeight, fps: frameRate ?? 30 };
}

/** Return which of the texts in `words` says why a camera cannot be opened. */
export function whyNot(error, words) {
  if (error.name === "NotAllowedError" || error.name === "SecurityError") return words.denied;
  return error.name === "NotFoundError" || error.name === "OverconstrainedError" ? words.missing : words.busy;
}

/** Give the frames of `video` to `send`; returns functions to report that some were taken, and to stop. */
export function sendFrames(video, send) {
  const encoder = new Worker("/assets/encoder.js");
  let on_the_way = 0;
  let taken_ms = 0;
  let period_ms = 0;
  let is_encoding = false;
  let has_ended = false;
  encoder.addEventListener("message", ({ data }) => {
    is_encoding = false;
    if (!has_ended) send(data);
  });
  async function take(now, frame) {
    if (has_ended) return;
    video.requestVideoFrameCallback(take);
    // A frame that would have to wait is dropped.
    if (is_encoding || on_the_way >= (period_ms > SLOW_MS ? 1 : MOST_ON_THE_WAY)) return;
    is_encoding = true;
    on_the_way += 1;
    const bitmap = await createImageBitmap(video);
    encoder.postMessage({ bitmap, captured_s: (frame.captureTime ?? now) / 1000, number: frame.presentedFrames }, [bitmap]);
  }
  video.requestVideoFrameCallback(take);
  return {
    taken: (number) => {
      const now_ms = performance.now();
      if (taken_ms) period_ms = OLD_SHARE * period_ms + (1 - OLD_SHARE) * (now_ms - taken_ms);
      taken_ms = now_ms;
      on_the_way -= number;
    },
    stop: () => {
      has_ended = true;
      encoder.terminate();
    },
  };
}
