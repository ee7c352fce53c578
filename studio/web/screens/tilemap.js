// A map that is painted with two brushes, by pointer and keyboard; its tiles are chosen by the rules
// of the set as one paints. What is painted stays in this browser, also over a reload.
//
// `data` is {id, name, sheet, kind, size, columns, variants, block, byMask, upper, lower, width,
// height}. Streamlit calls this again with new data.

import { gridSize, mapFile, pointsBetween, randomCells, tileAt } from "./tilemap_rules.js";
import { newHistory, record, redo, undo } from "./undo_history.js";

const SHELF = "housestyle map "; // and the set's id
const KEYS = { x: "swap", Delete: "clear", Backspace: "clear" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 5; // places, with Shift

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsTilemap ??= begin(root));
  const again = s.set?.id === component.data.id;
  s.set = component.data;
  if (!again) openSet(s);
}

function begin(root) {
  const s = { root, brush: 1, going: null, cursor: null };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  for (const button of root.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => run(s, button.dataset.do));
  }
  for (const button of root.querySelectorAll("[data-brush]")) {
    button.addEventListener("click", () => chooseBrush(s, Number(button.dataset.brush)));
  }
  s.$("grid").addEventListener("change", () => draw(s));
  s.$("tilemap").addEventListener("keydown", (event) => handleKey(s, event));
  const sheet = s.$("sheet");
  sheet.addEventListener("pointerdown", (event) => startStroke(s, event));
  sheet.addEventListener("pointermove", (event) => continueStroke(s, event));
  for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, () => endStroke(s));
  sheet.addEventListener("pointerleave", () => !s.going && showCursor(s, null));
  sheet.addEventListener("contextmenu", (event) => event.preventDefault());
  s.$("view").addEventListener("blur", () => showCursor(s, null));
  s.resized = new ResizeObserver(() => s.map && fit(s));
  s.resized.observe(s.$("tilemap"));
  return s;
}

function openSet(s) {
  const { set } = s;
  const [width, height] = gridSize(set);
  const data = readKept(set, width * height) ?? randomCells(set);
  Object.assign(s, { map: { data, width, height }, steps: newHistory(), going: null, cursor: null });
  s.$("upper").textContent = set.upper;
  s.$("lower").textContent = set.lower;
  s.$("random").textContent = set.kind === "platform" ? "Random hills" : "Random island";
  Object.assign(s.$("canvas"), { width: set.width * set.size, height: set.height * set.size });
  s.image = new Image();
  s.image.onload = () => draw(s);
  s.image.onerror = () => tell(s, "The sheet could not be loaded. Load the page again.");
  s.image.src = set.sheet;
  chooseBrush(s, 1);
  fit(s);
  showCursor(s, null);
}

function readKept(set, length) {
  try {
    const kept = localStorage.getItem(SHELF + set.id);
    return kept?.length === length ? Uint8Array.from(kept, (one) => (one === "1" ? 1 : 0)) : null;
  } catch {
    return null;
  }
}

function keep(s) {
  try {
    localStorage.setItem(SHELF + s.set.id, s.map.data.join(""));
  } catch {
    // it is painted anew the next time
  }
}

// Whole factors where the map fits so, else as wide as there is room.
function fit(s) {
  const own = s.set.width * s.set.size;
  const room = s.$("tilemap").clientWidth - 2; // and a border around it
  if (room <= 0) return;
  const scale = room >= own ? Math.min(4, Math.floor(room / own)) : room / own;
  s.scale = scale;
  s.$("sheet").style.width = `${own * scale}px`;
  s.$("sheet").style.height = `${s.set.height * s.set.size * scale}px`;
  showCursor(s, s.cursor);
}

function draw(s) {
  if (!s.image.complete || !s.image.naturalWidth) return;
  const { set } = s;
  const context = s.$("canvas").getContext("2d");
  context.clearRect(0, 0, set.width * set.size, set.height * set.size);
  for (let y = 0; y < set.height; y += 1) {
    for (let x = 0; x < set.width; x += 1) drawTile(s, context, x, y);
  }
  if (s.$("grid").checked) drawGrid(s, context);
  for (const [name, steps] of [["undo", s.steps.past], ["redo", s.steps.future]]) {
    s.root.querySelector(`[data-do="${name}"]`).disabled = !steps.length;
  }
}

function drawTile(s, context, x, y) {
  const { size, columns } = s.set;
  const id = tileAt(s.set, s.map.data, x, y);
  const left = (id % columns) * size;
  const top = Math.floor(id / columns) * size;
  context.drawImage(s.image, left, top, size, size, x * size, y * size, size, size);
}

function drawGrid(s, context) {
  const { size, width, height } = s.set;
  context.fillStyle = "rgba(0, 0, 0, .45)";
  for (let x = 1; x < width; x += 1) context.fillRect(x * size, 0, 1, height * size);
  for (let y = 1; y < height; y += 1) context.fillRect(0, y * size, width * size, 1);
}

function chooseBrush(s, brush) {
  s.brush = brush;
  for (const button of s.root.querySelectorAll("[data-brush]")) {
    button.setAttribute("aria-pressed", String(Number(button.dataset.brush) === brush));
  }
}

function pointAt(s, event) {
  const box = s.$("sheet").getBoundingClientRect();
  const across = ((event.clientX - box.left) / box.width) * s.set.width;
  const down = ((event.clientY - box.top) / box.height) * s.set.height;
  const whole = s.set.kind === "wang" ? Math.round : Math.floor;
  return clamp(s, [whole(across), whole(down)]);
}

function clamp(s, [x, y]) {
  return [Math.min(s.map.width - 1, Math.max(0, x)), Math.min(s.map.height - 1, Math.max(0, y))];
}

function startStroke(s, event) {
  if (!s.map || !event.isPrimary || event.button === 1) return;
  event.preventDefault();
  s.$("view").focus({ preventScroll: true });
  s.$("sheet").setPointerCapture(event.pointerId);
  const at = pointAt(s, event);
  const value = event.button === 2 ? 1 - s.brush : s.brush;
  s.going = { before: s.map.data.slice(), last: at, value };
  paint(s, at, at, value);
  showCursor(s, at);
}

function continueStroke(s, event) {
  if (!s.map) return;
  const at = pointAt(s, event);
  if (s.going) {
    paint(s, s.going.last, at, s.going.value);
    s.going.last = at;
  }
  showCursor(s, at);
}

function endStroke(s) {
  if (!s.going) return;
  const { before } = s.going;
  s.going = null;
  finish(s, before);
}

function paint(s, from, to, value) {
  for (const [x, y] of pointsBetween(from, to)) s.map.data[y * s.map.width + x] = value;
  draw(s);
}

function finish(s, before) {
  record(s.steps, s.map, before, [0, 0, s.map.width, s.map.height]);
  keep(s);
  draw(s);
}

function change(s, edit) {
  const before = s.map.data.slice();
  edit();
  finish(s, before);
}

function showCursor(s, at) {
  s.cursor = at;
  const mark = s.$("cursor");
  mark.hidden = !at;
  if (!at) return;
  const corner = s.set.kind === "wang";
  const step = s.set.size * s.scale;
  const side = corner ? step / 2 : step;
  const back = corner ? side / 2 : 0;
  mark.classList.toggle("corner", corner);
  Object.assign(mark.style, { left: `${at[0] * step - back}px`, top: `${at[1] * step - back}px`,
    width: `${side}px`, height: `${side}px` });
}

function handleKey(s, event) {
  if (!s.map || event.altKey || event.target.matches("input")) return;
  const letter = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    const named = letter === "y" || (letter === "z" && event.shiftKey) ? "redo" : letter === "z" && "undo";
    if (!named) return;
    event.preventDefault();
    run(s, named);
    return;
  }
  if (ARROWS[letter]) {
    const [right, down] = ARROWS[letter];
    const far = event.shiftKey ? FAR : 1;
    const [x, y] = s.cursor ?? [s.map.width >> 1, s.map.height >> 1];
    showCursor(s, s.cursor ? clamp(s, [x + right * far, y + down * far]) : [x, y]);
    tellPlace(s);
  } else if (letter === " " && !event.target.closest("button")) {
    if (!s.cursor) showCursor(s, [s.map.width >> 1, s.map.height >> 1]);
    change(s, () => paint(s, s.cursor, s.cursor, s.brush));
    tellPlace(s);
  } else if (KEYS[letter]) run(s, KEYS[letter]);
  else return;
  event.preventDefault();
}

function run(s, what) {
  if (what === "swap") chooseBrush(s, 1 - s.brush);
  else if (what === "clear") change(s, () => s.map.data.fill(0));
  else if (what === "random") change(s, () => s.map.data.set(randomCells(s.set)));
  else if (what === "undo" || what === "redo") {
    (what === "undo" ? undo : redo)(s.steps, s.map);
    keep(s);
    draw(s);
  } else if (what === "png") savePicture(s);
  else if (what === "tmx") {
    saveFile(new Blob([mapFile(s.set, s.map.data)], { type: "application/xml" }), `${s.set.name}_map.tmx`);
    tell(s, `It names ${s.set.name}.tsx, which is in the zip below: keep them beside each other.`);
  }
}

function savePicture(s) {
  const grid = s.$("grid");
  const shown = grid.checked;
  grid.checked = false;
  draw(s);
  s.$("canvas").toBlob((blob) => saveFile(blob, `${s.set.name}_map.png`), "image/png");
  grid.checked = shown;
  draw(s);
}

function saveFile(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

function tellPlace(s) {
  const [x, y] = s.cursor;
  const upper = s.map.data[y * s.map.width + x];
  tell(s, `Column ${x + 1}, row ${y + 1}: ${upper ? s.set.upper : s.set.lower}`);
}

function tell(s, sentence) {
  s.$("told").textContent = sentence;
}
