// Slices of the canvas on Animate: their fields, their list, and a box that is drawn on the stage.

import { boxBetween, sliceFlaw, slicesAt } from "./animate_frames.js";

const BOX = ["sliceLeft", "sliceTop", "sliceWidth", "sliceHeight"];
const BORDERS = ["borderLeft", "borderTop", "borderRight", "borderBottom"];
const PIVOT = ["slicePivotX", "slicePivotY"];

// The slice that stands in the fields: {slice}, or {flaw} in a sentence. Borders that are all empty
// are none, and so is an empty pivot.
export function readSlice($, count) {
  const numbers = (names) => names.map((name) => Number($(name).value || 0));
  const said = (names) => names.some((name) => $(name).value !== "");
  const slice = {
    name: $("sliceName").value.trim(),
    box: numbers(BOX),
    borders: said(BORDERS) ? numbers(BORDERS) : null,
    pivot: said(PIVOT) ? numbers(PIVOT) : null,
    frame: Number($("sliceFrame").value || 1) - 1, // people count from 1
  };
  const flaw = sliceFlaw(slice, count);
  return flaw ? { flaw } : { slice };
}

// Put a slice into the fields, to be changed.
export function fillSlice($, slice) {
  const fill = (names, values) => names.forEach((name, k) => { $(name).value = values?.[k] ?? ""; });
  $("sliceName").value = slice.name;
  $("sliceFrame").value = slice.frame + 1;
  fill(BOX, slice.box);
  fill(BORDERS, slice.borders);
  fill(PIVOT, slice.pivot);
}

// A box alone into the fields.
export function fillBox($, box) {
  BOX.forEach((name, k) => { $(name).value = box[k]; });
}

// The same list with this slice in place of one of its name that begins at the same frame.
export function keepSlice(slices, slice) {
  const others = slices.filter((one) => one.name !== slice.name || one.frame !== slice.frame);
  return [...others, slice];
}

export function sliceItem(slice, k) {
  const item = document.createElement("li");
  const told = [`${slice.name}: ${slice.box.join(", ")}`];
  if (slice.borders) told.push(`borders ${slice.borders.join(", ")}`);
  if (slice.pivot) told.push(`pivot ${slice.pivot.join(", ")}`);
  if (slice.frame) told.push(`from frame ${slice.frame + 1}`);
  item.textContent = `${told.join("; ")} `;
  for (const [what, label] of [["change", "Change"], ["remove", "Take out"]]) {
    const button = document.createElement("button");
    Object.assign(button, { type: "button", textContent: label });
    button.setAttribute("aria-label", `${label}: ${slice.name}`);
    Object.assign(button.dataset, { slice: k, what });
    item.append(button);
  }
  return item;
}

// A box is drawn on the stage from the pixel where the pointer goes down to where it comes up.
export function watchBox(canvas, s, redraw) {
  const pixel = (event) => {
    const place = canvas.getBoundingClientRect();
    return [(event.clientX - place.left) / s.factor, (event.clientY - place.top) / s.factor];
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!s.boxing || s.inScene) return;
    s.corner = pixel(event);
    canvas.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!s.corner) return;
    s.box = boxBetween(s.corner, pixel(event), s.data.canvas);
    fillBox(s.$, s.box);
    redraw();
  });
  canvas.addEventListener("pointerup", (event) => {
    if (!s.corner) return;
    fillBox(s.$, boxBetween(s.corner, pixel(event), s.data.canvas));
    Object.assign(s, { corner: null, box: null, boxing: false });
    redraw();
  });
  canvas.addEventListener("pointercancel", () => Object.assign(s, { corner: null, box: null }));
}

// Boxes, nine-slice borders and pivots that hold in the frame that is shown, and the one being drawn.
export function drawSlices(context, s) {
  for (const slice of slicesAt(s.slices, s.at)) {
    const [left, top, width, height] = slice.box;
    outline(context, s.factor, slice.box, []);
    if (slice.borders) {
      const [l, t, r, b] = slice.borders;
      for (const x of [left + l, left + width - r]) line(context, s.factor, x, top, x, top + height);
      for (const y of [top + t, top + height - b]) line(context, s.factor, left, y, left + width, y);
    }
    if (slice.pivot) {
      const [x, y] = [left + slice.pivot[0], top + slice.pivot[1]];
      line(context, s.factor, x - 1, y, x + 1, y);
      line(context, s.factor, x, y - 1, x, y + 1);
    }
  }
  if (s.box) outline(context, s.factor, s.box, [4, 3]);
}

function outline(context, factor, box, dashes) {
  const [left, top, width, height] = box.map((side) => side * factor);
  for (const [colour, wide] of [["#000", 3], ["#fff", 1]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: wide });
    context.setLineDash(dashes);
    context.strokeRect(left, top, width, height);
  }
  context.setLineDash([]);
}

function line(context, factor, x, y, toX, toY) {
  for (const [colour, wide] of [["#000", 3], ["#fff", 1]]) {
    Object.assign(context, { strokeStyle: colour, lineWidth: wide });
    context.beginPath();
    context.moveTo(x * factor, y * factor);
    context.lineTo(toX * factor, toY * factor);
    context.stroke();
  }
}

