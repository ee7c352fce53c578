// How a mask is kept: by this browser until it is saved, then in the studio's draft, and never over
// another one that somebody saved meanwhile.

const WAITS_MS = 250; // after a step, before the browser puts it away
const TRIES = 4;

const SHELF = "housestyle masks";

function shelf(mode, does) {
  return new Promise((answer) => {
    const asked = indexedDB.open(SHELF, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("masks");
    asked.onerror = () => answer(undefined); // a private window may have none
    asked.onsuccess = () => {
      const going = asked.result.transaction("masks", mode);
      const got = does(going.objectStore("masks"));
      going.oncomplete = () => (asked.result.close(), answer(got.result));
      going.onerror = going.onabort = () => (asked.result.close(), answer(undefined));
    };
  }).catch(() => undefined);
}

const shelved = (name) => shelf("readonly", (store) => store.get(name));
const toShelf = (name, kept) => shelf("readwrite", (store) => store.put(kept, name));
const offShelf = (name) => shelf("readwrite", (store) => store.delete(name));

function stepped(s) {
  clearTimeout(s.soon);
  s.soon = setTimeout(() => putAway(s), WAITS_MS);
}

function putAway(s) {
  if (!s.mask) return;
  if (unsaved(s)) toShelf(s.place, { seen: s.seen, data: s.mask.data.slice() });
  else offShelf(s.place);
}

async function save(s) {
  if (s.saving || s.going || !unsaved(s)) return;
  const { at } = s.steps;
  await send(s, await pngOf(s.mask), "the mask", (mask) => {
    s.saved = at;
    s.seen = mask;
  });
}

async function loaded(s) {
  const [file] = s.$("choose").files;
  s.$("choose").value = "";
  if (!file) return;
  const { width, height } = s.data;
  await send(s, file, file.name, async (mask) => {
    const data = mask ? await greyOf(`/picture/mask/${mask}`, width, height) : null;
    step(s, () => everywhere(s.mask, (at) => (data ? data[at] : 255)));
    s.saved = s.steps.at;
    s.seen = mask;
  });
}

// Sends a mask; tried again it counts once, since it has a key.
async function send(s, body, file, then) {
  const { place, data } = s;
  const key = [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("");
  const query = new URLSearchParams({ seen: s.seen, key, file });
  s.saving = true;
  drawn(s);
  let answer = null;
  for (let tries = 1; tries <= TRIES && !answer; tries += 1) {
    answer = await fetch(`/mask/${data.set}/${data.hash}?${query}`, { method: "PUT", body })
      .then((got) => (got.status < 500 ? got : null)).catch(() => null);
    if (!answer) await new Promise((later) => setTimeout(later, 300 * tries * tries));
  }
  const said = answer ? await answer.json().catch(() => ({})) : {};
  s.saving = false;
  if (s.place !== place) {
    if (answer?.ok) offShelf(place); // another picture is open by now
    return;
  }
  if (!answer) tell(s, "The studio does not answer. Your drawing stays here; save it once more.");
  else if (answer.status === 409) overtaken(s, said.mask, said.message);
  else if (!answer.ok) tell(s, `${said.message ?? "It could not be saved."} ${said.remedy ?? ""}`);
  else {
    tell(s, "");
    await then(said.mask);
    putAway(s);
    s.component.setTriggerValue("said", { saved: said.mask });
  }
  drawn(s);
}

function overtaken(s, mask, text) {
  s.theirs = mask;
  tell(s, `${text} Yours is still here.`, true);
}

// Two masks of one picture: theirs is what is saved, on the canvas comes what `makes` makes of both.
async function settled(s, theirs, makes) {
  const { width, height } = s.data;
  const data = theirs ? await greyOf(`/picture/mask/${theirs}`, width, height) : blank(width, height).data;
  step(s, (before) => {
    const made = makes(before, data);
    if (!made) return null;
    s.mask.data.set(made);
    return [0, 0, width, height];
  });
  s.seen = theirs;
  s.saved = s.mask.data.every((value, at) => value === data[at]) ? s.steps.at : -1;
  stepped(s);
  tell(s, "");
  drawn(s);
  if (unsaved(s)) save(s);
}
