// The pointer over the stage of an enlarged picture: it moves and comes nearer, a click chooses a
// tile, two fingers zoom, and the place under the pointer is told.

import { drawSoon, fittingIn, placeOf, roomOf } from "./upscale_draw.js";
import { FARTHEST, nextFactor, tileAt } from "./upscale_view.js";

const DRAGGED = 5; // pixels from which on a press is no click

// `choose` is called with a tile's key, "" outside of all, where one was clicked.
export function listenToStage(s, choose) {
  const canvas = s.$("canvas");
  const fingers = new Map();
  canvas.addEventListener("wheel", (event) => turnWheel(s, event), { passive: false });
  canvas.addEventListener("pointerdown", (event) => grab(s, event, fingers, choose));
  canvas.addEventListener("pointermove", (event) => tellPlace(s, inStage(s, event)));
  canvas.addEventListener("pointerleave", () => (s.$("where").textContent = ""));
  canvas.addEventListener("dblclick", (event) => zoom(s, true, inStage(s, event)));
}

// A pixel's place is kept under the pointer, or the middle.
export function zoom(s, nearer, at = roomOf(s).map((side) => side / 2)) {
  zoomTo(s, nextFactor(s.shown, nearer, fittingIn(s)), at);
}

function zoomTo(s, factor, at) {
  const place = placeUnder(s, at);
  const middle = roomOf(s).map((side) => side / 2);
  const [x, y] = [0, 1].map((axis) => place[axis] - (at[axis] - middle[axis]) / factor);
  Object.assign(s.look, { factor, x, y });
  s.shown = factor;
  keepInside(s);
  drawSoon(s);
}

export function pan(s, x, y) {
  if (!s.$("canvas").classList.contains("larger")) return;
  Object.assign(s.look, { factor: s.shown, x: s.look.x + x / s.shown, y: s.look.y + y / s.shown });
  keepInside(s);
  drawSoon(s);
}

// A tile as large as the stage has room for.
export function showTile(s, { left, top, width, height }) {
  const room = roomOf(s);
  const fits = Math.min(room[0] / width, room[1] / height) * 0.95;
  const factor = Math.min(FARTHEST, fits >= 1 ? Math.floor(fits) : fits);
  Object.assign(s.look, { factor, x: left + width / 2, y: top + height / 2 });
  s.shown = factor;
  keepInside(s);
  drawSoon(s);
}

// Moves the picture only as far as a tile needs to be seen whole.
export function bringIn(s, { left, top, width, height }) {
  const { corner, factor, room } = placeOf(s);
  const needed = [[left, width], [top, height]].map(([from, side], axis) => {
    const begins = corner[axis] + from * factor;
    const ends = begins + side * factor;
    if (begins < 0) return begins;
    return ends > room[axis] ? Math.min(ends - room[axis], begins) : 0;
  });
  if (needed[0] || needed[1]) pan(s, ...needed);
}

function keepInside(s) {
  for (const [name, axis] of [["x", 0], ["y", 1]]) {
    const side = s.data.size[axis];
    const half = Math.min(side / 2, roomOf(s)[axis] / 2 / s.shown);
    s.look[name] = Math.min(side - half, Math.max(half, s.look[name]));
  }
}

function turnWheel(s, event) {
  const larger = s.$("canvas").classList.contains("larger");
  if (event.ctrlKey) zoom(s, event.deltaY < 0, inStage(s, event));
  else if (larger && s.$("stage").matches(":focus")) pan(s, event.deltaX, event.deltaY);
  else return; // it scrolls the page
  event.preventDefault();
}

function inStage(s, event) {
  const box = s.$("canvas").getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

// A place of the result, in its pixels with their fraction.
function placeUnder(s, at) {
  const { corner, factor } = placeOf(s);
  return at.map((far, axis) => (far - corner[axis]) / factor);
}

function grab(s, event, fingers, choose) {
  if (event.button) return;
  const canvas = s.$("canvas");
  s.$("stage").focus({ preventScroll: true });
  canvas.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, [event.clientX, event.clientY]);
  const from = [event.clientX, event.clientY];
  let moved = fingers.size > 1;
  const move = (to) => {
    if (to.pointerId !== event.pointerId) return;
    const before = fingers.get(event.pointerId);
    fingers.set(event.pointerId, [to.clientX, to.clientY]);
    moved ||= Math.hypot(to.clientX - from[0], to.clientY - from[1]) > DRAGGED;
    if (!moved || !before) return;
    canvas.classList.add("held");
    if (fingers.size > 1) pinch(s, fingers, event.pointerId, before);
    else pan(s, before[0] - to.clientX, before[1] - to.clientY);
  };
  const cancel = (one) => (moved ||= one.pointerId === event.pointerId); // it scrolls the page
  const end = (last) => {
    if (last.pointerId !== event.pointerId) return;
    canvas.removeEventListener("pointermove", move);
    canvas.removeEventListener("pointercancel", cancel);
    canvas.removeEventListener("lostpointercapture", end);
    canvas.classList.remove("held");
    fingers.delete(event.pointerId);
    if (!moved) choose(tileAt(s.cells, placeUnder(s, inStage(s, event))));
  };
  canvas.addEventListener("pointermove", move);
  canvas.addEventListener("pointercancel", cancel);
  canvas.addEventListener("lostpointercapture", end);
}

// Two fingers: as far apart as they are now against before.
function pinch(s, fingers, id, before) {
  const now = fingers.get(id);
  const other = [...fingers].find(([one]) => one !== id)[1];
  const apart = (place) => Math.hypot(place[0] - other[0], place[1] - other[1]);
  if (!apart(before)) return;
  const box = s.$("canvas").getBoundingClientRect();
  const middle = [(now[0] + other[0]) / 2 - box.left, (now[1] + other[1]) / 2 - box.top];
  const least = Math.min(1, fittingIn(s)) / 2;
  zoomTo(s, Math.min(FARTHEST, Math.max(least, (s.shown * apart(now)) / apart(before))), middle);
}

function tellPlace(s, at) {
  const [x, y] = placeUnder(s, at).map(Math.floor);
  const [width, height] = s.data.size;
  s.$("where").textContent = x < 0 || y < 0 || x >= width || y >= height ? "" : `${x}, ${y}`;
}
