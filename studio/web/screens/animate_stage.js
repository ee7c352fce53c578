// Frames drawn: on the stage with onion skin, pivot and the game's scene behind, and small ones in
// the strip.

import { besideOf, orderOf } from "./animate_frames.js";
import { drawSlices } from "./animate_slices.js";
import { corner, enlargement } from "./scenery.js";

const ONION = 0.3;
const SCENE_HIGH = 0.5; // of its width, that the stage is high in the scene
const CROSS = 4; // pixels of the screen, each arm of the pivot's cross

export function drawFrame(context, frame, image, factor, left = 0, top = 0) {
  if (!frame || !image?.complete || !image.naturalWidth) return;
  const [x, y, width, height] = frame.box ?? [0, 0, image.naturalWidth, image.naturalHeight];
  context.imageSmoothingEnabled = false;
  context.drawImage(image, x, y, width, height, left + frame.left * factor,
    top + frame.top * factor, width * factor, height * factor);
}

export function drawThumb(canvas, frame, image, [width, height]) {
  Object.assign(canvas, { width, height });
  drawFrame(canvas.getContext("2d"), frame, image, 1);
}

// The stage as `s` has it: {data, frames, tags, slices, at, factor, onion,
// inScene, images, playing, played, box}.
export function drawStage(s) {
  const canvas = s.$("canvas");
  const context = canvas.getContext("2d");
  const scene = s.inScene ? s.data.scene : null;
  if (scene) {
    drawInScene(s, canvas, context, scene);
    return;
  }
  const [width, height] = s.data.canvas;
  const size = { width: width * s.factor, height: height * s.factor };
  if (canvas.width !== size.width || canvas.height !== size.height) Object.assign(canvas, size);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const draw = (at) => drawFrame(context, s.frames[at], s.images[s.frames[at]?.src], s.factor);
  if (s.onion && !s.playing) {
    context.globalAlpha = ONION;
    const tag = s.tags.find((one) => one.name === s.played);
    const order = orderOf(tag, s.frames.length);
    for (const at of besideOf(order, s.at, tag?.repeat !== 1)) draw(at);
    context.globalAlpha = 1;
  }
  draw(s.at);
  if (s.playing) return;
  drawSlices(context, s);
  drawPivot(context, s.pivot, s.factor);
}

function drawPivot(context, [x, y], factor) {
  const [left, top] = [x * factor, y * factor];
  for (const [colour, wide] of [["#000", 3], ["#fff", 1]]) {
    context.strokeStyle = colour;
    context.lineWidth = wide;
    context.beginPath();
    context.moveTo(left - CROSS, top);
    context.lineTo(left + CROSS, top);
    context.moveTo(left, top - CROSS);
    context.lineTo(left, top + CROSS);
    context.stroke();
  }
}

function drawInScene(s, canvas, context, scene) {
  const width = Math.max(64, s.$("stage").clientWidth - 4);
  const pane = { width, height: Math.round(width * SCENE_HIGH) };
  if (canvas.width !== pane.width || canvas.height !== pane.height) Object.assign(canvas, pane);
  const [wide] = s.data.canvas;
  const picture = { width: wide, height: s.data.canvas[1] };
  const near = enlargement(scene, picture, pane);
  const place = corner(scene, near, pane);
  context.imageSmoothingEnabled = false;
  context.clearRect(0, 0, canvas.width, canvas.height);
  const behind = s.images[scene.url];
  if (behind?.complete && behind.naturalWidth) {
    context.drawImage(behind, place.left, place.top, scene.width * near, scene.height * near);
  }
  const factor = near * scene.scale;
  const x = place.left + scene.x * scene.width * near - s.pivot[0] * factor;
  const y = place.top + scene.ground * scene.height * near - s.pivot[1] * factor;
  drawFrame(context, s.frames[s.at], s.images[s.frames[s.at]?.src], factor, x, y);
}
