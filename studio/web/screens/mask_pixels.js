// A mask as bytes, 255 where the picture teaches, and what tools do to it, pixel by pixel.
//
// Each tool gives the box [left, top, right, bottom) that it may have changed, or null.

export const blankMask = (width, height, grey = 255) =>
  ({ width, height, data: new Uint8Array(width * height).fill(grey) });

// The rows of a brush, from its middle: [down, left, right], all three inside.
export function brushRows(size, round) {
  const from = -Math.floor((size - 1) / 2);
  const middle = from + (size - 1) / 2;
  const reach = (size / 2 - 0.2) ** 2; // three pixels make a plus, four a rounded square
  const rows = [];
  for (let y = from; y < from + size; y += 1) {
    const inside = [];
    for (let x = from; x < from + size; x += 1) {
      if (!round || (x - middle) ** 2 + (y - middle) ** 2 <= reach) inside.push(x);
    }
    if (inside.length) rows.push([y, inside[0], inside.at(-1)]);
  }
  return rows;
}

function fillRow(mask, y, left, right, value) {
  if (y < 0 || y >= mask.height) return;
  const from = Math.max(0, left);
  const to = Math.min(mask.width - 1, right);
  if (from <= to) mask.data.fill(value, y * mask.width + from, y * mask.width + to + 1);
}

// A brush drawn from one pixel to another, without gaps.
export function drawLine(mask, [x, y], [toX, toY], tip, value) {
  const box = boxAround([x, y], [toX, toY], tip);
  const [wide, high] = [Math.abs(toX - x), -Math.abs(toY - y)];
  const [stepX, stepY] = [x < toX ? 1 : -1, y < toY ? 1 : -1];
  for (let error = wide + high; ; ) {
    for (const [down, left, right] of tip) fillRow(mask, y + down, x + left, x + right, value);
    if (x === toX && y === toY) return clipBox(mask, box);
    const twice = 2 * error;
    if (twice >= high) { error += high; x += stepX; }
    if (twice <= wide) { error += wide; y += stepY; }
  }
}

function boxAround(one, other, tip) {
  const far = tip.length + 1;
  return [
    Math.min(one[0], other[0]) - far, Math.min(one[1], other[1]) - far,
    Math.max(one[0], other[0]) + far + 1, Math.max(one[1], other[1]) + far + 1,
  ];
}

export function fillRectangle(mask, one, other, value) {
  const [left, right] = [Math.min(one[0], other[0]), Math.max(one[0], other[0])];
  const [top, bottom] = [Math.min(one[1], other[1]), Math.max(one[1], other[1])];
  for (let y = top; y <= bottom; y += 1) fillRow(mask, y, left, right, value);
  return clipBox(mask, [left, top, right + 1, bottom + 1]);
}

// All that hangs together with a pixel over edges and is `alike(place)`; place is y * width + x.
export function floodFill(mask, [x, y], value, alike) {
  const { width, height, data } = mask;
  const seen = new Uint8Array(width * height);
  const open = [y * width + x];
  const box = [x, y, x + 1, y + 1];
  while (open.length) {
    const start = open.pop();
    if (seen[start]) continue;
    const row = start - (start % width);
    let [left, right] = [start, start];
    while (left > row && !seen[left - 1] && alike(left - 1)) left -= 1;
    while (right < row + width - 1 && !seen[right + 1] && alike(right + 1)) right += 1;
    for (let place = left; place <= right; place += 1) {
      seen[place] = 1;
      data[place] = value;
      if (row > 0 && !seen[place - width] && alike(place - width)) open.push(place - width);
      const below = place + width;
      if (below < width * height && !seen[below] && alike(below)) open.push(below);
    }
    const at = row / width;
    box[0] = Math.min(box[0], left - row);
    box[1] = Math.min(box[1], at);
    box[2] = Math.max(box[2], right - row + 1);
    box[3] = Math.max(box[3], at + 1);
  }
  return box;
}

// Whether places of the picture (RGBA) have the colour that one of them has; all that is
// transparent is alike.
export function matchColour(pixels, place, tolerance) {
  const [r, g, b, a] = pixels.subarray(place * 4, place * 4 + 4);
  return (other) => {
    const at = other * 4;
    if (!a || !pixels[at + 3]) return a === pixels[at + 3];
    return Math.abs(pixels[at] - r) <= tolerance && Math.abs(pixels[at + 1] - g) <= tolerance &&
      Math.abs(pixels[at + 2] - b) <= tolerance && Math.abs(pixels[at + 3] - a) <= tolerance;
  };
}

export function fillWith(mask, value) {
  for (let place = 0; place < mask.data.length; place += 1) mask.data[place] = value(place);
  return [0, 0, mask.width, mask.height];
}

function clipBox({ width, height }, [left, top, right, bottom]) {
  const box = [Math.max(0, left), Math.max(0, top), Math.min(width, right), Math.min(height, bottom)];
  return box[0] < box[2] && box[1] < box[3] ? box : null;
}

export const joinBoxes = (one, other) => !one ? other : !other ? one : [
  Math.min(one[0], other[0]), Math.min(one[1], other[1]),
  Math.max(one[2], other[2]), Math.max(one[3], other[3]),
];

export function cutBox(data, width, [left, top, right, bottom]) {
  const part = new Uint8Array((right - left) * (bottom - top));
  for (let y = top; y < bottom; y += 1) {
    part.set(data.subarray(y * width + left, y * width + right), (y - top) * (right - left));
  }
  return part;
}

export function pasteBox(mask, part, [left, top, right, bottom]) {
  for (let y = top; y < bottom; y += 1) {
    const row = part.subarray((y - top) * (right - left), (y - top + 1) * (right - left));
    mask.data.set(row, y * mask.width + left);
  }
}
