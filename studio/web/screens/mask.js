// The desk of one picture's mask: shown over it, drawn, and saved into the draft.
//
// Streamlit calls this again with new data; what is drawn lies on the element that it draws into
// and in the browser's own store, so that neither a rerun nor a reload costs it. A mask goes to the
// studio by itself, together with the one that it began with; the answer says where somebody else
// was faster. `data` is {set, hash, file, url, width, height, mask, person, editable, small}; where it
// has `save`, an address of its own, each step is sent there, `masks` is where masks are read, and
// `empty` the grey of a mask that is not drawn yet (255 else): so a part of a picture is painted that
// is drawn anew, white on black.

import { deleteDraft, getDraft } from "./draft_store.js";
import {
  blankMask, brushRows, drawLine, fillRectangle, fillWith, floodFill, joinBoxes, matchColour,
} from "./mask_pixels.js";
import { fetchGrey, readPixels } from "./mask_png.js";
import {
  applyStep, emptyOf, maskAddress, saveMask, sendFile, settleConflict, showConflict, storeDraft,
  storeDraftSoon,
} from "./mask_saving.js";
import {
  FACTORS, USUAL, changeLook, fitSheet, isUnsaved, paintMask, readLook, render, renderCursor,
  scrollToCursor, showMessage,
} from "./mask_view.js";
import { newHistory, record, redo, undo } from "./undo_history.js";

const LETTERS = { b: "brush", e: "eraser", u: "rectangle", g: "fill", h: "move" };
const KEYS = { i: "invert", Delete: "clear", Backspace: "clear", o: "show", x: "swap", "+": "nearer",
  "=": "nearer", "-": "farther", 0: "fit", "[": "thinner", ",": "thinner", "]": "wider",
  ".": "wider" };

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsMask ??= begin(root));
  s.component = component;
  takeData(s, component.data);
}

function begin(root) {
  const s = { root, tool: "brush", ours: new Set(), size: 1, round: false, apart: 0, cursor: null,
    factor: 0, steps: newHistory(), look: { ...USUAL, ...readLook() } };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  s.all = (query) => [...root.querySelectorAll(query)];
  const main = s.$("mask");
  for (const button of s.all("[data-do]")) {
    button.addEventListener("click", () => run(s, button.dataset.do));
  }
  for (const button of s.all("[data-tool]")) {
    button.addEventListener("click", () => changeTool(s, { tool: button.dataset.tool }));
  }
  for (const button of s.all("[data-value]")) {
    button.addEventListener("click", () => changeTool(s, { value: Number(button.dataset.value) }));
  }
  const whole = (name, low, high, change) =>
    s.$(name).addEventListener("input", () => {
      const number = Math.round(s.$(name).valueAsNumber);
      if (number >= low && number <= high) changeTool(s, change(number));
    });
  whole("share", 0, 100, (share) => ({ value: Math.round((share * 255) / 100) }));
  whole("size", 1, 512, (size) => ({ size }));
  whole("apart", 0, 255, (apart) => ({ apart }));
  s.$("round").addEventListener("change", () => changeTool(s, { round: s.$("round").checked }));
  for (const [part, field] of [["show", "shown"], ["lines", "lines"]]) {
    s.$(part).addEventListener("change", () => changeLook(s, { [field]: s.$(part).checked }));
  }
  for (const [part, field] of [["way", "way"], ["colour", "colour"], ["strength", "strength"]]) {
    s.$(part).addEventListener("input", () => changeLook(s, { [field]: s.$(part).value }));
  }
  s.$("choose").addEventListener("change", () => sendFile(s));
  main.addEventListener("keydown", (event) => handleKey(s, event));
  const sheet = s.$("sheet");
  sheet.addEventListener("pointerdown", (event) => startStroke(s, event));
  sheet.addEventListener("pointermove", (event) => continueStroke(s, event));
  for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, () => endStroke(s));
  sheet.addEventListener("pointerleave", () => {
    s.over = false;
    if (!s.going) renderCursor(s);
  });
  sheet.addEventListener("contextmenu", (event) => s.data.editable && event.preventDefault());
  s.$("view").addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // it scrolls
    event.preventDefault();
    run(s, event.deltaY < 0 ? "nearer" : "farther");
  }, { passive: false });
  new ResizeObserver(() => s.mask && !s.factor && fitSheet(s)).observe(s.$("view"));
  return s;
}

// Another picture is opened; the same one may have another mask by now.
function takeData(s, data) {
  const place = `${data.person}\n${data.set}\n${data.hash}`;
  const before = s.data?.mask;
  if (s.place !== place && s.mask && data.editable) storeDraft(s); // what was drawn a moment ago
  s.data = data;
  s.value ??= 255 - emptyOf(s);
  s.$("mask").classList.toggle("small", data.small);
  s.$("mask").classList.toggle("part", !!data.save);
  if (s.place !== place) {
    clearTimeout(s.soon);
    s.place = place;
    openPicture(s).catch((error) => showMessage(s, `${error.message} Load the page again.`));
    return;
  }
  if (data.mask !== before && data.mask !== s.seen && s.mask && !(data.save && s.ours.has(data.mask))) {
    if (isUnsaved(s) || s.going) showConflict(s, data.mask, "Somebody has saved another mask of it meanwhile.");
    else showSaved(s, data.mask);
  }
  if (s.mask) render(s);
}

async function openPicture(s) {
  const { place, data } = s;
  const { width, height } = data;
  const picture = s.$("picture");
  Object.assign(s, { mask: null, going: null, corner: null, pixels: null, factor: 0, pen: false });
  s.cursor = [width >> 1, height >> 1];
  showMessage(s, "");
  picture.src = data.url;
  await picture.decode().catch(() => null);
  await showSaved(s, data.mask);
  const kept = data.editable && (await getDraft(place));
  if (s.place !== place) return; // another one was opened meanwhile
  if (kept?.data?.length === width * height) {
    const before = s.mask.data.slice();
    s.mask.data.set(kept.data);
    if (record(s.steps, s.mask, before, [0, 0, width, height])) {
      paintMask(s);
      if (kept.seen !== data.mask) {
        showConflict(s, data.mask, "Your unsaved drawing is back. Another mask was saved meanwhile.");
      } else showMessage(s, "Your unsaved drawing is back.");
    }
  }
  render(s);
}

// The canvas holds what is saved: the mask with this hash, or none.
async function showSaved(s, hash) {
  const { place } = s;
  const { width, height } = s.data;
  const mask = blankMask(width, height, emptyOf(s));
  if (hash) mask.data = await fetchGrey(maskAddress(s, hash), width, height);
  if (s.place !== place) return;
  Object.assign(s, { mask, seen: hash, steps: newHistory() });
  s.saved = s.steps.at;
  const over = s.$("over");
  Object.assign(over, { width, height });
  fitSheet(s);
  paintMask(s);
  render(s);
}

function changeTool(s, change) {
  Object.assign(s, change);
  if ("value" in change && s.tool === "eraser") s.tool = "brush";
  s.corner = null;
  render(s);
}

const paintValue = (s) => (s.tool === "eraser" ? emptyOf(s) : s.value);

function pixelAt(s, event) {
  const box = s.$("sheet").getBoundingClientRect();
  const { width, height } = s.data;
  return [Math.floor(((event.clientX - box.left) / box.width) * width),
    Math.floor(((event.clientY - box.top) / box.height) * height)];
}

function clampToPicture(s, [x, y]) {
  return [Math.min(s.data.width - 1, Math.max(0, x)), Math.min(s.data.height - 1, Math.max(0, y))];
}

function startStroke(s, event) {
  if (!s.mask || !s.data.editable || !event.isPrimary || event.button === 1) return;
  s.$("view").focus({ preventScroll: true });
  const at = pixelAt(s, event);
  if (s.tool === "move") {
    if (event.pointerType !== "mouse") return; // fingers scroll by themselves
    s.going = { grab: [event.clientX, event.clientY] };
    s.$("sheet").setPointerCapture(event.pointerId);
    return;
  }
  event.preventDefault();
  const value = event.button === 2 || event.button === 5 ? emptyOf(s) : paintValue(s);
  if (s.tool === "fill") {
    s.cursor = clampToPicture(s, at);
    fillArea(s, value);
    return;
  }
  s.$("sheet").setPointerCapture(event.pointerId);
  if (s.tool === "rectangle") {
    s.corner = clampToPicture(s, at);
    s.going = { value };
  } else {
    const from = event.shiftKey && s.last ? s.last : at;
    s.going = { before: s.mask.data.slice(), value, box: null, last: from };
    extendStroke(s, at);
  }
  s.cursor = clampToPicture(s, at);
  renderCursor(s);
}

function continueStroke(s, event) {
  if (!s.mask) return;
  s.over = true;
  if (s.going?.grab) {
    const view = s.$("view");
    view.scrollLeft -= event.clientX - s.going.grab[0];
    view.scrollTop -= event.clientY - s.going.grab[1];
    s.going.grab = [event.clientX, event.clientY];
    return;
  }
  if (s.going?.last) {
    for (const one of event.getCoalescedEvents?.() ?? []) extendStroke(s, pixelAt(s, one));
    extendStroke(s, pixelAt(s, event));
  }
  s.cursor = clampToPicture(s, pixelAt(s, event));
  renderCursor(s);
}

function extendStroke(s, at) {
  const { going } = s;
  const box = drawLine(s.mask, going.last, at, brushRows(s.size, s.round), going.value);
  going.last = at;
  going.box = joinBoxes(going.box, box);
  paintMask(s, box);
}

function endStroke(s) {
  const { going } = s;
  s.going = null;
  if (going?.before) {
    s.last = going.last;
    if (record(s.steps, s.mask, going.before, going.box)) storeDraftSoon(s);
    render(s);
  } else if (going && s.corner) drawRectangle(s, going.value);
}

function drawRectangle(s, value) {
  const { corner } = s;
  s.corner = null;
  applyStep(s, () => fillRectangle(s.mask, corner, s.cursor, value));
}

function fillArea(s, value) {
  const [x, y] = s.cursor;
  const place = y * s.mask.width + x;
  applyStep(s, (before) => {
    const alike = s.$("alike").value === "mask" ? (other) => before[other] === before[place]
      : matchColour(picturePixels(s), place, s.apart);
    return floodFill(s.mask, s.cursor, value, alike);
  });
}

function picturePixels(s) {
  s.pixels ??= readPixels(s.$("picture"), s.data.width, s.data.height);
  return s.pixels;
}

function run(s, what) {
  const { mask, look, data } = s;
  if (!mask) return;
  const place = FACTORS.indexOf(s.factor || s.fits);
  if (what === "nearer" || what === "farther") {
    const to = FACTORS[(place < 0 ? 4 : place) + (what === "nearer" ? 1 : -1)];
    if (to) s.factor = to;
    fitSheet(s);
    scrollToCursor(s);
  } else if (what === "fit") {
    s.factor = 0;
    fitSheet(s);
  } else if (what === "show") changeLook(s, { shown: !look.shown });
  else if (what === "hush") showMessage(s, "");
  if (!data.editable) return;
  if (what === "invert") applyStep(s, (b) => fillWith(mask, (at) => 255 - b[at]));
  else if (what === "clear") applyStep(s, () => fillWith(mask, () => emptyOf(s)));
  else if (what === "alpha") {
    const found = picturePixels(s);
    applyStep(s, () => fillWith(mask, (at) => found[at * 4 + 3]));
  } else if (what === "undo" || what === "redo") {
    paintMask(s, (what === "undo" ? undo : redo)(s.steps, mask));
    storeDraftSoon(s);
  } else if (what === "revert") {
    deleteDraft(s.place);
    showSaved(s, s.data.mask).then(() => showMessage(s, ""));
  } else if (what === "swap") changeTool(s, { value: s.value < 128 ? 255 : 0 });
  else if (what === "thinner") changeTool(s, { size: Math.max(1, s.size - 1) });
  else if (what === "wider") changeTool(s, { size: Math.min(512, s.size + 1) });
  else if (what === "load") s.$("choose").click();
  else if (what === "save") saveMask(s);
  else if (what === "mine") settleConflict(s, s.theirs, () => null);
  else if (what === "theirs") settleConflict(s, s.theirs, (b, theirs) => theirs);
  else if (what === "both") settleConflict(s, s.theirs, (b, theirs) => theirs.map((v, at) => Math.min(v, b[at])));
  render(s);
}

function handleKey(s, event) {
  const field = event.target.closest("input:not([type=checkbox]), select");
  const { key } = event;
  event.stopPropagation(); // letters are no shortcuts of the page here
  const letter = key.length === 1 ? key.toLowerCase() : key;
  if (event.ctrlKey || event.metaKey) {
    const what = { z: event.shiftKey ? "redo" : "undo", y: "redo", s: "save" }[letter];
    if (!what || (field && what !== "save")) return;
    event.preventDefault();
    run(s, what);
    return;
  }
  if (field || event.altKey || !s.mask) return;
  const drawing = event.target === s.$("view");
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (LETTERS[letter] && s.data.editable) changeTool(s, { tool: LETTERS[letter] });
  else if (KEYS[letter]) run(s, KEYS[letter]);
  else if (drawing && s.data.editable && arrows[key]) moveCursor(s, arrows[key], event.shiftKey ? 8 : 1);
  else if (drawing && s.data.editable && (key === " " || key === "Enter")) {
    event.preventDefault();
    if (!event.repeat) applyTool(s, key);
    return;
  } else if (key === "Escape" && (s.corner || s.pen)) {
    Object.assign(s, { corner: null, pen: false });
    render(s);
  } else return;
  event.preventDefault();
}

function moveCursor(s, [x, y], far) {
  const from = s.cursor;
  s.cursor = clampToPicture(s, [from[0] + x * far, from[1] + y * far]);
  if (s.pen) applyStep(s, () => drawLine(s.mask, from, s.cursor, brushRows(s.size, s.round), paintValue(s)));
  scrollToCursor(s);
  renderCursor(s);
}

function applyTool(s, key) {
  if (s.tool === "move") return;
  if (s.tool === "fill") fillArea(s, paintValue(s));
  else if (s.tool === "rectangle") {
    if (s.corner) drawRectangle(s, paintValue(s));
    else s.corner = s.cursor;
  } else {
    s.pen = key === "Enter" ? !s.pen : s.pen;
    applyStep(s, () => drawLine(s.mask, s.cursor, s.cursor, brushRows(s.size, s.round), paintValue(s)));
  }
  render(s);
}
