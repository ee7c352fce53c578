// The finishing desk as it stands: its two panes, its buttons and fields, its list of proposals.

import { countCells } from "./finish_grid.js";
import { drawPane, fittingFactor, rawFrame } from "./finish_view.js";

const LEAST_ROOM = 220;
const MOST_ROOM = 720;
const NARROW = 480; // pixels of width from which on two panes stand beside each other
const BOARDS = { light: ["#c8c8c8", "#e8e8e8"], dark: ["#4a4b52", "#5d5e66"] };

export const shownImage = (s, name) => s.images[name]?.image;
export const isOne = (s) => s.wipe || s.narrow;
// The one that `after` was made with: while a line is dragged, the pictures stay where they are.
export const frameOf = (s) => rawFrame(s.data.grid);
export const stateOf = (s, id) => (s.taken.has(id) ? "taken" : s.left.has(id) ? "left" : "");

export function roomOf(s) {
  const canvas = s.pane("after");
  return [canvas.clientWidth, canvas.clientHeight];
}

// The size of what is finished; of the raw one's cells until that is there.
function sizeOf(s) {
  const after = shownImage(s, "after");
  if (after?.naturalWidth) return [after.naturalWidth, after.naturalHeight];
  const before = shownImage(s, "before");
  const { step } = frameOf(s);
  return before ? [before.naturalWidth / step[0], before.naturalHeight / step[1]] : [1, 1];
}

export function draw(s) {
  const { data, look } = s;
  const panes = s.$("panes");
  s.narrow = panes.clientWidth < NARROW;
  panes.classList.toggle("one", isOne(s));
  const width = s.pane("after").clientWidth;
  const high = Math.min(Math.max(innerHeight - (data.around ?? 330), LEAST_ROOM), MOST_ROOM);
  s.size = sizeOf(s);
  // As high as the picture needs at that width, so that no empty room stands above and below it.
  const needed = Math.ceil((width * s.size[1]) / s.size[0]);
  panes.style.setProperty("--room", `${Math.max(LEAST_ROOM, Math.min(high, needed))}px`);
  s.shown = look.factor || fittingFactor(...s.size, roomOf(s).map((side) => side - 2));
  const what = {
    before: shownImage(s, "before"), after: shownImage(s, "after"), frame: frameOf(s), size: s.size,
    grid: s.grid, lines: s.lines, line: s.line, editable: data.editable,
    ground: { ...s.ground, board: BOARDS[isDark(s) ? "dark" : "light"] },
    marks: data.proposals.map(({ id, pixels }) => (
      { pixels, state: stateOf(s, id), current: id === s.current })),
  };
  const at = { factor: s.shown, x: look.x, y: look.y };
  const both = s.wipe && !s.raw;
  if (!isOne(s)) drawPane(s.pane("before"), at, { ...what, raw: true });
  const wipe = both ? s.$("wipe").valueAsNumber / 100 : 1;
  drawPane(s.pane("after"), at, { ...what, raw: s.raw || both, wipe });
  s.$("factor").textContent = s.shown >= 1 ? `${Math.round(s.shown)} ×` : `${Math.round(100 * s.shown)} %`;
}

// The theme is known by its ground.
function isDark(s) {
  const levels = getComputedStyle(s.pane("after")).backgroundColor.match(/\d+/g) ?? [255];
  return Number(levels[0]) < 128;
}

// All of it: panes, buttons, fields, proposals.
export function render(s) {
  const { data } = s;
  for (const what of ["wipe", "raw", "lines"]) press(s, what, s[what]);
  press(s, "ground", s.ground.flat);
  s.root.querySelector("button[data-do=lines]").hidden = !s.grid;
  s.$("wipe").hidden = !s.wipe;
  s.$("named").textContent = s.raw ? "Raw" : s.wipe ? "Raw | finished" : "Finished";
  const keys = data.proposals.length ? " Arrows go from proposal to proposal, Y takes one, N leaves it." : "";
  s.$("panes").setAttribute("aria-label", `Raw and finished picture.${keys}`);
  s.$("grid").hidden = data.grid === undefined;
  s.$("proposals").hidden = !data.proposals.length;
  s.$("desk").classList.toggle("two", data.grid !== undefined || !!data.proposals.length);
  renderGrid(s);
  renderProposals(s);
  draw(s);
}

function press(s, what, on) {
  s.root.querySelector(`button[data-do=${what}]`).setAttribute("aria-pressed", String(!!on));
}

function renderGrid(s) {
  const { grid, data } = s;
  s.$("fields").hidden = !grid;
  for (const [what, hidden] of [["set", !!grid], ["unset", !grid]]) {
    const button = s.root.querySelector(`[data-do=${what}]`);
    button.hidden = hidden;
    button.disabled = !data.editable;
  }
  s.$("linked").checked = s.linked;
  s.$("linked").disabled = !data.editable;
  for (const field of s.root.querySelectorAll("[data-field]")) {
    field.disabled = !data.editable;
    if (grid && field.getRootNode().activeElement !== field) {
      field.value = Number(grid[field.dataset.field].toFixed(3));
    }
  }
  const before = shownImage(s, "before");
  s.$("cells").textContent = !grid ? "No grid: each pixel is taken as it is."
    : before ? `${countCells(grid.step_x, grid.offset_x, before.naturalWidth)} x `
      + `${countCells(grid.step_y, grid.offset_y, before.naturalHeight)} px at its native size` : "";
}

function renderProposals(s) {
  const { proposals, editable } = s.data;
  const list = s.$("list");
  const counted = proposals.filter(({ id }) => s.taken.has(id)).length;
  const open = proposals.filter(({ id }) => !stateOf(s, id)).length;
  s.$("count").textContent = `${counted} of ${proposals.length} taken, ${open} open`;
  const key = JSON.stringify(proposals.map(({ id, text }) => [id, text]));
  if (s.listed !== key) {
    s.listed = key;
    list.replaceChildren(...proposals.map((proposal) => newEntry(s, proposal)));
  }
  for (const entry of list.children) {
    const { id } = entry.dataset;
    entry.className = stateOf(s, id);
    entry.querySelector("span").textContent = stateOf(s, id) || "open";
    entry.firstChild.setAttribute("aria-current", String(id === s.current));
  }
  for (const button of s.$("choices").children) {
    const one = !button.dataset.do.endsWith("all");
    button.disabled = !editable || (one && !s.current);
  }
}

function newEntry(s, { id, text }) {
  const entry = document.createElement("li");
  entry.dataset.id = id;
  const button = entry.appendChild(document.createElement("button"));
  button.type = "button";
  button.append(text, document.createElement("span"));
  button.addEventListener("focus", () => lookAt(s, id));
  button.addEventListener("click", () => lookAt(s, id)); // Safari focuses no button that is clicked
  return entry;
}

// Marks a proposal, and brings its pixels to the middle.
export function lookAt(s, id) {
  s.current = id;
  const pixels = s.data.proposals.find((one) => one.id === id)?.pixels ?? [];
  if (pixels.length) {
    const middle = (axis) => pixels.reduce((sum, pixel) => sum + pixel[axis] + 0.5, 0) / pixels.length;
    Object.assign(s.look, { x: middle(0), y: middle(1) });
  }
  render(s);
}
