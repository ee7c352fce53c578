// Which tile goes where: the same rules as `studio.tiles.maps`, so that a map painted here and one
// laid by the studio are the same.

const NEIGHBOURS = [[1, 0, -1], [2, 1, -1], [4, 1, 0], [8, 1, 1], [16, 0, 1], [32, -1, 1], [64, -1, 0],
  [128, -1, -1]]; // bit, right, down

// The points that are painted: corners of tiles, or cells.
export function gridSize({ kind, width, height }) {
  const more = kind === "wang" ? 1 : 0;
  return [width + more, height + more];
}

export function tileAt(set, cells, x, y) {
  const [wide, high] = gridSize(set);
  const at = (i, j) =>
    cells[Math.min(high - 1, Math.max(0, j)) * wide + Math.min(wide - 1, Math.max(0, i))];
  let place = 0;
  if (set.kind === "wang") {
    place = at(x + 1, y) + 2 * at(x + 1, y + 1) + 4 * at(x, y + 1) + 8 * at(x, y);
  } else if (at(x, y)) {
    let mask = 0;
    for (const [bit, right, down] of NEIGHBOURS) if (at(x + right, y + down)) mask |= bit;
    place = set.byMask[mask];
  }
  return place + variantAt(x, y, set.variants) * set.block;
}

export function variantAt(x, y, variants) {
  let mixed = (Math.imul(x, 0x9e3779b1) + Math.imul(y, 0x85ebca77)) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x7feb352d) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846ca68b) >>> 0;
  return ((mixed ^ (mixed >>> 16)) >>> 0) % variants;
}

// The points on a straight line between two, both included.
export function pointsBetween([x0, y0], [x1, y1]) {
  const steps = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  return Array.from({ length: steps + 1 }, (_, step) => {
    const share = steps ? step / steps : 0;
    return [Math.round(x0 + (x1 - x0) * share), Math.round(y0 + (y1 - y0) * share)];
  });
}

// Land with a coast; in a side view hills and ledges.
export function randomCells(set, random = Math.random) {
  const [wide, high] = gridSize(set);
  const cells = new Uint8Array(wide * high);
  if (set.kind === "platform") {
    let level = high - 3;
    for (let x = 0; x < wide; x += 1) {
      if (x % 3 === 0) level += Math.floor(random() * 3) - 1;
      level = Math.min(high - 2, Math.max(high >> 1, level));
      for (let y = level; y < high; y += 1) cells[y * wide + x] = 1;
    }
    for (let left = 1; left < wide - 4; left += 5) {
      const top = 1 + Math.floor(random() * Math.max(1, (high >> 1) - 3));
      const long = 1 + Math.floor(random() * 4);
      for (let x = left; x < left + long; x += 1) cells[top * wide + x] = 1;
    }
    return cells;
  }
  const turns = Array.from({ length: 4 }, () => random() * 2 * Math.PI);
  for (let y = 0; y < high; y += 1) {
    for (let x = 0; x < wide; x += 1) {
      const right = ((x + 0.5) / wide) * 2 - 1;
      const down = ((y + 0.5) / high) * 2 - 1;
      const angle = Math.atan2(down, right);
      const coast = turns.reduce((sum, turn, k) => sum + Math.sin((k + 2) * angle + turn) / (k + 4), 0.68);
      cells[y * wide + x] = Math.hypot(right, down) < coast ? 1 : 0;
    }
  }
  return cells;
}

export function mapFile(set, cells) {
  const rows = [];
  for (let y = 0; y < set.height; y += 1) {
    const row = Array.from({ length: set.width }, (_, x) => tileAt(set, cells, x, y) + 1);
    rows.push(row.join(","));
  }
  const { width, height, size } = set;
  return `<?xml version="1.0" encoding="UTF-8"?>
<map version="1.10" tiledversion="1.10.2" orientation="orthogonal" renderorder="right-down" width="${width}" height="${height}" tilewidth="${size}" tileheight="${size}" infinite="0" nextlayerid="2" nextobjectid="1">
 <tileset firstgid="1" source="${set.name}.tsx" />
 <layer id="1" name="Ground" width="${width}" height="${height}">
  <data encoding="csv">
${rows.join(",\n")}
</data>
 </layer>
</map>
`;
}
