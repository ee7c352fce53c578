// The pointer over the finishing desk's panes: lines are dragged, the picture moves and comes
// nearer, and what lies under the pointer is told.

import { changeGrid } from "./finish_answers.js";
import { draw, frameOf, isOne, render, roomOf, shownImage } from "./finish_desk.js";
import { lineAt, moveLine } from "./finish_grid.js";
import { cornerOf, nextFactor, tellPixel } from "./finish_view.js";
import { readPixels } from "./mask_png.js";

const REACH = 6; // screen pixels within which a line is taken hold of

export function listenToPane(s, name) {
  const canvas = s.pane(name);
  canvas.addEventListener("wheel", (event) => turnWheel(s, event), { passive: false });
  canvas.addEventListener("pointerdown", (event) => grab(s, event, name));
  canvas.addEventListener("pointermove", (event) => point(s, event, name));
  canvas.addEventListener("pointerleave", () => (s.$("where").textContent = ""));
}

// A pixel's place is kept under the pointer, or the middle.
export function zoom(s, nearer, at = roomOf(s).map((side) => side / 2)) {
  const place = placeAt(s, at);
  const factor = nextFactor(s.shown, nearer);
  const middle = roomOf(s).map((side) => side / 2);
  const [x, y] = [0, 1].map((axis) => place[axis] - (at[axis] - middle[axis]) / factor);
  Object.assign(s.look, { factor, x, y });
  keepInside(s);
  draw(s);
}

export function pan(s, x, y) {
  Object.assign(s.look, { x: s.look.x + x / s.shown, y: s.look.y + y / s.shown });
  keepInside(s);
  draw(s);
}

function keepInside(s) {
  for (const [name, at] of [["x", 0], ["y", 1]]) {
    const half = Math.min(s.size[at] / 2, roomOf(s)[at] / 2 / s.shown);
    s.look[name] = Math.min(s.size[at] - half, Math.max(half, s.look[name]));
  }
}

function isLarger(s) {
  return roomOf(s).some((side, axis) => s.size[axis] * s.shown > side);
}

function turnWheel(s, event) {
  if (event.ctrlKey) zoom(s, event.deltaY < 0, inPane(event));
  else if (isLarger(s) && s.$("panes").matches(":focus")) pan(s, event.deltaX, event.deltaY);
  else return; // it scrolls the page
  event.preventDefault();
}

function inPane(event) {
  const box = event.target.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

// A place of the finished picture, in its pixels with their fraction.
function placeAt(s, at) {
  const corner = cornerOf({ ...s.look, factor: s.shown }, s.size, roomOf(s));
  return at.map((far, axis) => (far - corner[axis]) / s.shown);
}

// Which picture is under the pointer, and where in it.
function under(s, event, name) {
  const at = inPane(event);
  const place = placeAt(s, at);
  const left = isOne(s) && s.wipe && at[0] < (roomOf(s)[0] * s.$("wipe").valueAsNumber) / 100;
  if (name === "after" && !s.raw && !left) return { name, place };
  const { first, step } = frameOf(s);
  return { name: "before", place: place.map((far, axis) => far * step[axis] + first[axis]) };
}

function lineUnder(s, { name, place }) {
  const image = shownImage(s, "before");
  if (name !== "before" || !s.grid || !s.lines || !s.data.editable || !image) return null;
  const sizes = { x: image.naturalWidth, y: image.naturalHeight };
  for (const [axis, at] of [["x", 0], ["y", 1]]) {
    const scale = s.shown / frameOf(s).step[at]; // screen pixels of a raw one
    const reach = Math.min(REACH / scale, s.grid[`step_${axis}`] / 3);
    const k = lineAt(s.grid[`step_${axis}`], s.grid[`offset_${axis}`], sizes[axis], place[at], reach);
    if (k >= 0) return { axis, k };
  }
  return null;
}

function grab(s, event, name) {
  if (event.button) return;
  s.$("panes").focus({ preventScroll: true });
  const canvas = event.target;
  s.line = lineUnder(s, under(s, event, name));
  canvas.setPointerCapture(event.pointerId);
  canvas.classList.add("held");
  const { grid } = s;
  let at = [event.clientX, event.clientY];
  const from = at;
  const move = (to) => {
    if (s.line) dragLine(s, grid, [to.clientX - from[0], to.clientY - from[1]]);
    else pan(s, at[0] - to.clientX, at[1] - to.clientY);
    at = [to.clientX, to.clientY];
  };
  const end = () => {
    canvas.removeEventListener("pointermove", move);
    canvas.classList.remove("held");
    if (s.grid !== grid) changeGrid(s, s.grid);
  };
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("lostpointercapture", end, { once: true });
  render(s);
}

function dragLine(s, grid, by) {
  const { axis, k } = s.line;
  const at = axis === "x" ? 0 : 1;
  const place = grid[`offset_${axis}`] + k * grid[`step_${axis}`];
  const far = (by[at] / s.shown) * frameOf(s).step[at];
  changeGrid(s, moveLine(grid, axis, k, place + far, s.linked), false);
}

function point(s, event, name) {
  const found = under(s, event, name);
  const line = event.buttons ? s.line : lineUnder(s, found);
  event.target.classList.toggle("across", line?.axis === "x");
  event.target.classList.toggle("down", line?.axis === "y");
  s.$("where").textContent = tellUnder(s, found);
}

function tellUnder(s, { name, place }) {
  const image = shownImage(s, name);
  if (!image) return "";
  const [x, y] = place.map(Math.floor);
  const { naturalWidth: width, naturalHeight: height } = image;
  if (x < 0 || y < 0 || x >= width || y >= height) return "";
  s.pixels[name] ??= readPixels(image, width, height);
  const from = (y * width + x) * 4;
  return tellPixel([x, y], s.pixels[name].slice(from, from + 4), s.data.palette ?? []);
}
