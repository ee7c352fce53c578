// How a mask is seen: over its picture, enlarged by whole factors, with the cursor and what can be
// done. What a person chose of this stays in the browser.

import { cutBox } from "./mask_pixels.js";

export const FACTORS = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 3, 4, 6, 8, 10, 12, 16, 24, 32, 48];
const LEAST_ROOM = 290;
const MOST_ROOM = 760;
export const USUAL = { shown: true, way: "out", colour: "#e0218a", strength: 65, lines: true };

export function fitSheet(s) {
  const { width, height, small } = s.data;
  const view = s.$("view");
  const room = [view.clientWidth - 26, small ? 320 : roomBelow(view) - 26];
  if (!small) view.style.maxHeight = `${room[1] + 26}px`;
  const most = Math.min(room[0] / width, room[1] / height);
  const fits = FACTORS.findLast((factor) => factor <= most) ?? FACTORS[0];
  s.fits = small && most < 1 ? most : fits;
  const factor = s.factor || s.fits;
  const sheet = s.$("sheet");
  sheet.style.width = `${width * factor}px`;
  sheet.style.height = `${height * factor}px`;
  sheet.style.setProperty("--px", `${factor}px`);
  sheet.classList.toggle("small", factor < 1);
  s.$("factor").textContent = factor >= 1 ? `${factor} ×` : `1 : ${Math.round(1 / factor)}`;
  s.$("grid").hidden = !s.look.lines || factor < 6 || small;
}

// Pixels from the top of the view to the end of the screen, while the page is not scrolled: the
// picture is drawn on, and looked at otherwise, without scrolling first.
function roomBelow(view) {
  const page = document.querySelector('[data-testid="stMain"]');
  const top = view.getBoundingClientRect().top + (page?.scrollTop ?? scrollY);
  return Math.min(Math.max(innerHeight - top - 76, LEAST_ROOM), MOST_ROOM);
}

export const isUnsaved = (s) => s.steps.at !== s.saved;
const focusedElement = (s) => s.$("mask").getRootNode().activeElement;
const parseColour = (colour) => [1, 3, 5].map((at) => parseInt(colour.slice(at, at + 2), 16));

// What is drawn anew is always tinted; there is nothing to choose.
const wayOf = (s) => (s.data.save ? "out" : s.look.way);

// Paints a box of the mask over the picture, or all of it.
export function paintMask(s, box = [0, 0, s.mask.width, s.mask.height]) {
  if (!box) return;
  const [left, top, right, bottom] = box;
  const context = s.$("over").getContext("2d");
  const image = context.createImageData(right - left, bottom - top);
  const part = cutBox(s.mask.data, s.mask.width, box);
  const [r, g, b] = parseColour(s.look.colour);
  const way = wayOf(s);
  for (let place = 0, at = 0; place < part.length; place += 1, at += 4) {
    const grey = s.data.save ? 255 - part[place] : part[place]; // there, what is white is tinted
    if (way === "alone") image.data.set([grey, grey, grey, 255], at);
    else {
      image.data[at] = r;
      image.data[at + 1] = g;
      image.data[at + 2] = b;
      image.data[at + 3] = way === "out" ? 255 - grey : grey;
    }
  }
  context.putImageData(image, left, top);
}

// All that is no pixel: which tool, what can be done, what is not saved yet.
export function render(s) {
  const { data, look } = s;
  const over = s.$("over");
  over.hidden = !look.shown;
  over.style.opacity = wayOf(s) === "alone" ? 1 : look.strength / 100;
  for (const [part, on] of [["show", look.shown], ["lines", look.lines], ["round", s.round]]) {
    s.$(part).checked = on;
  }
  for (const part of ["way", "colour", "strength"]) s.$(part).value = look[part];
  const values = { share: Math.round((s.value * 100) / 255), size: s.size, apart: s.apart };
  for (const [part, value] of Object.entries(values)) {
    if (focusedElement(s) !== s.$(part)) s.$(part).value = value;
  }
  for (const button of s.all("[data-tool]")) {
    button.setAttribute("aria-pressed", String(button.dataset.tool === s.tool));
  }
  for (const button of s.all("[data-value]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.value) === s.value));
  }
  for (const group of s.all("[data-for]")) group.hidden = !group.dataset.for.includes(s.tool);
  for (const one of s.all("[data-learned]")) one.hidden = !!data.save;
  s.$("alpha").textContent = data.save ? "The object" : "From transparency";
  for (const part of ["side", "tools"]) s.$(part).hidden = !data.editable;
  s.$("desk").classList.toggle("drawing", data.editable);
  s.$("lines").parentElement.hidden = data.small;
  s.root.querySelector(".zoom").hidden = data.small;
  const sheet = s.$("sheet");
  sheet.classList.toggle("moving", s.tool === "move");
  sheet.classList.toggle("fixed", !data.editable);
  const view = s.$("view");
  const keys = data.editable ? " Arrows go a pixel, Space paints." : "";
  view.setAttribute("aria-label", `${data.file} with its mask.${keys}`);
  const off = { undo: !s.steps.past.length, redo: !s.steps.future.length, revert: !isUnsaved(s),
    save: !isUnsaved(s) || s.saving };
  for (const [what, on] of Object.entries(off)) {
    const button = s.root.querySelector(`[data-do=${what}]`);
    if (on && focusedElement(s) === button) view.focus({ preventScroll: true }); // or keys go nowhere
    button.disabled = !!on;
  }
  const state = s.$("state");
  state.classList.toggle("open", isUnsaved(s));
  state.textContent = s.saving ? "Saving …" : isUnsaved(s) ? "Not saved yet. This browser keeps it."
    : data.save ? (s.seen ? "What is tinted is drawn anew." : "Nothing is painted yet.")
    : s.seen ? "Saved." : "No mask: everything counts.";
  const file = s.$("file");
  file.hidden = !s.seen;
  file.href = `${data.masks ?? "/picture/mask"}/${s.seen}`;
  file.download = data.file.split("/").at(-1).replace(/\.[^.]*$/, "") + ".mask.png";
  renderCursor(s);
}

// Where the cursor is: its box on the picture, and in words.
export function renderCursor(s) {
  const { width, height, editable } = s.data;
  const [x, y] = s.cursor;
  const tip = s.$("tip");
  const frame = s.$("frame");
  const wide = s.tool === "brush" || s.tool === "eraser" ? s.size : 1;
  const from = Math.floor((wide - 1) / 2);
  tip.hidden = !editable || s.tool === "move" || !(s.over || focusedElement(s) === s.$("view"));
  tip.classList.toggle("round", s.round && wide > 3);
  placeBox(tip, x - from, y - from, wide, wide, width, height);
  frame.hidden = !s.corner;
  const parts = [`${x}, ${y}`];
  if (s.mask && !s.data.save && x >= 0 && y >= 0 && x < width && y < height) {
    parts.push(`counts ${Math.round((s.mask.data[y * width + x] * 100) / 255)} %`);
  }
  if (s.corner) {
    const [a, b] = [Math.min(s.corner[0], x), Math.min(s.corner[1], y)];
    const [c, d] = [Math.abs(s.corner[0] - x) + 1, Math.abs(s.corner[1] - y) + 1];
    placeBox(frame, a, b, c, d, width, height);
    parts.push(`${c} × ${d} pixels`);
  }
  if (s.pen) parts.push("brush is down");
  const looked = editable || s.over; // who only looks has no cursor but the mouse
  s.$("where").textContent = s.mask && looked ? parts.join(" · ") : "";
}

function placeBox(box, x, y, w, h, width, height) {
  Object.assign(box.style, { left: `${(x * 100) / width}%`, top: `${(y * 100) / height}%`,
    width: `${(w * 100) / width}%`, height: `${(h * 100) / height}%` });
}

export function changeLook(s, change) {
  Object.assign(s.look, change);
  try {
    localStorage.setItem("housestyle mask", JSON.stringify(s.look));
  } catch {
    // it is asked for again next time
  }
  if (s.mask) {
    paintMask(s);
    fitSheet(s);
  }
  render(s);
}

export function readLook() {
  try {
    return JSON.parse(localStorage.getItem("housestyle mask")) ?? {};
  } catch {
    return {};
  }
}

export function showMessage(s, text, ways = false) {
  s.$("told").hidden = !text;
  s.$("said").textContent = text;
  s.$("ways").hidden = !ways;
  s.$("hush").hidden = ways;
}

// Scrolls so that the cursor can be seen.
export function scrollToCursor(s) {
  const view = s.$("view");
  const [x, y] = s.cursor;
  const box = s.$("sheet").getBoundingClientRect();
  const room = view.getBoundingClientRect();
  const at = [box.left + ((x + 0.5) / s.data.width) * box.width,
    box.top + ((y + 0.5) / s.data.height) * box.height];
  if (at[0] < room.left + 20 || at[0] > room.right - 20) {
    view.scrollLeft += at[0] - (room.left + room.width / 2);
  }
  if (at[1] < room.top + 20 || at[1] > room.bottom - 20) {
    view.scrollTop += at[1] - (room.top + room.height / 2);
  }
}
