// The picture of a view in its game's scene, in the view's own place: shown and hidden with a button
// or the key C.

import { hangInScene } from "./scenery.js";
import { isTyping } from "./sitting.js";

const KEPT = "housestyle scene"; // whoever looks at one picture so looks at the next so

// `again` draws the view anew; called back, it listens no longer.
export function listenForScene(s, again) {
  s.inScene ??= readKept();
  const toggle = () => {
    s.inScene = !s.inScene;
    storeKept(s.inScene);
    again();
  };
  const onKey = (event) => {
    const free = !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
    if (!free || event.key.toLowerCase() !== "c" || isTyping(event) || !s.data.scene) return;
    if (document.querySelector('[role="dialog"]')) return;
    event.preventDefault();
    toggle();
  };
  const button = s.root.querySelector("[data-do=scene]");
  document.addEventListener("keydown", onKey);
  button.addEventListener("click", toggle);
  return () => {
    document.removeEventListener("keydown", onKey);
    button.removeEventListener("click", toggle);
  };
}

// Draws the scene over the stage, so many times nearer than it fits; or takes it away.
export function drawScene(s, zoom) {
  const { scene } = s.data;
  const on = !!scene && s.inScene;
  const pane = s.$("pane");
  const button = s.root.querySelector("[data-do=scene]");
  pane.hidden = !on;
  s.$("stage").inert = on;
  button.hidden = !scene;
  button.setAttribute("aria-pressed", String(on));
  if (!on) return;
  const shown = s.$("image");
  if (s.standing?.src !== shown.src) {
    s.standing = new Image();
    s.standing.draggable = false;
    s.standing.onload = () => drawScene(s, zoom);
    s.standing.src = shown.src;
  }
  s.standing.alt = shown.alt;
  if (s.standing.complete && s.standing.naturalWidth && pane.clientWidth) {
    hangInScene(pane, scene, s.standing, { zoom, x: 0, y: 0 });
  }
}

function storeKept(on) {
  try {
    localStorage.setItem(KEPT, on ? "on" : "");
  } catch {
    // it is hidden at first the next time
  }
}

function readKept() {
  try {
    return !!localStorage.getItem(KEPT);
  } catch {
    return false;
  }
}
