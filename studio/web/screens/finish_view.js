// What the two panes of the finishing desk show: both pictures at one zoom, where pixels of the
// finished one are whole on the screen, the grid over the raw one, and pixels that a proposal means.

import { firstCell, placeLines } from "./finish_grid.js";

export const FARTHEST = 64; // screen pixels of one of the finished picture's
const CLOSEST = 6; // screen pixels between grid lines; closer ones would hide the picture
const GRIP = 9;

// How a place of the raw picture lies in pixels of the finished one: (place - first) / step.
export function rawFrame(grid) {
  if (!grid) return { first: [0, 0], step: [1, 1] };
  return {
    first: [firstCell(grid.step_x, grid.offset_x), firstCell(grid.step_y, grid.offset_y)],
    step: [grid.step_x, grid.step_y],
  };
}

// The factor at which a picture fits: a whole one, or for larger pictures what part of it does.
export function fittingFactor(width, height, room) {
  const fits = Math.min(room[0] / width, room[1] / height);
  return fits >= 1 ? Math.min(FARTHEST, Math.floor(fits)) : fits;
}

// The next whole factor, at most a quarter more or less.
export function nextFactor(factor, nearer) {
  if (nearer && factor < 1) return Math.min(1, factor * 2);
  if (nearer) return Math.min(FARTHEST, Math.floor(factor) + Math.ceil(factor / 4));
  if (factor <= 1) return Math.max(1 / 16, factor / 2);
  return Math.max(1, Math.ceil(factor) - Math.ceil(factor / 5));
}

// Where the finished picture's corner lies in a pane, whole pixels of the screen; a side that fits
// is centred, a longer one keeps its edges outside.
export function cornerOf({ factor, x, y }, [width, height], room) {
  const place = (middle, size, space) => {
    const wide = size * factor;
    if (wide <= space) return Math.round((space - wide) / 2);
    return Math.round(Math.min(0, Math.max(space - wide, space / 2 - middle * factor)));
  };
  return [place(x, width, room[0]), place(y, height, room[1])];
}

// Draws one pane. `what` is {before, after: images, raw: which of them, size: of the finished one,
// frame, grid, lines, line, editable, marks: [{pixels, state, current}], ground: {flat, colour,
// board}}; with `wipe`, a share of the width, the raw one to its left and the finished one beyond.
export function drawPane(canvas, look, what) {
  const ratio = devicePixelRatio || 1;
  const room = [canvas.clientWidth, canvas.clientHeight];
  const wanted = [Math.round(room[0] * ratio), Math.round(room[1] * ratio)];
  if (canvas.width !== wanted[0] || canvas.height !== wanted[1]) [canvas.width, canvas.height] = wanted;
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, ...room);
  const corner = cornerOf(look, what.size, room);
  const cut = Math.round(room[0] * (what.wipe ?? 1));
  drawHalf(pen, look, what, what.raw, corner, [0, cut], room);
  if (cut < room[0]) {
    drawHalf(pen, look, what, !what.raw, corner, [cut, room[0]], room);
    drawLine(pen, cut, 0, cut, room[1], "#fff", 3);
    drawLine(pen, cut, 0, cut, room[1], "#000", 1);
  }
  for (const mark of what.marks ?? []) drawMark(pen, mark, look.factor, corner);
}

function drawHalf(pen, look, what, raw, corner, [left, right], room) {
  const image = raw ? what.before : what.after;
  if (!image?.naturalWidth) return;
  const { first, step } = raw ? what.frame : rawFrame(null);
  const [x, y] = [0, 1].map((axis) => corner[axis] - (first[axis] / step[axis]) * look.factor);
  const width = (image.naturalWidth / step[0]) * look.factor;
  const height = (image.naturalHeight / step[1]) * look.factor;
  pen.save();
  pen.beginPath();
  pen.rect(left, 0, right - left, room[1]);
  pen.clip();
  drawGround(pen, what.ground, x, y, width, height, room);
  pen.imageSmoothingEnabled = width < image.naturalWidth;
  pen.imageSmoothingQuality = "high";
  pen.drawImage(image, x, y, width, height);
  if (raw && what.grid && what.lines) drawGrid(pen, what, [x, y], look.factor, [width, height]);
  pen.restore();
}

// A checkerboard or one colour behind what is transparent.
function drawGround(pen, ground, x, y, width, height, room) {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, width, height);
  pen.clip();
  pen.fillStyle = ground.flat ? ground.colour : ground.board[0];
  pen.fillRect(0, 0, ...room);
  if (!ground.flat) {
    pen.fillStyle = ground.board[1];
    for (let row = 0; row * 8 < room[1]; row += 1) {
      for (let column = row % 2; column * 8 < room[0]; column += 2) pen.fillRect(column * 8, row * 8, 8, 8);
    }
  }
  pen.restore();
}

function drawGrid(pen, { grid, line, before, frame, editable }, [x, y], factor, [width, height]) {
  for (const axis of ["x", "y"]) {
    const [step, offset] = [grid[`step_${axis}`], grid[`offset_${axis}`]];
    const scale = factor / frame.step[axis === "x" ? 0 : 1]; // screen pixels of a raw one
    const every = Math.max(1, Math.ceil(CLOSEST / (step * scale)));
    const size = axis === "x" ? before.naturalWidth : before.naturalHeight;
    placeLines(step, offset, size).forEach((place, k) => {
      const chosen = line && line.axis === axis && line.k === k;
      if (k % every && !chosen) return;
      const at = Math.round((axis === "x" ? x : y) + place * scale);
      const ends = axis === "x" ? [at, y, at, y + height] : [x, at, x + width, at];
      drawLine(pen, ...ends, chosen ? "#fff" : k ? "#ffffff80" : "#fff", chosen ? 5 : k ? 2 : 4);
      drawLine(pen, ...ends, chosen ? "#e0218a" : k ? "#00000099" : "#e0218a", chosen ? 3 : k ? 1 : 2);
      if (!editable || (k && !chosen)) return;
      pen.fillStyle = "#e0218a";
      const [gx, gy] = axis === "x" ? [at, Math.max(y, 0)] : [Math.max(x, 0), at];
      pen.fillRect(gx - GRIP / 2, gy - GRIP / 2, GRIP, GRIP);
    });
  }
}

function drawLine(pen, x0, y0, x1, y1, colour, wide) {
  pen.strokeStyle = colour;
  pen.lineWidth = wide;
  pen.beginPath();
  const half = wide % 2 ? 0.5 : 0;
  const across = x0 === x1;
  pen.moveTo(x0 + (across ? half : 0), y0 + (across ? 0 : half));
  pen.lineTo(x1 + (across ? half : 0), y1 + (across ? 0 : half));
  pen.stroke();
}

// The pixels of a proposal, each in a frame: thick for the one that is looked at.
function drawMark(pen, { pixels, state, current }, factor, corner) {
  const colour = { taken: "#1f9d55", left: "#8a8a8a" }[state] ?? "#e0218a";
  for (const [x, y] of pixels) {
    const box = [corner[0] + x * factor, corner[1] + y * factor];
    for (const [wide, ink] of current ? [[5, "#fff"], [3, colour]] : [[3, "#00000080"], [1, colour]]) {
      pen.strokeStyle = ink;
      pen.lineWidth = wide;
      pen.strokeRect(box[0] - 0.5, box[1] - 0.5, Math.max(factor, 4) + 1, Math.max(factor, 4) + 1);
    }
  }
}

// What is told of a place: where it is, its colour, and where that stands in the palette.
export function tellPixel([x, y], rgba, palette) {
  if (!rgba) return "";
  const [r, g, b, alpha] = rgba;
  if (!alpha) return `${x}, ${y} · transparent`;
  const code = "#" + [r, g, b].map((value) => value.toString(16).padStart(2, "0")).join("");
  const parts = [`${x}, ${y}`, code];
  if (alpha < 255) parts.push(`alpha ${alpha}`);
  const place = palette.indexOf(code);
  if (palette.length && place < 0) parts.push("not in the palette");
  else if (palette.length) parts.push(`palette ${place + 1} of ${palette.length}`);
  return parts.join(" · ");
}
