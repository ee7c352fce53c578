// A picture of a page in its game's scene, shown and hidden with a button or the key C.

import { renderGuide } from "./guide.js";
import { hangInScene } from "./scenery.js";
import { isTyping } from "./sitting.js";

const KEPT = "housestyle scene"; // whoever looks at one picture so looks at the next so
const STILL = { zoom: 1, x: 0, y: 0 };

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsScene ??= begin(root));
  takeData(s, component.data);
  document.addEventListener("keydown", s.onKey);
  s.resized.observe(s.stage);
  s.turn += 1;
  const turn = s.turn;
  return () => {
    if (s.turn !== turn) return;
    document.removeEventListener("keydown", s.onKey);
    s.resized.disconnect();
  };
}

function begin(root) {
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const s = { turn: 0, guide: find("guide"), stage: find("stage"), pane: find("pane"), on: readKept() };
  s.button = root.querySelector("button");
  s.button.addEventListener("click", () => toggle(s));
  s.onKey = (event) => {
    const free = !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
    if (!free || event.key.toLowerCase() !== "c" || isTyping(event)) return;
    event.preventDefault();
    toggle(s);
  };
  s.resized = new ResizeObserver(() => draw(s));
  return s;
}

function takeData(s, data) {
  s.data = data;
  renderGuide(s.guide, data.guide);
  if (data.shown) s.on = true; // the page is about the scene
  if (s.image?.dataset.url !== data.picture) {
    s.image = new Image();
    s.image.dataset.url = s.image.src = data.picture;
    s.image.draggable = false;
    s.image.onload = () => draw(s);
  }
  s.image.alt = data.alt;
  draw(s);
}

function toggle(s) {
  s.on = !s.on;
  try {
    localStorage.setItem(KEPT, s.on ? "on" : "");
  } catch {
    // it is hidden at first the next time
  }
  draw(s);
  if (s.on) s.stage.scrollIntoView({ block: "nearest" });
}

function readKept() {
  try {
    return !!localStorage.getItem(KEPT);
  } catch {
    return false;
  }
}

function draw(s) {
  const { scene, shown } = s.data;
  s.stage.hidden = !s.on || !scene;
  s.button.hidden = !!shown || !scene;
  s.button.setAttribute("aria-pressed", String(s.on));
  if (s.on && scene && s.image.complete && s.image.naturalWidth && s.pane.clientWidth) {
    hangInScene(s.pane, scene, s.image, STILL);
  }
}
