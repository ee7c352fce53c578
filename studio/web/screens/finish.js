// The finishing desk: a raw picture and what finishing makes of it, side by side or under a slider
// at one zoom; the pixel grid with lines that can be dragged; proposals, taken or left by a key.
//
// `data` is {before, after: addresses, grid: {step_x, step_y, offset_x, offset_y} or null, proposals:
// [{id, kind, text, pixels: [[x, y], ...]}], taken: [ids], left: [ids], palette: ["#rrggbb", ...],
// editable, around}. Pixels of proposals are those of `after`; a grid's are those of `before`, whose
// cells `after` shows from the first one on. `grid` left out: there is nothing to set. `around` is
// how many pixels of the window's height the page needs besides. What a person does is said as
// `said` = {grid, taken, left}, all of it each time; data that only repeats it changes nothing.

import { changeGrid, choose, goOn, takeAnswers } from "./finish_answers.js";
import { draw, render, shownImage } from "./finish_desk.js";
import { moveLine, settleGrid } from "./finish_grid.js";
import { listenToPane, pan, zoom } from "./finish_pointer.js";
import { readGround, storeGround } from "./ground.js";
import { listenForRaw } from "./raw_key.js";

const TYPING = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable=true]";
const KEYS = { w: "wipe", l: "lines", g: "ground", "+": "nearer", "=": "nearer", "-": "farther", 0: "fit",
  y: "take", n: "leave", Y: "take all", N: "leave all" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELD_MS = 350; // a key down for longer is held, and lets go when it comes up
const PANNED = 40; // screen pixels

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsFinish ??= begin(root));
  s.component = component;
  s.turn += 1;
  attach(s);
  takeData(s, component.data);
  const turn = s.turn;
  return () => s.turn === turn && detach(s); // an older call that ended must not silence a newer one
}

function begin(root) {
  const s = { root, turn: 0, raw: false, wipe: false, lines: true, line: null, current: "", sent: [],
    linked: true, ground: readGround(), images: {}, pixels: {} };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  s.pane = (name) => root.querySelector(`[data-pane=${name}] canvas`);
  s.onKey = (event) => handleKey(s, event);
  s.onKeyUp = (event) => event.key.toLowerCase() === "r" && letRawGo(s);
  s.resized = new ResizeObserver(() => s.data && draw(s));
  for (const button of root.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => run(s, button.dataset.do));
  }
  for (const field of root.querySelectorAll("[data-field]")) {
    field.addEventListener("change", () => typeField(s, field));
  }
  s.$("linked").addEventListener("change", () => {
    s.linked = s.$("linked").checked;
    if (s.linked) changeGrid(s, settleGrid(s.grid, "x"));
  });
  s.$("wipe").addEventListener("input", () => draw(s));
  for (const name of ["before", "after"]) listenToPane(s, name);
  return s;
}

function attach(s) {
  if (s.attached) return;
  s.attached = true;
  document.addEventListener("keydown", s.onKey);
  document.addEventListener("keyup", s.onKeyUp);
  s.unraw = listenForRaw((event) => pressRaw(s, event));
  s.resized.observe(s.$("panes"));
}

function detach(s) {
  s.attached = false;
  document.removeEventListener("keydown", s.onKey);
  document.removeEventListener("keyup", s.onKeyUp);
  s.unraw();
  s.resized.disconnect();
}

function takeData(s, data) {
  if (s.data?.before !== data.before) {
    Object.assign(s, { current: "", line: null, sent: [], told: "", look: { factor: 0, x: 0, y: 0 } });
    s.linked = !data.grid || data.grid.step_x === data.grid.step_y;
  }
  takeAnswers(s, data);
  s.data = data;
  for (const name of ["before", "after"]) loadPicture(s, name, data[name]);
  render(s);
}

// What was shown stays until the new one is there.
async function loadPicture(s, name, url) {
  if (s.images[name]?.asked === url) return;
  const image = Object.assign(new Image(), { src: url });
  s.images[name] = { asked: url, image: s.images[name]?.image };
  await image.decode().catch(() => null);
  if (s.images[name].asked !== url) return;
  s.images[name].image = image;
  s.pixels[name] = null;
  render(s);
}

function typeField(s, field) {
  if (!Number.isFinite(field.valueAsNumber)) return render(s);
  const name = field.dataset.field;
  const from = s.linked && name.startsWith("step") ? name.at(-1) : "";
  changeGrid(s, settleGrid({ ...s.grid, [name]: field.valueAsNumber }, from));
}

function run(s, what) {
  if (what === "wipe" || what === "raw" || what === "lines") s[what] = !s[what];
  else if (what === "ground") s.ground = storeGround({ ...s.ground, flat: !s.ground.flat });
  else if (what === "fit") s.look.factor = 0;
  else if (what === "nearer" || what === "farther") zoom(s, what === "nearer");
  else if (what === "take" || what === "leave") choose(s, [s.current], what === "take");
  else if (what.endsWith("all")) choose(s, s.data.proposals.map(({ id }) => id), what === "take all");
  else if (what === "unset") changeGrid(s, null);
  else if (what === "set" && shownImage(s, "before")) {
    const step = Math.max(1, Math.round(shownImage(s, "before").naturalWidth / 32));
    changeGrid(s, settleGrid({ step_x: step, step_y: step, offset_x: 0, offset_y: 0 }));
  }
  render(s);
}

function handleKey(s, event) {
  const target = event.composedPath()[0];
  if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
  if (target instanceof Element && target.closest(TYPING)) return;
  if (document.querySelector('[role="dialog"]')) return;
  const arrow = ARROWS[event.key];
  if (arrow && target === s.$("panes")) moveBy(s, event, arrow);
  else if (arrow && target.closest?.("[data-part=list]")) {
    goOn(s, arrow[0] + arrow[1]);
    s.$("list").querySelector("[aria-current=true]").focus();
  } else if (event.key === "Escape" && s.line) {
    s.line = null;
    render(s);
  } else if (KEYS[event.key] && !event.altKey) run(s, KEYS[event.key]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function pressRaw(s, event) {
  s.pressed = event.timeStamp;
  run(s, "raw");
  return true;
}

function letRawGo(s) {
  if (s.pressed && performance.now() - s.pressed > HELD_MS) run(s, "raw");
  s.pressed = 0;
}

function moveBy(s, event, [x, y]) {
  if (event.altKey) pan(s, x * PANNED, y * PANNED);
  else if (s.line && s.grid) {
    const { axis, k } = s.line;
    const by = (axis === "x" ? x : y) * (event.shiftKey ? 0.1 : 1);
    const place = s.grid[`offset_${axis}`] + k * s.grid[`step_${axis}`] + by;
    if (by) changeGrid(s, moveLine(s.grid, axis, k, place, s.linked));
  } else goOn(s, x + y);
}
