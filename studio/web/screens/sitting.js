// What voting and rating share: pictures loaded ahead, keys that work without a click, and an
// outbox that is sent until the server says that it arrived.
//
// Streamlit calls the screen's function again with new data; what lives between the calls lies on
// the element that it draws into. Texts are only ever set as text, never as HTML.

import { renderGuide } from "./guide.js";
import { hangInScene, leaveScene } from "./scenery.js";
import { transformImage } from "./stage.js";

const RESEND_MS = 5000; // an action that nobody confirmed is sent again
const SETTLE_MS = 200; // a key pressed so soon after a new picture was meant for the one before
const TYPING = "input, textarea, select, [contenteditable=true], [role=combobox]";

export function mountSitting(component, screen) {
  const root = component.parentElement;
  const s = (root.hsSitting ??= begin(root, screen));
  s.component = component;
  s.turn += 1;
  attach(s);
  takeData(s, component.data);
  const turn = s.turn;
  return () => {
    if (s.turn === turn) detach(s); // an older call that ended must not silence a newer one
  };
}

function begin(root, screen) {
  const s = { root, screen, turn: 0, queue: [], outbox: [], last: null, shownAt: 0, images: {} };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  s.onKey = (event) => handleKey(s, event);
  s.resized = new ResizeObserver(() => screen.draw(s));
  for (const button of root.querySelectorAll("button[data-do]")) {
    button.addEventListener("click", () => screen.press(s, button.dataset.do));
  }
  return s;
}

function attach(s) {
  if (s.attached) return;
  s.attached = true;
  document.addEventListener("keydown", s.onKey);
  s.resized.observe(s.$("stage"));
  s.timer = setInterval(() => s.outbox.length && sendOutbox(s), RESEND_MS);
}

function detach(s) {
  s.attached = false;
  document.removeEventListener("keydown", s.onKey);
  s.resized.disconnect();
  clearInterval(s.timer);
  clearInterval(s.flicker);
}

function takeData(s, data) {
  const name = `housestyle ${s.screen.name} ${data.at} ${data.person}`;
  if (s.name !== name) {
    s.name = name;
    s.queue = [];
    s.outbox = readOutbox(name); // what a reload cut off is sent again; the server knows it by its id
    document.activeElement?.blur?.(); // so that the first key works
  }
  s.data = data;
  s.outbox = s.outbox.filter((action) => !data.taken.includes(action.id));
  storeOutbox(s);
  const gone = new Set(s.outbox.filter((a) => a.say !== "undo").map((a) => a.item));
  const undone = s.outbox.filter((a) => a.say === "undo").map((a) => a.entry);
  const known = new Set(undone.map((entry) => entry.item));
  const coming = [...undone, ...data.queue.filter((e) => !gone.has(e.item) && !known.has(e.item))];
  const shown = s.queue[0] && coming.find((entry) => entry.item === s.queue[0].item);
  s.queue = shown ? [shown, ...coming.filter((entry) => entry !== shown)] : coming;
  if (!s.outbox.length) s.last = data.last;
  if (s.outbox.length && !s.sent) sendOutbox(s);
  loadAhead(s);
  showNext(s);
}

// Sends `say` on what is shown; `more` goes along. The next one is shown at once.
export function answer(s, say, more = {}) {
  const entry = s.queue[0];
  if (!entry || !isReady(s, entry) || performance.now() - s.shownAt < SETTLE_MS) return false;
  s.queue = s.queue.slice(1);
  const action = { id: newId(), say, item: entry.item, ...more.sent };
  s.back = "";
  if (say !== "skip") s.last = { ...entry, id: action.id, words: more.words, ...more.sent };
  queueAction(s, action);
  return true;
}

export function takeBack(s) {
  const last = s.last;
  if (!last) return;
  const { id: of, words, ...entry } = last;
  s.last = null;
  s.back = words;
  s.queue = [entry, ...s.queue.filter((other) => other.item !== entry.item)];
  queueAction(s, { id: newId(), say: "undo", item: entry.item, of, entry });
}

function queueAction(s, action) {
  s.outbox.push(action);
  storeOutbox(s);
  sendOutbox(s);
  loadAhead(s);
  showNext(s);
}

function sendOutbox(s) {
  s.sent = true;
  const plain = s.outbox.map(({ entry, ...action }) => action);
  s.component.setTriggerValue("said", plain);
}

// The shown entry may have changed: note when, and draw.
function showNext(s) {
  const entry = s.queue[0];
  if (entry?.item !== s.item) {
    s.item = entry?.item;
    s.seen = null;
    s.screen.begin(s, entry);
  }
  if (entry && s.seen !== s.item && isReady(s, entry)) {
    s.seen = s.item;
    s.shownAt = performance.now();
  }
  s.screen.draw(s);
}

// Every picture of the queue as an element of its own, which is shown itself when its turn comes:
// nothing is fetched twice and nothing flickers.
function loadAhead(s) {
  const wanted = {};
  for (const entry of [...s.queue, ...(s.last ? [s.last] : [])]) {
    if (entry.both && !s.images[imageName(entry, s.screen.parts[0])]) loadBoth(s, entry);
    for (const part of s.screen.parts) {
      const name = imageName(entry, part);
      wanted[name] = s.images[name] ?? loadImage(s, name);
    }
  }
  for (const [name, image] of Object.entries(s.images)) {
    if (!wanted[name] && image.src.startsWith("blob:")) URL.revokeObjectURL(image.src);
  }
  s.images = wanted;
}

function imageName(entry, part) {
  return entry.both ? `${entry.both}#${part}` : entry[part];
}

export function imageOf(s, entry, part) {
  return s.images[imageName(entry, part)];
}

function newImage(s) {
  const image = new Image();
  image.decoding = "sync";
  image.draggable = false;
  image.onload = () => showNext(s);
  return image;
}

function loadImage(s, url) {
  const image = newImage(s);
  image.onerror = () => setTimeout(() => (image.src = url), 2000);
  image.src = url;
  return image;
}

// Both pictures of a pair in one answer, one after the other and equally long: so neither the
// order nor the time of two answers tells anything.
function loadBoth(s, entry) {
  const images = s.screen.parts.map(() => newImage(s));
  s.screen.parts.forEach((part, place) => (s.images[imageName(entry, part)] = images[place]));
  const get = async () => {
    try {
      const answer = await fetch(entry.both);
      if (!answer.ok) throw new Error(String(answer.status));
      const data = await answer.arrayBuffer();
      const half = data.byteLength / 2;
      images.forEach((image, place) => {
        const part = data.slice(place * half, (place + 1) * half);
        image.src = URL.createObjectURL(new Blob([part], { type: "image/png" }));
      });
    } catch {
      if (s.attached) setTimeout(get, 2000);
    }
  };
  get();
}

export function isReady(s, entry) {
  return s.screen.parts.every((part) => {
    const image = imageOf(s, entry, part);
    return image?.complete && image.naturalWidth > 0;
  });
}

// Whether a key goes into a field.
export function isTyping(event) {
  const target = event.composedPath()[0];
  return target instanceof Element && !!target.closest(TYPING);
}

function handleKey(s, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (isTyping(event)) return;
  const target = event.composedPath()[0];
  const onButton = target instanceof Element && target.closest("button, a, summary");
  if (onButton && (event.key === "Enter" || event.key === " ")) return; // it is being clicked
  if (s.screen.key(s, event.key.length === 1 ? event.key.toLowerCase() : event.key, event)) {
    event.preventDefault();
  }
}

// Puts a loaded picture into a pane at a whole factor, the same for every pane of the screen;
// `over` what hangs there already, or in its place.
export function hangImage(s, pane, image, alt, actual, over = false) {
  image.alt = alt;
  if (s.look?.scene && s.data.scene && !over) return hangInScene(pane, s.data.scene, image, s.look);
  leaveScene(pane, image);
  const room = Math.max(16, pane.clientWidth);
  const size = s.data.size || image.naturalWidth;
  const whole = Math.floor(room / size);
  const width = actual ? Math.min(size, room) : whole >= 1 ? whole * size : room;
  image.style.width = `${width}px`;
  image.classList.toggle("smooth", width < size);
  const others = [...pane.children].filter((child) => child !== image);
  if (!over) others.forEach((child) => child.remove());
  if (over && others.length > 1) others[0].remove();
  if (image.parentElement !== pane) pane.append(image);
  transformImage(s, image);
}

// What stands beside the pictures: real ones, what the style is to look like, the way into a scene.
export function renderBeside(s) {
  s.root.querySelector("[data-do=scene]").hidden = !s.data.scene;
  renderGuide(s.$("guide"), s.data.guide);
  renderStrip(s);
}

function renderStrip(s) {
  const place = s.$("strip");
  if (place.dataset.urls === s.data.strip.join()) return;
  place.dataset.urls = s.data.strip.join();
  place.replaceChildren(
    ...s.data.strip.map((url) => {
      const image = new Image();
      image.alt = "real picture of the style";
      image.onload = () => {
        const factor = Math.floor(64 / Math.max(image.naturalWidth, image.naturalHeight));
        if (factor >= 1) image.style.width = `${factor * image.naturalWidth}px`;
        else image.classList.add("smooth");
      };
      image.src = url;
      return image;
    }),
  );
  s.$("strip-box").hidden = !s.data.strip.length && !s.data.guide;
}

export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// How far it is, counting what is on its way.
export function renderProgress(s) {
  const counts = s.outbox.map((a) => (a.say === "undo" ? -1 : a.say === "skip" ? 0 : 1));
  const done = Math.max(0, s.data.done + counts.reduce((sum, one) => sum + one, 0));
  setText(s.$("count"), `${done} of ${s.data.total}`);
  s.$("bar").style.width = `${(100 * done) / Math.max(1, s.data.total)}%`;
  const told = s.back ? `Taken back: ${s.back}` : s.last ? `Last: ${s.last.words}` : "";
  setText(s.$("last"), told);
  s.root.querySelector("[data-do=undo]").disabled = !s.last;
  const waits = s.queue[0] ? "" : s.outbox.length ? "Storing your answers" : "";
  setText(s.$("said"), s.data.said || waits);
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function readOutbox(name) {
  try {
    return JSON.parse(sessionStorage.getItem(name)) ?? [];
  } catch {
    return [];
  }
}

function storeOutbox(s) {
  try {
    if (s.outbox.length) sessionStorage.setItem(s.name, JSON.stringify(s.outbox));
    else sessionStorage.removeItem(s.name);
  } catch {
    // without storage a reload loses what the server has not confirmed; nothing else does
  }
}
