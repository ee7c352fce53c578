// Pictures of the stage of an enlarged picture as they come: pieces of a pyramid's levels, and
// tiles that are drawn already. What is wanted last is kept, and whatever is farther away dropped.

const MOST = 320; // pictures that are held: more than can be in sight at once
const AT_ONCE = 8; // that are asked for
const AGAIN_MS = 2000; // until one that did not come is asked for again

// `came` is called whenever another picture is there.
export function newShelf(came) {
  return { came, held: new Map(), queue: new Map(), going: 0 };
}

// The picture of an address, null until it is there; it is asked for, those wanted last first.
export function take(shelf, url) {
  const held = shelf.held.get(url);
  if (held) {
    shelf.held.delete(url); // to the end: what was looked at last is dropped last
    shelf.held.set(url, held);
    if (!held.failed || performance.now() - held.failed < AGAIN_MS) return held.image;
    shelf.held.delete(url);
  }
  shelf.queue.delete(url);
  shelf.queue.set(url, true);
  // After all that this drawing wants is known.
  if (!shelf.soon) shelf.soon = Promise.resolve().then(() => fetchNext(shelf));
  return null;
}

// The picture where it is there, asked for or not.
export function peek(shelf, url) {
  return shelf.held.get(url)?.image ?? null;
}

// What waits is not wanted any more: a new drawing says what is.
export function forgetQueue(shelf) {
  shelf.queue.clear();
}

function fetchNext(shelf) {
  shelf.soon = null;
  while (shelf.going < AT_ONCE && shelf.queue.size) {
    const url = [...shelf.queue.keys()].at(-1);
    shelf.queue.delete(url);
    fetchOne(shelf, url);
  }
}

async function fetchOne(shelf, url) {
  const held = { image: null, failed: 0 };
  shelf.held.set(url, held);
  shelf.going += 1;
  const image = Object.assign(new Image(), { src: url });
  try {
    await image.decode();
    held.image = image;
  } catch {
    held.failed = performance.now();
  }
  shelf.going -= 1;
  for (const old of shelf.held.keys()) {
    if (shelf.held.size <= MOST) break;
    const { image: there, failed } = shelf.held.get(old);
    if (!there && !failed) break; // it is on its way
    shelf.held.delete(old);
  }
  if (held.image) shelf.came();
  fetchNext(shelf);
}
