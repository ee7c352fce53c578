// The stage of an enlarged picture: it comes nearer down to single pixels over a pyramid of levels,
// with the grid of its tiles, the state of each, and the chosen one beside it. The picture that it
// comes from and the result stand under one slider; tiles that are drawn are seen while others wait.
//
// `data` is {subject, size: [width, height] of the result, sharp: whether pixels stay pixels, before,
// after: layers (`upscale_layers.js`) or null, tiles: [[key, left, top, width, height], ...], states:
// a letter a tile (`upscale_poll.js`), job, running, state: where states are asked for, tile: where
// pictures of tiles are, current: the key of a tile, prompts: {key: {prompt, negative, locked, seed}},
// all: {prompt, negative}, append, counted: {style, version}, {base} or null, words: whether tiles have
// prompts at all, editable, redo: whether a tile can be drawn anew, why: what of this the person may
// not and why, around}. It says `prompts`, all of them; `redo`, {key, seed, prompt, negative};
// `looked`, the key of the tile that is looked at; and `ended`, the job that has ended.

import { readGround, storeGround } from "./ground.js";
import { listenForRaw } from "./raw_key.js";
import { draw, drawSoon, hasResult } from "./upscale_draw.js";
import { newShelf } from "./upscale_pieces.js";
import { bringIn, listenToStage, pan, showTile, zoom } from "./upscale_pointer.js";
import { countTurns, follow, readStates, tellProgress } from "./upscale_poll.js";
import { changeOwn, listenToTile, ownOf, redo, renderTile, tell } from "./upscale_tile.js";
import { cellsOf, nameTile, readTiles, tileBeside } from "./upscale_view.js";

const TYPING = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable=true]";
const KEYS = { w: "wipe", l: "lines", g: "ground", "+": "nearer", "=": "nearer", "-": "farther", 0: "fit",
  d: "redo", k: "lock", "[": "before", "]": "next" };
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const HELD_MS = 350; // a key down for longer is held, and lets go when it comes up
const PANNED = 80; // screen pixels
const LOOKED_MS = 800; // on a tile, after which the address says it

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsUpscale ??= begin(root));
  s.component = component;
  s.turn += 1;
  attach(s);
  takeData(s, component.data);
  const turn = s.turn;
  return () => s.turn === turn && detach(s); // an older call that ended must not silence a newer one
}

function begin(root) {
  const s = { root, turn: 0, raw: false, wipe: false, lines: true, current: "", ground: readGround(),
    tiles: [], cells: new Map(), states: {}, turns: {}, prompts: {} };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  s.shelf = newShelf(() => drawSoon(s));
  s.onKey = (event) => handleKey(s, event);
  s.onKeyUp = (event) => event.key.toLowerCase() === "r" && letRawGo(s);
  s.resized = new ResizeObserver(() => drawSoon(s));
  for (const button of root.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => run(s, button.dataset.do));
  }
  s.$("wipe").addEventListener("input", () => drawSoon(s));
  listenToStage(s, (key) => choose(s, key));
  listenToTile(s);
  return s;
}

function attach(s) {
  if (s.attached) return;
  s.attached = true;
  document.addEventListener("keydown", s.onKey);
  document.addEventListener("keyup", s.onKeyUp);
  s.unraw = listenForRaw((event) => pressRaw(s, event));
  s.resized.observe(s.$("stage"));
}

function detach(s) {
  s.attached = false;
  document.removeEventListener("keydown", s.onKey);
  document.removeEventListener("keyup", s.onKeyUp);
  s.unraw();
  s.resized.disconnect();
  s.unfollow?.();
  s.followed = null;
}

function takeData(s, data) {
  const fresh = s.data?.subject !== data.subject;
  if (fresh) Object.assign(s, { look: { factor: 0, x: 0, y: 0 }, current: data.current ?? "", turns: {}, states: {} });
  const told = JSON.stringify(data.prompts ?? {});
  // What this page said itself changes nothing, though more was typed meanwhile.
  if (fresh || (told !== s.sent && told !== s.told && !s.saying)) s.prompts = structuredClone(data.prompts ?? {});
  s.told = told;
  s.data = data;
  const rows = JSON.stringify(data.tiles);
  if (s.rows !== rows) {
    s.rows = rows;
    s.tiles = readTiles(data.tiles);
    s.cells = cellsOf(s.tiles, data.size);
  }
  if (!s.tiles.some(({ key }) => key === s.current)) s.current = "";
  if (!data.running || s.followed !== data.job) takeStates(s, data.states ?? "");
  followJob(s);
  render(s);
  draw(s);
}

function takeStates(s, letters) {
  const now = readStates(s.tiles, letters);
  s.turns = countTurns(s.turns, s.states, now);
  s.states = now;
}

// Only while something runs.
function followJob(s) {
  const { job, running, state } = s.data;
  const wanted = running ? job : null;
  if (s.followed === wanted) return;
  s.unfollow?.();
  s.followed = wanted;
  s.unfollow = wanted === null ? null : follow(state, (said) => {
    if (said.states.length === s.tiles.length) takeStates(s, said.states);
    render(s);
    drawSoon(s);
  }, () => s.component.setTriggerValue("ended", job));
}

function render(s) {
  const there = hasResult(s);
  for (const what of ["wipe", "raw", "lines"]) press(s, what, s[what]);
  press(s, "ground", s.ground.flat);
  for (const what of ["wipe", "raw"]) buttonOf(s, what).hidden = !there;
  for (const what of ["lines", "before", "next"]) buttonOf(s, what).hidden = !s.tiles.length;
  s.$("wipe").hidden = !s.wipe || !there;
  s.$("named").textContent = !there ? "The picture, as large as it will be"
    : s.raw ? "Before" : s.wipe ? "Before | after" : s.data.after ? "After" : "As far as it is drawn";
  const keys = s.tiles.length ? " Arrows go from tile to tile, Enter shows one large." : "";
  s.$("stage").setAttribute("aria-label", `The picture.${keys} Alt and arrows move it.`);
  s.$("progress").textContent = s.data.job === null ? "" : tellProgress(s.tiles, s.states);
  renderTile(s);
}

const buttonOf = (s, what) => s.root.querySelector(`button[data-do=${what}]`);

function press(s, what, on) {
  buttonOf(s, what).setAttribute("aria-pressed", String(!!on));
}

function choose(s, key, near = false) {
  if (key === s.current) return;
  s.current = key;
  clearTimeout(s.looking);
  s.looking = setTimeout(() => s.component.setTriggerValue("looked", key), LOOKED_MS);
  const tile = s.tiles.find((one) => one.key === key);
  if (tile && near) showTile(s, tile);
  else if (tile) bringIn(s, tile);
  tell(s, key ? [nameTile(s.tiles, s.cells, key), s.states[key]].filter(Boolean).join(", ") : "");
  render(s);
  drawSoon(s);
}

// The next in the order in which they are drawn, or the one before; round at the ends.
function goOn(s, by) {
  if (!s.tiles.length) return;
  const at = s.tiles.findIndex(({ key }) => key === s.current);
  const to = at < 0 ? (by > 0 ? 0 : s.tiles.length - 1) : (at + by + s.tiles.length) % s.tiles.length;
  choose(s, s.tiles[to].key);
}

function run(s, what) {
  if (what === "wipe" || what === "raw" || what === "lines") s[what] = !s[what];
  else if (what === "ground") s.ground = storeGround({ ...s.ground, flat: !s.ground.flat });
  else if (what === "fit") s.look.factor = 0;
  else if (what === "nearer" || what === "farther") zoom(s, what === "nearer");
  else if (what === "before" || what === "next") goOn(s, what === "next" ? 1 : -1);
  else if (what === "lock") changeOwn(s, { locked: !ownOf(s).locked });
  else if (what === "redo" && !ownOf(s).locked) redo(s);
  render(s);
  drawSoon(s);
}

function handleKey(s, event) {
  const target = event.composedPath()[0];
  if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
  if (target instanceof Element && target.closest(TYPING)) return;
  if (document.querySelector('[role="dialog"]')) return;
  const arrow = ARROWS[event.key];
  const tile = s.tiles.find(({ key }) => key === s.current);
  if (arrow && target === s.$("stage")) moveBy(s, event, arrow);
  else if (event.key === "Enter" && tile && target === s.$("stage")) showTile(s, tile);
  else if (event.key === "Escape" && s.current) choose(s, "");
  else if (KEYS[event.key.toLowerCase()] && !event.altKey) run(s, KEYS[event.key.toLowerCase()]);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function moveBy(s, event, [x, y]) {
  if (event.altKey || !s.tiles.length) pan(s, x * PANNED, y * PANNED);
  else choose(s, tileBeside(s.tiles, s.cells, s.current, [x, y]));
}

function pressRaw(s, event) {
  if (!hasResult(s)) return false;
  s.pressed = event.timeStamp;
  run(s, "raw");
  return true;
}

function letRawGo(s) {
  if (s.pressed && performance.now() - s.pressed > HELD_MS) run(s, "raw");
  s.pressed = 0;
}
