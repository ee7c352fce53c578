// Masks and pictures as PNG and back, byte for byte.

// The grey of a mask's PNG as bytes; it is opaque, so that a canvas gives it back exactly.
export async function fetchGrey(url, width, height) {
  const got = await fetch(url);
  if (!got.ok) throw new Error("The mask is not there any more.");
  const options = { colorSpaceConversion: "none", premultiplyAlpha: "none" };
  const pixels = readPixels(await createImageBitmap(await got.blob(), options), width, height);
  const data = new Uint8Array(width * height);
  for (let place = 0; place < data.length; place += 1) data[place] = pixels[place * 4];
  return data;
}

export function readPixels(image, width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.imageSmoothingEnabled = false;
  context.drawImage(image, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

export async function encodePng({ width, height, data }) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d");
  const image = context.createImageData(width, height);
  for (let place = 0; place < data.length; place += 1) {
    image.data.fill(data[place], place * 4, place * 4 + 3);
    image.data[place * 4 + 3] = 255;
  }
  context.putImageData(image, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}
