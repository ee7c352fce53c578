// A click on a picture of the page shows its whole row large, side by side, at the same zoom and
// place. Pictures that lead elsewhere stay links. Texts are only ever set as text, never as HTML.

import { keepInside, zoomAbout } from "./stage.js";

const PICTURES = ":is(.hs-table, .hs-row) img";
const GAP = 12;
const CAPTION = 34; // pixels under a pane
const LEAST = 140; // of a pane; more of them scroll
const KEYS = { "+": "nearer", "=": "nearer", "-": "farther", ArrowUp: "before", ArrowDown: "after" };

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsEnlarge ??= begin(root));
  if (!s.attached) attach(s);
  s.turn += 1;
  const turn = s.turn;
  return () => {
    if (s.turn === turn) detach(s); // an older call that ended must not silence a newer one
  };
}

function begin(root) {
  const dialog = root.querySelector("dialog");
  const s = { dialog, turn: 0, look: { zoom: 1, x: 0, y: 0 } };
  s.$ = (name) => dialog.querySelector(`[data-part="${name}"]`);
  for (const button of dialog.querySelectorAll("button")) {
    button.addEventListener("click", () => press(s, button.dataset.do));
  }
  dialog.addEventListener("keydown", (event) => pressKey(s, event));
  dialog.addEventListener("close", () => s.opener?.focus());
  const panes = s.$("panes");
  panes.addEventListener("wheel", (event) => zoomByWheel(s, event), { passive: false });
  panes.addEventListener("pointerdown", (event) => grab(s, event));
  panes.addEventListener("pointermove", (event) => drag(s, event));
  panes.addEventListener("dblclick", () => look(s, { zoom: 1, x: 0, y: 0 }));
  s.resized = new ResizeObserver(() => draw(s));
  s.onClick = (event) => openFrom(s, event);
  s.onKey = (event) => (event.key === "Enter" || event.key === " ") && openFrom(s, event);
  s.observer = new MutationObserver(() => markPictures());
  return s;
}

function attach(s) {
  s.attached = true;
  document.addEventListener("click", s.onClick);
  document.addEventListener("keydown", s.onKey);
  s.observer.observe(document.body, { childList: true, subtree: true });
  s.resized.observe(s.$("panes"));
  markPictures();
}

function detach(s) {
  s.attached = false;
  document.removeEventListener("click", s.onClick);
  document.removeEventListener("keydown", s.onKey);
  s.observer.disconnect();
  s.resized.disconnect();
}

// Whoever has no mouse reaches the pictures too.
function markPictures() {
  for (const image of document.querySelectorAll(`${PICTURES}:not([tabindex])`)) {
    if (image.closest("a")) continue;
    image.tabIndex = 0;
    image.setAttribute("role", "button");
    image.style.cursor = "zoom-in";
  }
}

function openFrom(s, event) {
  const image = event.target instanceof Element && event.target.closest(PICTURES);
  if (!image || image.closest("a")) return;
  event.preventDefault();
  s.opener = image;
  show(s, rowOf(image));
  s.dialog.showModal();
  draw(s);
}

function rowOf(image) {
  return image.closest("tr") ?? image.closest(".hs-row");
}

function show(s, row) {
  s.row = row;
  Object.assign(s.look, { zoom: 1, x: 0, y: 0 });
  s.$("title").textContent = row.querySelector("th")?.textContent ?? "";
  const images = [...row.querySelectorAll("img")];
  s.$("panes").replaceChildren(...images.map((image) => newPane(s, image)));
  s.dialog.querySelector("[data-do=before]").disabled = !neighbour(row, "previousElementSibling");
  s.dialog.querySelector("[data-do=after]").disabled = !neighbour(row, "nextElementSibling");
}

function newPane(s, image) {
  const figure = document.createElement("figure");
  const pane = figure.appendChild(document.createElement("div"));
  pane.className = "pane";
  const large = pane.appendChild(new Image());
  large.draggable = false;
  large.alt = image.alt;
  large.onload = () => draw(s);
  large.src = wholeAddress(image.src);
  const said = image.closest("figure")?.querySelector("figcaption")?.textContent;
  figure.appendChild(document.createElement("figcaption")).textContent = said || image.alt;
  return figure;
}

// The picture itself, where the page shows a smaller one.
function wholeAddress(address) {
  const url = new URL(address, location.origin);
  url.searchParams.delete("side");
  return url.href;
}

function neighbour(row, way) {
  const next = row.matches("tr") ? row[way] : null;
  return next?.querySelector("img") ? next : null;
}

function press(s, what) {
  if (what === "close") s.dialog.close();
  else if (what === "nearer") look(s, zoomAbout(s.look, 1.5));
  else if (what === "farther") look(s, zoomAbout(s.look, 1 / 1.5));
  else {
    const way = what === "before" ? "previousElementSibling" : "nextElementSibling";
    const row = neighbour(s.row, way);
    if (row) show(s, row);
    draw(s);
  }
}

function pressKey(s, event) {
  event.stopPropagation(); // the page's own keys are not meant
  if (event.ctrlKey || event.metaKey || event.altKey || !KEYS[event.key]) return;
  event.preventDefault();
  press(s, KEYS[event.key]);
}

function look(s, change) {
  Object.assign(s.look, change);
  Object.assign(s.look, keepInside(s.look));
  draw(s);
}

// As many columns as make the panes largest without scrolling.
export function layOut(count, width, height) {
  let best = { columns: 1, side: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const side = Math.min((width - GAP * (columns - 1)) / columns, height / rows - CAPTION);
    if (side > best.side) best = { columns, side };
  }
  return { columns: best.columns, side: Math.floor(Math.max(best.side, LEAST)) };
}

// Each picture fills its pane by a whole factor where it is small; then all move alike.
function draw(s) {
  const panes = s.$("panes");
  const height = s.dialog.clientHeight - panes.offsetTop - GAP;
  const { columns, side } = layOut(panes.childElementCount, panes.clientWidth, height);
  panes.style.gridTemplateColumns = `repeat(${columns}, ${side}px)`;
  for (const image of s.$("panes").querySelectorAll("img")) {
    const room = image.parentElement.clientWidth;
    const { naturalWidth: width, naturalHeight: height } = image;
    if (!room || !width) continue;
    const whole = Math.floor(room / Math.max(width, height));
    image.style.width = `${width * (whole || room / Math.max(width, height))}px`;
    image.classList.toggle("smooth", !whole);
    const { zoom, x, y } = s.look;
    image.style.transform = `translate(${x * room}px, ${y * room}px) scale(${zoom})`;
  }
}

function placeIn(event) {
  const pane = event.target.closest(".pane");
  if (!pane) return null;
  const box = pane.getBoundingClientRect();
  const at = (far, side) => far / side - 0.5;
  return { x: at(event.clientX - box.left, box.width), y: at(event.clientY - box.top, box.height), width: box.width };
}

function zoomByWheel(s, event) {
  const at = placeIn(event);
  if (!at) return;
  event.preventDefault();
  look(s, zoomAbout(s.look, event.deltaY < 0 ? 1.25 : 0.8, at.x, at.y));
}

function grab(s, event) {
  const at = placeIn(event);
  if (!at || event.button !== 0) return;
  s.grab = { x: event.clientX, y: event.clientY, width: at.width };
  addEventListener("pointerup", () => (s.grab = null), { once: true });
}

function drag(s, event) {
  if (!s.grab) return;
  const { x, y, width } = s.grab;
  Object.assign(s.grab, { x: event.clientX, y: event.clientY });
  look(s, { x: s.look.x + (event.clientX - x) / width, y: s.look.y + (event.clientY - y) / width });
}
