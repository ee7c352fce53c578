// What is known of frames without a page: the order in which a tag shows them, which one is shown at
// a moment, and lists of frames changed. Frames are counted from 0.

// The frames of one pass of a tag; there and back, neither end comes twice.
export function orderOf(tag, count) {
  if (!tag) return Array.from({ length: count }, (_, k) => k);
  const first = Math.min(tag.first, count - 1);
  const last = Math.min(tag.last, count - 1);
  const there = [];
  for (let k = first; k <= last; k += 1) there.push(k);
  if (tag.direction === "reverse" || tag.direction === "pingpong_reverse") there.reverse();
  if (!tag.direction.startsWith("pingpong") || there.length < 3) return there;
  return [...there, ...there.slice(1, -1).reverse()];
}

// Which frame of an order is shown so many milliseconds after its first, over and over.
export function frameAt(order, durations, ms) {
  const whole = order.reduce((sum, k) => sum + durations[k], 0);
  if (!whole) return order[0];
  let rest = ms % whole;
  for (const k of order) {
    if (rest < durations[k]) return k;
    rest -= durations[k];
  }
  return order.at(-1);
}

// The same list with one item somewhere else.
export function moveItem(list, from, to) {
  const out = [...list];
  const [item] = out.splice(from, 1);
  out.splice(Math.max(0, Math.min(out.length, to)), 0, item);
  return out;
}

// Tags after a frame came in at a place (by 1) or went from there (by -1); one that has no frame
// left is gone.
export function shiftTags(tags, at, by) {
  const out = [];
  for (const tag of tags) {
    const first = tag.first + (by > 0 ? at <= tag.first : at < tag.first) * by;
    const last = tag.last + (at <= tag.last) * by;
    if (first <= last) out.push({ ...tag, first, last });
  }
  return out;
}

// The largest whole factor at which a canvas fits into so much room, at least 1, at most 8.
export function fittingFactor([width, height], room, high) {
  return Math.max(1, Math.min(8, Math.floor(Math.min(room / width, high / height))));
}

// The frames before and after one as they are played, over the ends too; those that are there.
export function besideOf(order, at, loops = true) {
  const place = order.indexOf(at);
  if (place < 0) return [];
  const around = [place - 1, place + 1].map((one) => (
    loops ? order[(one + order.length) % order.length] : order[one]));
  return [...new Set(around)].filter((one) => one !== undefined && one !== at);
}

// Slices after a frame came in at a place (by 1) or went from there (by -1), when `count` frames are
// left. One that began at a frame that went begins at the next, unless another of its name does.
export function shiftSlices(slices, at, by, count) {
  const moved = slices
    .map((one) => ({ ...one, was: one.frame }))
    .sort((one, other) => one.was - other.was)
    .map((one) => ({ ...one, frame: one.was + (by > 0 ? at <= one.was : at < one.was) * by }));
  return moved
    .filter((one, k) => one.frame < count && !moved.some((other, later) => (
      later > k && other.name === one.name && other.frame === one.frame)))
    .map(({ was, ...one }) => one);
}

// The slices that hold in a frame: of each name the one that began last.
export function slicesAt(slices, at) {
  const held = new Map();
  for (const one of [...slices].sort((a, b) => a.frame - b.frame)) {
    if (one.frame <= at) held.set(one.name, one);
  }
  return [...held.values()];
}

// The box, left, top, width and height, that has two pixels and all between them, on the canvas.
export function boxBetween([x, y], [toX, toY], [width, height]) {
  const within = (value, side) => Math.max(0, Math.min(side - 1, Math.floor(value)));
  const [left, right] = [within(x, width), within(toX, width)].sort((a, b) => a - b);
  const [top, bottom] = [within(y, height), within(toY, height)].sort((a, b) => a - b);
  return [left, top, right - left + 1, bottom - top + 1];
}

// What is wrong with a slice, "" where nothing is. `frame` counts from 0.
export function sliceFlaw({ name, box, borders, pivot, frame }, count) {
  const whole = [...box, ...(borders ?? []), ...(pivot ?? []), frame];
  if (!name) return "Give the slice a name.";
  if (name === "pivot") return "No slice may be called pivot: formats tell the canvas's by it.";
  if (!whole.every(Number.isInteger)) return "Give whole numbers of pixels.";
  if (box[2] < 1 || box[3] < 1) return "Give it at least a pixel each way.";
  if (frame < 0 || frame >= count) return `Let it begin at a frame from 1 to ${count}.`;
  if (borders && (Math.min(...borders) < 0 || borders[0] + borders[2] >= box[2]
    || borders[1] + borders[3] >= box[3])) return "Leave at least a pixel between its borders.";
  return "";
}
