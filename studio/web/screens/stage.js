// How pictures are looked at: the same zoom and place for all panes, game size, wipe, flicker, and
// what shows through where they are transparent. What a person chose stays for the next picture.

import { readGround, storeGround } from "./ground.js";

const NEAREST = 1;
const FARTHEST = 16;
const FLICKER_MS = 450; // two pictures in 0.9 s, below three flashes a second

export function viewOf(s) {
  if (s.look) return s.look;
  s.look = { zoom: 1, x: 0, y: 0, mode: "beside", wipe: 0.5, turn: false, ...readGround() };
  const stage = s.$("stage");
  stage.addEventListener("wheel", (event) => zoomByWheel(s, event), { passive: false });
  stage.addEventListener("pointerdown", (event) => grab(s, event));
  stage.addEventListener("pointermove", (event) => drag(s, event));
  stage.addEventListener("dblclick", () => changeView(s, { zoom: 1, x: 0, y: 0 }));
  const colour = s.$("colour");
  colour.value = s.look.colour;
  colour.addEventListener("input", () => {
    changeView(s, { colour: colour.value, flat: true });
    storeGround(s.look);
  });
  return s.look;
}

function changeView(s, change) {
  Object.assign(s.look, change);
  Object.assign(s.look, keepInside(s.look));
  s.screen.draw(s);
}

// The place at which no edge of the picture comes inside its pane.
export function keepInside({ zoom, x, y }) {
  const far = (zoom - 1) / 2;
  return { x: Math.min(far, Math.max(-far, x)), y: Math.min(far, Math.max(-far, y)) };
}

// `by` > 1 comes nearer; the point [x, y] of the pane, from its middle in its widths, stays.
export function zoomAbout(look, by, x = 0, y = 0) {
  const zoom = Math.min(FARTHEST, Math.max(NEAREST, look.zoom * by));
  const step = zoom / look.zoom;
  return { zoom, x: x + (look.x - x) * step, y: y + (look.y - y) * step };
}

function pointIn(event) {
  const pane = event.target.closest(".pane");
  if (!pane) return null;
  const box = pane.getBoundingClientRect();
  return {
    pane,
    width: pane.clientWidth,
    x: (event.clientX - box.left) / box.width - 0.5,
    y: (event.clientY - box.top) / box.height - 0.5,
  };
}

function zoomByWheel(s, event) {
  const at = pointIn(event);
  if (!at || (!event.ctrlKey && s.look.zoom === 1)) return; // it scrolls the page
  event.preventDefault();
  changeView(s, zoomAbout(s.look, event.deltaY < 0 ? 1.25 : 0.8, at.x, at.y));
}

function grab(s, event) {
  const at = pointIn(event);
  if (!at || event.button !== 0) return;
  s.grab = { x: event.clientX, y: event.clientY, width: at.width };
  addEventListener("pointerup", () => (s.grab = null), { once: true });
}

function drag(s, event) {
  const at = pointIn(event);
  if (at && s.look.mode === "wipe" && !s.grab) changeView(s, { wipe: at.x + 0.5 });
  if (!s.grab || s.look.zoom === 1) return;
  const { x, y, width } = s.grab;
  Object.assign(s.grab, { x: event.clientX, y: event.clientY });
  changeView(s, { x: s.look.x + (event.clientX - x) / width, y: s.look.y + (event.clientY - y) / width });
}

// What zoom, place and ground do to a picture that hangs.
export function transformImage(s, image) {
  const { zoom, x, y, flat, colour } = viewOf(s);
  const pane = image.parentElement;
  const size = pane ? pane.clientWidth : 0;
  image.style.transform = zoom === 1 ? "" : `translate(${x * size}px, ${y * size}px) scale(${zoom})`;
  image.style.background = flat ? colour : "";
}

export function switchView(s, what) {
  const modes = { flicker: "flicker", wipe: "wipe" };
  if (what === "nearer") changeView(s, zoomAbout(s.look, 1.5));
  else if (what === "farther") changeView(s, zoomAbout(s.look, 1 / 1.5));
  else if (what === "ground") {
    s.look.flat = !s.look.flat;
    storeGround(s.look);
  } else if (what === "scene") {
    if (!s.data.scene) return true;
    s.look.scene = !s.look.scene;
    if (s.look.mode === "wipe") s.look.mode = "beside";
  } else if (modes[what]) {
    s.look.mode = s.look.mode === what ? "beside" : what;
    if (s.look.mode === "wipe") s.look.scene = false; // a half of each has no feet to stand on
  } else return false;
  clearInterval(s.flicker);
  s.look.turn = false;
  if (s.look.mode === "flicker") {
    s.flicker = setInterval(() => changeView(s, { turn: !s.look.turn }), FLICKER_MS);
  }
  return true;
}

// What each key does to how pictures are looked at.
export const LOOKS = { "+": "nearer", "=": "nearer", "-": "farther", g: "ground", c: "scene", f: "flicker", w: "wipe" };
