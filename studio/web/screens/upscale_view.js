// Where things lie on the stage of an enlarged picture: the level of its pyramid for a zoom, which
// pieces of that level are seen, the cells of its grid of tiles, and the tile in a direction.
//
// A place is in pixels of the result. `look` is {factor, x, y}: screen pixels of one of the
// result's, and the place in the middle. A tile is {key, part, left, top, width, height}.

export const FARTHEST = 64; // screen pixels of one of the picture's
const OUTSIDE = 2; // the whole picture may be half as large as fits, not smaller

// The next factor; above 1 whole ones, at most a quarter more or less, as on Finish.
export function nextFactor(factor, nearer, fits) {
  if (nearer && factor < 1) return Math.min(1, factor * 2);
  if (nearer) return Math.min(FARTHEST, Math.floor(factor) + Math.ceil(factor / 4));
  const least = Math.min(1, fits) / OUTSIDE;
  if (factor <= 1) return Math.max(least, factor / 2);
  return Math.max(1, Math.ceil(factor) - Math.ceil(factor / 5));
}

// The coarsest level that still has a pixel for each of the screen's. `size` is that of the result
// and `sizes` those of the levels, the largest first; the picture may be smaller than the result.
export function levelFor(size, sizes, perPixel) {
  const wanted = size[0] * perPixel;
  let level = 0;
  while (level + 1 < sizes.length && sizes[level + 1][0] >= wanted) level += 1;
  return level;
}

// The pieces [column, row] of a level that are seen where the box [left, top, right, bottom], in
// shares of the picture from 0 to 1, is shown.
export function piecesIn([width, height], side, [left, top, right, bottom]) {
  const range = (from, to, length) => {
    const last = Math.ceil(length / side) - 1;
    const first = Math.max(0, Math.floor((from * length) / side));
    const end = Math.min(last, Math.ceil((to * length) / side) - 1);
    return Array.from({ length: Math.max(0, end - first + 1) }, (_, k) => first + k);
  };
  const columns = range(left, right, width);
  return range(top, bottom, height).flatMap((row) => columns.map((column) => [column, row]));
}

// What of the picture is seen, in shares of it.
export function seenShare(corner, factor, size, room) {
  return [0, 1].map((axis) => Math.max(0, -corner[axis] / (size[axis] * factor)))
    .concat([0, 1].map((axis) => Math.min(1, (room[axis] - corner[axis]) / (size[axis] * factor))));
}

export function readTiles(rows) {
  return rows.map(([key, left, top, width, height]) => (
    { key, part: key.split("-")[0], left, top, width, height }));
}

// Where the picture begins for what a tile shows of it, in pixels of the result: once, and of one
// that goes on at its other side also whole sides away.
export function cornersOf(tile, [width, height]) {
  const along = (from, side, length) => (from + side > length ? [0, length] : [0]);
  return along(tile.top, tile.height, height)
    .flatMap((top) => along(tile.left, tile.width, width).map((left) => [left, top]));
}

// The cell [left, top, right, bottom] of each main tile by its key: tiles overlap, and neighbours'
// cells meet in the middle of what they share.
export function cellsOf(tiles, [width, height]) {
  const main = tiles.filter(({ part }) => part === "main");
  const edges = (at, side, length) => {
    const ends = new Map(main.map((tile) => [tile[at], tile[at] + tile[side]]));
    const begins = [...ends.keys()].sort((a, b) => a - b);
    return new Map(begins.map((from, k) => {
      const first = k ? (from + ends.get(begins[k - 1])) / 2 : 0;
      const last = k + 1 < begins.length ? (ends.get(from) + begins[k + 1]) / 2 : length;
      return [from, [Math.round(first), Math.round(last)]];
    }));
  };
  const across = edges("left", "width", width);
  const down = edges("top", "height", height);
  return new Map(main.map(({ key, left, top }) => {
    const [x, y] = [across.get(left), down.get(top)];
    return [key, [x[0], y[0], x[1], y[1]]];
  }));
}

// The key of the tile whose cell has a place; "" outside.
export function tileAt(cells, [x, y]) {
  for (const [key, [left, top, right, bottom]] of cells) {
    if (x >= left && x < right && y >= top && y < bottom) return key;
  }
  return "";
}

// The key of the next main tile in a direction [-1 to 1, -1 to 1]; the same at the edge, the first
// one where none is chosen. From a seam's tile or a region it is that under its middle.
export function tileBeside(tiles, cells, key, [x, y]) {
  const from = cells.get(key) ?? cellUnder(tiles, cells, key);
  if (!from) return cells.keys().next().value ?? "";
  const beyond = [
    x > 0 ? from[2] : x < 0 ? from[0] - 1 : (from[0] + from[2]) / 2,
    y > 0 ? from[3] : y < 0 ? from[1] - 1 : (from[1] + from[3]) / 2,
  ];
  return tileAt(cells, beyond) || (cells.has(key) ? key : tileAt(cells, [from[0], from[1]]));
}

function cellUnder(tiles, cells, key) {
  const tile = tiles.find((one) => one.key === key);
  return tile && cells.get(tileAt(cells, [tile.left + tile.width / 2, tile.top + tile.height / 2]));
}

// How a tile is called: "Tile 12 of 81: row 2, column 3".
export function nameTile(tiles, cells, key) {
  const tile = tiles.find((one) => one.key === key);
  if (!tile) return "";
  const number = key.split("-").at(-1);
  const count = tiles.filter(({ part }) => part === tile.part).length;
  const what = { main: "Tile", seam: "Seam tile", region: "Region" }[tile.part] ?? "Tile";
  if (tile.part !== "main") return `${what} ${number} of ${count}`;
  const [left, top] = cells.get(key);
  const place = (at, axis) => [...new Set([...cells.values()].map((one) => one[axis]))]
    .sort((a, b) => a - b).indexOf(at) + 1;
  return `${what} ${number} of ${count}: row ${place(top, 1)}, column ${place(left, 0)}`;
}
