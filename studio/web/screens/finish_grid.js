// The grid over a picture: where its lines are, and what becomes of it when one is moved.
//
// `grid` is {step_x, step_y, offset_x, offset_y} in pixels of the raw picture, as studio.pixels.grid
// has it: line k of an axis lies at offset + k * step, and a cell counts that is at least half seen.

const LEAST = 1; // pixels
const DIGITS = 1000;

const round = (value) => Math.round(value * DIGITS) / DIGITS;
const within = (value, step) => ((value % step) + step) % step;

// Where the first cell begins: before the picture where that cell is cut but more than half seen.
export function firstCell(step, offset) {
  return offset >= step / 2 ? offset - step : offset;
}

// How many cells a side of so many pixels has.
export function countCells(step, offset, size) {
  return Math.max(1, Math.floor((size - firstCell(step, offset)) / step + 0.5));
}

// The places of all lines inside the picture, by their number.
export function placeLines(step, offset, size) {
  return Array.from({ length: Math.floor((size - offset) / step) + 1 }, (_, k) => offset + k * step);
}

// The number of the line within reach of a place, or -1.
export function lineAt(step, offset, size, place, reach) {
  const k = Math.max(0, Math.round((place - offset) / step));
  const at = offset + k * step;
  return at <= size && Math.abs(at - place) <= reach ? k : -1;
}

// The grid after its line k ("x": a vertical one) went to a place: the first line takes all along,
// any other stretches the steps from the first one on. `linked`: the other axis gets the same step.
export function moveLine(grid, axis, k, place, linked) {
  const moved = { ...grid };
  const step = grid[`step_${axis}`];
  if (k === 0) moved[`offset_${axis}`] = round(within(place, step));
  else moved[`step_${axis}`] = Math.max(LEAST, (place - grid[`offset_${axis}`]) / k);
  return settleGrid(moved, linked ? axis : "");
}

// A grid that can be: steps of at least a pixel, offsets within the first step, and with `from`,
// "x" or "y", the other axis stepping as this one does.
export function settleGrid(grid, from = "") {
  const settled = { ...grid };
  if (from) settled[from === "x" ? "step_y" : "step_x"] = grid[`step_${from}`];
  for (const axis of ["x", "y"]) {
    const step = Math.max(LEAST, settled[`step_${axis}`]);
    settled[`step_${axis}`] = Math.round(step * 10 * DIGITS) / (10 * DIGITS);
    settled[`offset_${axis}`] = round(within(settled[`offset_${axis}`], step));
  }
  return settled;
}
