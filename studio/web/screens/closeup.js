// What screens have in common that show one picture closely: buttons and keys that press the same
// things, nearer and farther by whole scales, a stage that is grabbed, and the ground behind it.

import { readGround, storeGround } from "./ground.js";
import { isTyping } from "./sitting.js";

const FARTHEST = 64; // screen pixels of one of the picture's
const KEYS = { "+": "nearer", "=": "nearer", "-": "farther", 0: "fit", g: "ground" };
const DOES = {
  nearer: (s) => zoom(s, true),
  farther: (s) => zoom(s, false),
  ground: (s) => (s.ground = storeGround({ ...s.ground, flat: !s.ground.flat })),
};

// Streamlit calls a screen again with new data. `screen` is one object for all its calls:
// take(s, before) takes s.data in, which was `before`, and draws; draw(s) draws what is there and puts
// its scale into s.shown; grab(s, event) is a press on the stage; does[what](s) is what a button does,
// or false; keys[key] is the button of a key. It may have listen(s), which gives the way to stop,
// and withCtrl(s, key).
export function mountCloseup(component, screen) {
  const root = component.parentElement;
  if (root.hsCloseup?.screen !== screen) root.hsCloseup = begin(root, screen);
  const s = root.hsCloseup;
  s.component = component;
  s.turn += 1;
  s.leave ??= attach(s);
  const before = s.data;
  s.data = component.data;
  root.querySelector(".closeup").style.setProperty("--around", `${s.data.around}px`);
  s.screen.take(s, before);
  const turn = s.turn;
  return () => {
    if (s.turn !== turn) return; // an older call that ended must not silence a newer one
    s.leave?.();
    s.leave = null;
  };
}

// `scale` 0: as it fits; `size`: at its own, where the screen has a button for that.
function begin(root, screen) {
  const s = { root, screen, turn: 0, scale: 0, size: false, ground: readGround() };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  for (const button of root.querySelectorAll("button[data-do]")) {
    button.addEventListener("click", () => press(s, button.dataset.do));
  }
  const stage = s.$("stage");
  stage.addEventListener("wheel", (event) => zoomByWheel(s, event), { passive: false });
  stage.addEventListener("pointerdown", (event) => screen.grab(s, event));
  s.$("colour").value = s.ground.colour;
  s.$("colour").addEventListener("input", (event) => {
    s.ground = storeGround({ flat: true, colour: event.target.value });
    screen.draw(s);
  });
  return s;
}

function attach(s) {
  const onKey = (event) => handleKey(s, event);
  const resized = new ResizeObserver(() => s.data && s.screen.draw(s));
  document.addEventListener("keydown", onKey);
  resized.observe(s.$("stage"));
  const stop = s.screen.listen?.(s);
  return () => {
    document.removeEventListener("keydown", onKey);
    resized.disconnect();
    stop?.();
  };
}

// Does what stands on a button; whether there was anything to do.
export function press(s, what) {
  const act = s.screen.does[what] ?? DOES[what];
  if (!act || act(s) === false) return false;
  s.screen.draw(s);
  return true;
}

function zoom(s, nearer) {
  Object.assign(s, { scale: nextScale(s.shown, nearer), size: false });
}

// The next whole scale from this one, at most twice as large or half as small.
export function nextScale(scale, nearer) {
  if (nearer) return scale < 1 ? 1 : Math.min(FARTHEST, Math.floor(scale) + Math.ceil(scale / 4));
  if (scale <= 1) return Math.max(1 / 16, scale / 2);
  return Math.max(1, Math.ceil(scale) - Math.ceil(scale / 5));
}

// The largest scale at which something of this size fits into its room, a whole one where one does.
export function fitting(width, height, room) {
  const fits = Math.min(room.width / width, room.height / height);
  return fits >= 1 ? Math.min(FARTHEST, Math.floor(fits)) : fits;
}

// Which of the buttons are on: these, and that of the ground.
export function renderPressed(s, on) {
  for (const [name, pressed] of Object.entries({ ...on, ground: s.ground.flat })) {
    s.root.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(!!pressed));
  }
}

export function sayScale(width, height, scale) {
  const times = scale >= 1 ? `${Math.round(scale)}x` : `${Math.round(100 * scale)} %`;
  return `${width} x ${height} px, shown at ${times}.`;
}

// Keys of the page (`data.ways`) come first.
function handleKey(s, event) {
  if (event.defaultPrevented || event.altKey || isTyping(event)) return;
  if (document.querySelector('[role="dialog"]')) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    s.screen.withCtrl?.(s, key);
    return;
  }
  const way = s.data.ways?.[key];
  const what = s.screen.keys[key] ?? KEYS[key];
  if (way) s.component.setTriggerValue("went", way);
  else if (what) press(s, what);
  else return;
  event.preventDefault();
}

function zoomByWheel(s, event) {
  if (!event.ctrlKey) return; // it scrolls
  event.preventDefault();
  press(s, event.deltaY < 0 ? "nearer" : "farther");
}
