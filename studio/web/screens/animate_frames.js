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
