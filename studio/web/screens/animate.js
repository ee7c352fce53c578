// Frames of an animation: played at the game's size, one by one with onion skin, and where people may
// change it their order, durations, tags, slices and pivot. What was changed is handed to the page
// at once.
//
// `data` is {frames, canvas, tags, slices, pivot, scene, editable, directions}; each frame is {of,
// src, box, left, top, ms, name}. Streamlit calls this again with new data. Texts are only
// ever set as text.

import {
  fittingFactor, frameAt, moveItem, orderOf, shiftSlices, shiftTags,
} from "./animate_frames.js";
import { fillSlice, keepSlice, readSlice, sliceItem, watchBox } from "./animate_slices.js";
import { drawStage, drawThumb } from "./animate_stage.js";
import { isTyping } from "./sitting.js";

const LARGEST = 16;
const PIVOTS = [-4_096, 8_192]; // pixels of the canvas
const STALE_MS = 5_000; // that an answer to what was changed before it is passed over
const MOST_STEPS = 100; // that can be taken back
const KEYS = { " ": "play", ArrowLeft: "before", ArrowRight: "after", o: "onion", c: "scene",
  "+": "larger", "-": "smaller", d: "copy", Delete: "remove", Backspace: "remove", u: "undo",
  p: "pivot" };
const PIVOT = ["pivotX", "pivotY"];
const EDITS = ["earlier", "later", "copy", "remove", "undo", "all", "pivot", "tag", "box", "slice"];

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsAnimate ??= begin(root));
  s.component = component;
  const told = JSON.stringify(component.data);
  if (told !== s.told) takeData(s, component.data);
  s.told = told;
  const turn = (s.turn += 1);
  if (!s.ticking) tick(s);
  return () => {
    if (s.turn !== turn) return; // an older call that ended must not stop a newer one
    cancelAnimationFrame(s.ticking);
    s.ticking = 0;
  };
}

function begin(root) {
  const s = { root, at: 0, factor: 0, playing: true, onion: false, inScene: false, placing: false,
    boxing: false, corner: null, box: null, played: "", images: {}, steps: [], since: 0,
    ticking: 0, turn: 0 };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  for (const button of root.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => run(s, button.dataset.do));
  }
  s.$("animate").addEventListener("keydown", (event) => handleKey(s, event));
  s.$("stage").addEventListener("click", (event) => placePivot(s, event));
  s.$("strip").addEventListener("click", (event) => chooseFrame(s, event.target.closest("li")));
  // Whoever types means the frame that is shown then, not one that is played meanwhile.
  s.$("ms").addEventListener("focus", () => standStill(s));
  s.$("ms").addEventListener("change", () => setDuration(s, [s.at]));
  for (const name of PIVOT) s.$(name).addEventListener("change", () => typePivot(s));
  s.$("played").addEventListener("change", () => startAgain(s, s.$("played").value));
  s.$("tags").addEventListener("click", (event) => removeTag(s, event.target.closest("button")));
  s.$("slices").addEventListener("click", (event) => editSlice(s, event.target.closest("button")));
  watchBox(s.$("canvas"), s, () => redraw(s));
  return s;
}

// What is shown was handed to the page and comes back as it is; an answer to what was handed before
// that is passed over.
function takeData(s, data) {
  const told = stateOf(data);
  if (s.handed && told !== s.handed && performance.now() - s.handedAt < STALE_MS) return;
  s.handed = "";
  if (!s.frames || told !== stateOf(s)) s.steps = [];
  s.data = data;
  s.frames = data.frames.map((frame) => ({ ...frame }));
  s.tags = data.tags.map((tag) => ({ ...tag }));
  s.slices = data.slices.map((one) => ({ ...one }));
  s.pivot = [...data.pivot];
  s.at = Math.min(s.at, s.frames.length - 1);
  for (const url of new Set([...s.frames.map((one) => one.src), data.scene?.url])) {
    if (url) loadImage(s, url);
  }
  if (!s.factor) {
    s.factor = fittingFactor(data.canvas, s.$("animate").clientWidth || 640, 360);
  }
  for (const what of EDITS) {
    for (const button of s.root.querySelectorAll(`[data-do="${what}"]`)) button.hidden = !data.editable;
  }
  s.$("edits").hidden = !data.editable;
  s.$("tagging").hidden = !data.editable;
  s.$("slicing").hidden = !data.editable;
  s.$("scene").hidden = !data.scene;
  s.inScene &&= !!data.scene;
  fillOptions(s.$("tagDirection"), data.directions);
  redraw(s);
}

function loadImage(s, url) {
  if (s.images[url]) return;
  const image = new Image();
  image.onload = () => redraw(s);
  image.onerror = () => tell(s, "A picture could not be loaded. Load the page again.");
  image.src = url;
  s.images[url] = image;
}

function fillOptions(select, names, labels = names) {
  const held = select.value;
  select.replaceChildren(...names.map((name, k) => new Option(labels[k], name)));
  if (names.includes(held)) select.value = held;
}

function tick(s) {
  s.ticking = requestAnimationFrame((now) => {
    if (s.playing && s.frames.length > 1) {
      s.since ||= now;
      const tag = s.tags.find((one) => one.name === s.played);
      const order = orderOf(tag, s.frames.length);
      const at = frameAt(order, s.frames.map((one) => one.ms), now - s.since);
      if (at !== s.at) {
        s.at = at;
        drawStage(s);
        markFrame(s);
      }
    }
    tick(s);
  });
}

function redraw(s) {
  drawStage(s);
  drawStrip(s);
  const names = s.tags.map((tag) => tag.name);
  fillOptions(s.$("played"), ["", ...names], ["All frames", ...names]);
  s.$("tags").replaceChildren(...s.tags.map((tag, k) => tagItem(tag, k)));
  s.$("slices").replaceChildren(...s.slices.map((one, k) => sliceItem(one, k)));
  s.$("factor").textContent = `${s.factor}x`;
  for (const [name, on] of [["play", s.playing], ["onion", s.onion], ["scene", s.inScene],
    ["pivot", s.placing], ["box", s.boxing]]) {
    s.root.querySelector(`[data-do="${name}"]`).setAttribute("aria-pressed", String(on));
  }
  s.root.querySelector('[data-do="undo"]').disabled = !s.steps.length;
  PIVOT.forEach((name, k) => fillField(s, name, s.pivot[k]));
  s.$("stage").classList.toggle("placing", s.placing || s.boxing);
}

function drawStrip(s) {
  const strip = s.$("strip");
  while (strip.children.length > s.frames.length) strip.lastChild.remove();
  while (strip.children.length < s.frames.length) strip.append(newItem());
  s.frames.forEach((frame, k) => {
    const item = strip.children[k];
    item.dataset.at = k;
    drawThumb(item.querySelector("canvas"), frame, s.images[frame.src], s.data.canvas);
    item.querySelector("span").textContent = `${k + 1} · ${frame.ms} ms`;
    item.title = frame.name;
  });
  markFrame(s);
}

function newItem() {
  const item = document.createElement("li");
  item.className = "frame";
  item.setAttribute("role", "option");
  item.append(document.createElement("canvas"), document.createElement("span"));
  return item;
}

function markFrame(s) {
  [...s.$("strip").children].forEach((item, k) => {
    item.setAttribute("aria-selected", String(k === s.at));
  });
  fillField(s, "ms", s.frames[s.at]?.ms ?? "");
}

// Not while somebody types into it.
function fillField(s, name, value) {
  const field = s.$(name);
  if (s.root.activeElement !== field && document.activeElement !== field) field.value = value;
}

function tagItem(tag, k) {
  const item = document.createElement("li");
  const button = document.createElement("button");
  item.textContent = `${tag.name}: frames ${tag.first + 1} to ${tag.last + 1}, ${tag.direction} `;
  button.type = "button";
  button.textContent = "Take out";
  button.dataset.tag = k;
  item.append(button);
  return item;
}

function chooseFrame(s, item) {
  if (!item) return;
  s.playing = false;
  s.at = Number(item.dataset.at);
  tellFrame(s);
  redraw(s);
}

function startAgain(s, tag) {
  Object.assign(s, { played: tag, since: 0, playing: true });
  redraw(s);
}

function handleKey(s, event) {
  if (event.ctrlKey || event.metaKey || isTyping(event)) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  const pressed = event.composedPath()[0];
  if (key === " " && pressed.closest?.("button, summary")) return; // it is being clicked
  const moved = { ArrowLeft: "earlier", ArrowRight: "later" };
  const what = event.altKey ? moved[key] : KEYS[key];
  if (!what || (EDITS.includes(what) && !s.data.editable)) return;
  event.preventDefault();
  event.stopPropagation();
  run(s, what);
}

function run(s, what) {
  const { length } = s.frames;
  if (what === "play") Object.assign(s, { playing: !s.playing, since: 0 });
  else if (what === "before" || what === "after") {
    s.playing = false;
    s.at = (s.at + (what === "after" ? 1 : length - 1)) % length;
    tellFrame(s);
  } else if (what === "onion") Object.assign(s, { onion: !s.onion, playing: false });
  else if (what === "scene") s.inScene = !s.inScene && !!s.data.scene;
  else if (what === "larger" || what === "smaller") {
    s.factor = Math.max(1, Math.min(LARGEST, s.factor + (what === "larger" ? 1 : -1)));
  } else if (what === "pivot") {
    Object.assign(s, { placing: !s.placing, boxing: false, playing: false, inScene: false });
  } else if (what === "box") {
    Object.assign(s, { boxing: !s.boxing, placing: false, playing: false, inScene: false });
  } else if (what === "undo") takeBack(s);
  else if (what === "all") setDuration(s, s.frames.map((_, k) => k));
  else if (what === "tag") addTag(s);
  else if (what === "slice") addSlice(s);
  else changeFrames(s, what);
  redraw(s);
}

function changeFrames(s, what) {
  const { at, frames } = s;
  s.playing = false;
  if (what === "remove" && frames.length > 1) {
    change(s, () => {
      s.frames = frames.filter((_, k) => k !== at);
      s.tags = shiftTags(s.tags, at, -1);
      s.slices = shiftSlices(s.slices, at, -1, s.frames.length);
      s.at = Math.min(at, s.frames.length - 1);
    });
  } else if (what === "copy") {
    change(s, () => {
      s.frames = [...frames.slice(0, at + 1), { ...frames[at] }, ...frames.slice(at + 1)];
      s.tags = shiftTags(s.tags, at + 1, 1);
      s.slices = shiftSlices(s.slices, at + 1, 1, s.frames.length);
      s.at = at + 1;
    });
  } else if (what === "earlier" || what === "later") {
    const to = at + (what === "later" ? 1 : -1);
    if (to < 0 || to >= frames.length) return;
    change(s, () => Object.assign(s, { frames: moveItem(frames, at, to), at: to }));
  }
}

function setDuration(s, places) {
  const ms = Number(s.$("ms").value);
  if (!Number.isInteger(ms) || ms < 1 || ms > 60_000) {
    tell(s, "Give 1 to 60,000 ms; 83 ms are 12 frames a second.");
    return;
  }
  change(s, () => {
    s.frames = s.frames.map((frame, k) => (places.includes(k) ? { ...frame, ms } : frame));
  });
  redraw(s);
}

function addTag(s) {
  const name = s.$("tagName").value.trim();
  const first = Number(s.$("tagFirst").value || 1) - 1; // people count from 1
  const last = Number(s.$("tagLast").value || s.frames.length) - 1;
  const inside = Number.isInteger(first) && Number.isInteger(last) && first >= 0;
  if (!name || !inside || first > last || last >= s.frames.length) {
    tell(s, `Give a name, and frames from 1 to ${s.frames.length}, the first before the last.`);
    return;
  }
  const repeat = Number(s.$("tagRepeat").value || 0);
  if (!Number.isInteger(repeat) || repeat < 0 || repeat > 65_535) {
    tell(s, "Say how often it is played as a whole number up to 65,535; 0 is without end.");
    return;
  }
  const tag = { name, first, last, direction: s.$("tagDirection").value, repeat };
  change(s, () => Object.assign(s, { tags: [...s.tags.filter((one) => one.name !== name), tag] }));
  s.$("tagName").value = "";
}

function removeTag(s, button) {
  if (!button) return;
  change(s, () => {
    s.tags = s.tags.filter((_, k) => k !== Number(button.dataset.tag));
  });
  redraw(s);
}

function addSlice(s) {
  const { slice, flaw } = readSlice(s.$, s.frames.length);
  if (flaw) {
    tell(s, flaw);
    return;
  }
  // It stands still then: a slice is seen on the frame that is looked at.
  change(s, () => Object.assign(s, { slices: keepSlice(s.slices, slice), playing: false }));
  tell(s, `The slice ${slice.name} is kept.`);
}

function editSlice(s, button) {
  if (!button) return;
  const place = Number(button.dataset.slice);
  fillSlice(s.$, s.slices[place]);
  if (button.dataset.what !== "remove") return;
  change(s, () => Object.assign(s, { slices: s.slices.filter((_, k) => k !== place) }));
  redraw(s);
}

function standStill(s) {
  if (!s.playing) return;
  s.playing = false;
  redraw(s);
}

function typePivot(s) {
  const typed = PIVOT.map((name) => s.$(name).value);
  const place = typed.map(Number);
  if (typed.includes("") || !place.every((side) => side >= PIVOTS[0] && side <= PIVOTS[1])) {
    tell(s, `Give both places of the pivot in pixels, ${PIVOTS[0]} to ${PIVOTS[1]}.`);
    return;
  }
  change(s, () => Object.assign(s, { pivot: place }));
  redraw(s);
}

function placePivot(s, event) {
  if (!s.placing || s.inScene) return;
  const box = s.$("canvas").getBoundingClientRect();
  // The nearest half pixel: a figure's middle often lies between two.
  const near = (value) => Math.round((value / s.factor) * 2) / 2;
  const place = [near(event.clientX - box.left), near(event.clientY - box.top)];
  change(s, () => Object.assign(s, { pivot: place, placing: false }));
  tell(s, `The pivot is at ${place[0]}, ${place[1]}.`);
  redraw(s);
}

function change(s, edit) {
  const { frames, tags, slices, pivot, at } = s;
  s.steps = [...s.steps, { frames, tags, slices, pivot, at }].slice(-MOST_STEPS);
  edit();
  hand(s);
}

function takeBack(s) {
  const step = s.steps.at(-1);
  if (!step) return;
  s.steps = s.steps.slice(0, -1);
  Object.assign(s, step);
  hand(s);
}

function hand(s) {
  Object.assign(s, { handed: stateOf(s), handedAt: performance.now() });
  const frames = s.frames.map(({ of, ms }) => ({ of, ms }));
  s.component.setTriggerValue("said", { frames, tags: s.tags, slices: s.slices,
    pivot: s.pivot });
}

function stateOf({ frames, tags, slices, pivot }) {
  return JSON.stringify([frames.map(({ of, ms }) => [of, ms]), tags, slices, pivot]);
}

function tellFrame(s) {
  const frame = s.frames[s.at];
  tell(s, `Frame ${s.at + 1} of ${s.frames.length}, ${frame.ms} ms ${frame.name}`.trim());
}

function tell(s, sentence) {
  s.$("told").textContent = sentence;
}
