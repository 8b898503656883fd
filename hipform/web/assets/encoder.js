// Turns frames into JPEG beside the page, which stays free to draw.
const QUALITY = 0.8;
let canvas = null;

addEventListener("message", async ({ data: { bitmap, captured_s } }) => {
  if (canvas?.width !== bitmap.width || canvas.height !== bitmap.height) canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
  canvas.getContext("2d").drawImage(bitmap, 0, 0);
  bitmap.close();
  const jpeg = await (await canvas.convertToBlob({ type: "image/jpeg", quality: QUALITY })).arrayBuffer();
  // A frame travels as the time of its capture in seconds, eight bytes, and the image.
  const frame = new Uint8Array(8 + jpeg.byteLength);
  new DataView(frame.buffer).setFloat64(0, captured_s, true);
  frame.set(new Uint8Array(jpeg), 8);
  postMessage(frame.buffer, [frame.buffer]);
});
