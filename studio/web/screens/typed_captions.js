// Captions that are being written and were not sent yet, in this browser's own store, by whose and
// which dataset's they are and the picture's hash. Without a store nothing is kept, and nothing
// fails.

const SHELF = "housestyle captions";
const MOST = 500;

function read() {
  try {
    return JSON.parse(localStorage.getItem(SHELF)) ?? {};
  } catch {
    return {};
  }
}

function write(kept) {
  try {
    localStorage.setItem(SHELF, JSON.stringify(kept));
  } catch {
    // it is full, or there is none
  }
}

const nameOf = (place, hash) => `${place} ${hash}`;

export function readTyped(place, hash) {
  return read()[nameOf(place, hash)] ?? null;
}

// The newest stay, should there ever be very many.
export function keepTyped(place, hash, text) {
  const { [nameOf(place, hash)]: before, ...others } = read();
  write(Object.fromEntries([...Object.entries(others), [nameOf(place, hash), text]].slice(-MOST)));
}

export function dropTyped(place, hash) {
  const { [nameOf(place, hash)]: gone, ...others } = read();
  if (gone !== undefined) write(others);
}
