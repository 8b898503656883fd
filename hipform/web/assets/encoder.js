// Turns frames into JPEG beside the page, which stays free to draw.
const QUALITY = 0.8;
let canvas = null;

addEventListener("message", async ({ data: { bitmap, captured_s, number } }) => {
  if (canvas?.width !== bitmap.width || canvas.height !== bitmap.height) canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  const jpeg = await (await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY })).arrayBuffer();
  // A frame travels as the time of its capture in seconds, eight bytes, its number, four bytes, and the image.
  const frame = new Uint8Array(12 + jpeg.byteLength);
  const head = new DataView(frame.buffer);
  head.setFloat64(0, captured_s, true);
  head.setUint32(8, number, true);
  frame.set(new Uint8Array(jpeg), 12);
  postMessage(frame.buffer, [frame.buffer]);
});
