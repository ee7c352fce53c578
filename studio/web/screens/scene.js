// A style's guide, and a picture in its game's scene, where the page is about that.

import { renderGuide } from "./guide.js";
import { hangInScene } from "./scenery.js";

const STILL = { zoom: 1, x: 0, y: 0 };

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsScene ??= begin(root));
  takeData(s, component.data);
  s.resized.observe(s.stage);
  s.turn += 1;
  const turn = s.turn;
  return () => s.turn === turn && s.resized.disconnect();
}

function begin(root) {
  const find = (name) => root.querySelector(`[data-part="${name}"]`);
  const s = { turn: 0, guide: find("guide"), stage: find("stage"), pane: find("pane") };
  s.resized = new ResizeObserver(() => draw(s));
  return s;
}

function takeData(s, data) {
  s.scene = data.scene;
  renderGuide(s.guide, data.guide);
  if (s.image?.dataset.url !== data.picture) {
    s.image = new Image();
    s.image.dataset.url = s.image.src = data.picture;
    s.image.draggable = false;
    s.image.onload = () => draw(s);
  }
  s.image.alt = data.alt;
  draw(s);
}

function draw(s) {
  s.stage.hidden = !s.scene;
  if (s.scene && s.image.complete && s.image.naturalWidth && s.pane.clientWidth) {
    hangInScene(s.pane, s.scene, s.image, STILL);
  }
}
