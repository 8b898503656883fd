// Speaks in the page and in its language, with voices of this computer only: others would send the words elsewhere.
const VOICES_LIMIT_MS = 1500;
const STALE_MS = 2000;

function localVoice() {
  const { lang } = document.documentElement;
  const voices = speechSynthesis.getVoices().filter((voice) => voice.localService && voice.lang.startsWith(lang));
  return voices.find((voice) => voice.default) ?? voices[0];
}

/** Return a voice of this computer; some browsers know theirs only after a moment. */
async function findVoice() {
  if (!window.speechSynthesis) return null;
  if (!localVoice()) {
    await new Promise((resolve) => {
      speechSynthesis.addEventListener("voiceschanged", resolve, { once: true });
      setTimeout(resolve, VOICES_LIMIT_MS);
    });
  }
  return localVoice() ?? null;
}

/** Let the page speak later: phones allow it only if it began with a touch. */
export function unlockVoice() {
  window.speechSynthesis?.speak(new SpeechSynthesisUtterance(""));
}

/** Return who speaks, `wanted` if that is possible, and functions to say a text and to be quiet. */
export async function makeSpeaker(wanted) {
  const voice = wanted === "page" ? await findVoice() : null;
  if (!voice) return { who: wanted === "page" ? "computer" : wanted, say: () => {}, hush: () => {} };
  let waiting = null;
  function next() {
    if (!waiting) return;
    const { text, since } = waiting;
    waiting = null;
    if (performance.now() - since > STALE_MS) return;
    const utterance = new SpeechSynthesisUtterance(text);
    utterance.voice = voice;
    utterance.lang = voice.lang;
    utterance.addEventListener("end", next);
    speechSynthesis.speak(utterance);
  }
  return {
    who: "page",
    // What waits is replaced by what is newer, and dropped when it is late.
    say: (text) => {
      waiting = { text, since: performance.now() };
      if (!speechSynthesis.speaking) next();
    },
    hush: () => {
      waiting = null;
      speechSynthesis.cancel();
    },
  };
}
