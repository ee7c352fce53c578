// The stage of an enlarged picture as it stands: what it comes from and the result, one of them or
// both under a slider, over them the grid of tiles with the state of each, and the chosen one.

import { cornerOf, fittingFactor } from "./finish_view.js";
import { forgetQueue } from "./upscale_pieces.js";
import { paintLayer, paintTiles } from "./upscale_layers.js";

const LEAST_ROOM = 260;
const MOST_ROOM = 900;
const MARKED = 30; // screen pixels of a cell from which on its state stands in it
const BOARDS = { light: ["#c8c8c8", "#e8e8e8"], dark: ["#4a4b52", "#5d5e66"] };
const INKS = { drawn: "#1f9d55", failed: "#c0392b", waiting: "#6b6b75" };
const MARKS = { drawn: "✓", failed: "!", waiting: "" };

// Whether there is anything of the result to be seen.
export const hasResult = (s) => !!s.data.after || s.tiles.some(({ key }) => s.states[key] === "drawn");

export function roomOf(s) {
  const canvas = s.$("canvas");
  return [canvas.clientWidth, canvas.clientHeight];
}

export function fittingIn(s) {
  return fittingFactor(...s.data.size, roomOf(s).map((side) => side - 2));
}

// Where the result lies on the stage's canvas.
export function placeOf(s) {
  const room = roomOf(s);
  const corner = cornerOf({ factor: s.shown, x: s.look.x, y: s.look.y }, s.data.size, room);
  return { corner, factor: s.shown, size: s.data.size, room, ratio: devicePixelRatio || 1 };
}

// All that is painted, once a frame however often it is asked for.
export function drawSoon(s) {
  s.frame ??= requestAnimationFrame(() => {
    s.frame = null;
    if (s.attached && s.data) draw(s);
  });
}

export function draw(s) {
  const { data } = s;
  if (!s.$("canvas").clientWidth) return; // it is folded away
  const high = Math.min(Math.max(innerHeight - (data.around ?? 330), LEAST_ROOM), MOST_ROOM);
  const needed = Math.ceil((s.$("canvas").clientWidth * data.size[1]) / data.size[0]);
  const room = Math.max(LEAST_ROOM, Math.min(high, needed));
  s.$("stage").style.setProperty("--room", `${room}px`);
  s.shown = s.look.factor || fittingIn(s);
  forgetQueue(s.shelf);
  s.drawTile?.(); // asked for first, so it waits behind what the stage shows
  paintStage(s);
  const larger = placeOf(s).room.some((side, axis) => data.size[axis] * s.shown > side);
  s.$("canvas").classList.toggle("larger", larger);
  s.$("factor").textContent = s.shown >= 1 ? `${Math.round(s.shown)} ×` : `${tellShare(s.shown)} %`;
}

const tellShare = (factor) => (factor < 0.1 ? (100 * factor).toFixed(1) : Math.round(100 * factor));

function paintStage(s) {
  const at = placeOf(s);
  const pen = begin(s.$("canvas"), at);
  const [left, top] = at.corner;
  const box = [left, top, left + at.size[0] * at.factor, top + at.size[1] * at.factor];
  paintGround(s, pen, box, at.room);
  const both = s.wipe && !s.raw && hasResult(s);
  const cut = both ? Math.round((at.room[0] * s.$("wipe").valueAsNumber) / 100) : 0;
  let painted = false;
  if (both) {
    painted = paintHalf(s, pen, "before", at, [0, cut]);
    painted = paintHalf(s, pen, "after", at, [cut, at.room[0]]) || painted;
    for (const [wide, ink] of [[3, "#fff"], [1, "#000"]]) strokeLine(pen, [cut, 0, cut, at.room[1]], wide, ink);
  } else painted = paintHalf(s, pen, s.raw || !hasResult(s) ? "before" : "after", at, [0, at.room[0]]);
  pen.canvas.dataset.painted = String(painted);
  if (s.lines) paintGrid(s, pen, at);
  paintChosen(s, pen, at);
}

// A canvas as large as it is shown, empty.
export function begin(canvas, { room, ratio }) {
  const wanted = room.map((side) => Math.max(1, Math.round(side * ratio)));
  if (canvas.width !== wanted[0] || canvas.height !== wanted[1]) [canvas.width, canvas.height] = wanted;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, ...room);
  return pen;
}

// One of the two between two places across; whether anything of it is there yet. It is painted
// apart, since finer pieces replace coarser ones, what shows through the picture too, and not the
// ground behind it.
export function paintHalf(s, pen, which, at, [from, to]) {
  if (to <= from) return false;
  const sheet = (pen.canvas.hsPaper ??= document.createElement("canvas"));
  const paper = begin(sheet, at);
  const layer = which === "after" && s.data.after ? s.data.after : s.data.before;
  const painted = paintLayer(paper, s.shelf, layer, at);
  if (which === "after" && !s.data.after) paintTiles(paper, s.shelf, s, at);
  const { ratio, room } = at;
  const wide = Math.round((to - from) * ratio);
  pen.imageSmoothingEnabled = false;
  pen.drawImage(sheet, Math.round(from * ratio), 0, wide, sheet.height, from, 0, to - from, room[1]);
  return painted;
}

// A checkerboard or one colour behind what is transparent.
export function paintGround(s, pen, [left, top, right, bottom], room) {
  const board = BOARDS[isDark(s) ? "dark" : "light"];
  pen.save();
  pen.beginPath();
  pen.rect(left, top, right - left, bottom - top);
  pen.clip();
  pen.fillStyle = s.ground.flat ? s.ground.colour : board[0];
  pen.fillRect(0, 0, ...room);
  if (!s.ground.flat) {
    pen.fillStyle = board[1];
    for (let row = 0; row * 8 < room[1]; row += 1) {
      for (let column = row % 2; column * 8 < room[0]; column += 2) pen.fillRect(column * 8, row * 8, 8, 8);
    }
  }
  pen.restore();
}

// The theme is known by its ground.
function isDark(s) {
  const levels = getComputedStyle(s.$("canvas")).backgroundColor.match(/\d+/g) ?? [255];
  return Number(levels[0]) < 128;
}

function paintGrid(s, pen, at) {
  pen.font = "600 13px sans-serif";
  pen.textBaseline = "top";
  for (const [key, cell] of s.cells) {
    const [left, top, right, bottom] = onScreen(cell, at);
    if (right < 0 || bottom < 0 || left > at.room[0] || top > at.room[1]) continue;
    strokeBox(pen, [left, top, right, bottom], 3, "#ffffff66");
    strokeBox(pen, [left, top, right, bottom], 1, "#000000aa");
    if (right - left < MARKED || bottom - top < MARKED) continue;
    const state = s.states[key] ?? "";
    const words = (MARKS[state] ?? "") + (hasOwn(s.prompts[key]) ? "✎" : "");
    if (words) paintMark(pen, words, Math.max(left, 0) + 4, Math.max(top, 0) + 4, INKS[state] ?? INKS.waiting);
  }
}

// Whether a tile has words, a seed or a lock of its own.
export function hasOwn(one) {
  return !!one && !!(one.prompt || one.negative || one.locked || one.seed != null);
}

function paintMark(pen, words, x, y, ink) {
  const wide = pen.measureText(words).width + 8;
  pen.fillStyle = "#ffffffee";
  pen.fillRect(x - 1, y - 1, wide + 2, 20);
  pen.fillStyle = ink;
  pen.fillRect(x, y, wide, 18);
  pen.fillStyle = "#fff";
  pen.fillText(words, x + 4, y + 3);
}

// The whole of a chosen tile, with what it shares with its neighbours.
function paintChosen(s, pen, at) {
  const tile = s.tiles.find(({ key }) => key === s.current);
  if (!tile) return;
  const box = [tile.left, tile.top, tile.left + tile.width, tile.top + tile.height];
  strokeBox(pen, onScreen(box, at), 5, "#fff");
  strokeBox(pen, onScreen(box, at), 3, "#e0218a");
}

const onScreen = (box, { corner, factor }) => box.map((place, k) => Math.round(corner[k % 2] + place * factor));

function strokeBox(pen, [left, top, right, bottom], wide, ink) {
  pen.strokeStyle = ink;
  pen.lineWidth = wide;
  pen.strokeRect(left + 0.5, top + 0.5, right - left - 1, bottom - top - 1);
}

function strokeLine(pen, [x0, y0, x1, y1], wide, ink) {
  pen.strokeStyle = ink;
  pen.lineWidth = wide;
  pen.beginPath();
  pen.moveTo(x0 + 0.5, y0);
  pen.lineTo(x1 + 0.5, y1);
  pen.stroke();
}
