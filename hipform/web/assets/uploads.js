// Clips on their way, in pieces, so that one that breaks off continues where it was.
const PIECE_BYTES = 16 * 1024 * 1024;
const TRIES = 6;

async function asked(address, options) {
  const answer = await fetch(address, { ...options, headers: { accept: "application/json" } });
  const found = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
  if (!answer.ok) throw Object.assign(new Error(found.error ?? answer.statusText), { isFinal: answer.status < 500 && answer.status !== 408 });
  return found;
}

function sendPiece(address, piece, onShare) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("PUT", address);
    request.setRequestHeader("accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => onShare(event.loaded));
    request.addEventListener("load", () => (request.status === 200 ? resolve(request.response) : reject(new Error(request.response?.error))));
    request.addEventListener("error", () => reject(new Error()));
    request.send(piece);
  });
}

/**
 * Send `file` with `facts`; call `onShare` with the share that has arrived. Returns the set's id.
 * Throws an error whose message, if any, is for people.
 */
export async function send(file, facts, onShare) {
  const mark = `${file.name}/${file.size}/${file.lastModified}`;
  const begin = () => asked("/uploads", { method: "POST", body: JSON.stringify({ ...facts, name: file.name, size: file.size, mark }) });
  let begun = await begin();
  let at = begun.arrived;
  let failures = 0;
  for (;;) {
    try {
      const piece = file.slice(at, at + PIECE_BYTES);
      const answer = await sendPiece(`/uploads/${begun.id}/${at}`, piece, (bytes) => onShare((at + bytes) / file.size));
      if (answer.set) return answer.set;
      at = answer.arrived;
      failures = 0;
    } catch (error) {
      failures += 1;
      if (failures > TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** failures));
      try {
        at = (await asked(`/uploads/${begun.id}`)).arrived;
      } catch (lost) {
        // The app knows nothing of it any more; without an answer there will be another try.
        if (lost.isFinal) {
          begun = await begin();
          at = begun.arrived;
        }
      }
    }
  }
}
