// One picture, as large as whole pixels allow: keys and buttons make it larger and smaller, a drag
// moves it, a click sets a pin where one may be set. R shows the raw picture that a finished one came
// from. Ctrl+C copies it at its own size, Ctrl+V hands a painted-over version to the page. Streamlit
// calls this again with new data.

import { drawScene, listenForScene } from "./view_scene.js";
import { readGround, storeGround } from "./ground.js";
import { listenForRaw } from "./raw_key.js";

const FARTHEST = 64; // screen pixels of one of the picture's
const DRAGGED = 4; // pixels from which on a press is no click
const MOST_PASTED = 8_000_000; // bytes
const TYPING = "input, textarea, select, [contenteditable=true], [role=combobox]";

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsView ??= begin(root));
  s.component = component;
  s.turn += 1;
  attach(s);
  if (s.data?.url !== component.data.url) Object.assign(s, { scale: 0, size: false, raw: false });
  s.data = component.data;
  s.pin = s.data.pin;
  draw(s);
  const turn = s.turn;
  return () => s.turn === turn && detach(s); // an older call that ended must not silence a newer one
}

function begin(root) {
  const s = { root, turn: 0, scale: 0, size: false, ground: readGround() };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  s.onKey = (event) => handleKey(s, event);
  s.onPaste = (event) => takePasted(s, event);
  s.resized = new ResizeObserver(() => s.data && draw(s));
  for (const button of root.querySelectorAll("button[data-do]")) {
    button.addEventListener("click", () => press(s, button.dataset.do));
  }
  const stage = s.$("stage");
  stage.addEventListener("wheel", (event) => zoomByWheel(s, event), { passive: false });
  stage.addEventListener("pointerdown", (event) => grab(s, event));
  s.$("colour").value = s.ground.colour;
  s.$("colour").addEventListener("input", (event) => {
    s.ground = storeGround({ flat: true, colour: event.target.value });
    draw(s);
  });
  return s;
}

function attach(s) {
  if (s.attached) return;
  s.attached = true;
  document.addEventListener("keydown", s.onKey);
  document.addEventListener("paste", s.onPaste);
  s.unraw = listenForRaw(() => press(s, "raw"));
  s.resized.observe(s.$("stage"));
  s.leaveScene = listenForScene(s, () => draw(s));
}

function detach(s) {
  s.attached = false;
  document.removeEventListener("keydown", s.onKey);
  document.removeEventListener("paste", s.onPaste);
  s.unraw();
  s.resized.disconnect();
  s.leaveScene();
}

// The scale at which a picture fits: a whole one, or for larger pictures what part of it does.
export function fitting(width, height, room) {
  const fits = Math.min(room.width / width, room.height / height);
  return fits >= 1 ? Math.min(FARTHEST, Math.floor(fits)) : fits;
}

// The next whole scale from this one, at most twice as large or half as small.
export function nextScale(scale, nearer) {
  if (nearer) return scale < 1 ? 1 : Math.min(FARTHEST, Math.floor(scale) + Math.ceil(scale / 4));
  if (scale <= 1) return Math.max(1 / 16, scale / 2);
  return Math.max(1, Math.ceil(scale) - Math.ceil(scale / 5));
}

function draw(s) {
  const { data } = s;
  const stage = s.$("stage");
  const image = s.$("image");
  s.root.querySelector(".view").style.setProperty("--around", `${data.around}px`);
  s.root.querySelector(".view").classList.toggle("pinning", !!data.pinning);
  const url = s.raw ? data.raw : data.url;
  if (image.getAttribute("src") !== url) {
    image.src = url;
    image.onload = () => draw(s);
  }
  image.alt = s.raw ? `The raw picture: ${data.alt}` : data.alt;
  const width = (!s.raw && data.width) || image.naturalWidth || 1;
  const height = (!s.raw && data.height) || image.naturalHeight || 1;
  const room = { width: stage.clientWidth - 2, height: stage.clientHeight - 2 };
  const scale = s.size ? 1 : s.scale || fitting(width, height, room);
  s.shown = scale;
  image.style.width = `${width * scale}px`;
  image.style.height = `${height * scale}px`;
  image.classList.toggle("smooth", scale < 1);
  image.style.background = s.ground.flat ? s.ground.colour : "";
  drawScene(s, Math.max(1, scale / fitting(width, height, room)));
  const pin = s.$("pin");
  pin.hidden = !s.pin;
  if (s.pin) [pin.style.left, pin.style.top] = s.pin.map((share) => `${share * 100}%`);
  for (const [name, on] of [["size", s.size], ["ground", s.ground.flat], ["raw", s.raw]]) {
    s.root.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(!!on));
  }
  s.root.querySelector("[data-do=raw]").hidden = !data.raw;
  const times = scale >= 1 ? `${Math.round(scale)}x` : `${Math.round(100 * scale)} %`;
  s.$("scale").textContent = `${width} x ${height} px, shown at ${times}.${s.raw ? " The raw picture." : ""}`;
}

function press(s, what) {
  if (what === "copy") {
    copyPicture(s);
    return true;
  }
  if (what === "raw") {
    if (!s.data.raw) return false;
    s.raw = !s.raw;
  } else if (what === "size") s.size = !s.size;
  else if (what === "ground") s.ground = storeGround({ ...s.ground, flat: !s.ground.flat });
  else if (what === "fit") Object.assign(s, { scale: 0, size: false });
  else if (what === "nearer" || what === "farther") {
    s.scale = nextScale(s.shown, what === "nearer");
    s.size = false;
  } else return false;
  draw(s);
  return true;
}

function handleKey(s, event) {
  const target = event.composedPath()[0];
  if (event.defaultPrevented || event.altKey) return;
  if (target instanceof Element && target.closest(TYPING)) return;
  if (document.querySelector('[role="dialog"]')) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (event.ctrlKey || event.metaKey) {
    if (key === "c" && !String(getSelection())) copyPicture(s);
    return;
  }
  const what = { "+": "nearer", "=": "nearer", "-": "farther", 0: "fit", z: "size", g: "ground" }[key];
  const way = s.data.ways?.[key];
  if (way) s.component.setTriggerValue("went", way);
  else if (!what) return;
  else press(s, what);
  event.preventDefault();
}

function zoomByWheel(s, event) {
  if (!event.ctrlKey) return; // it scrolls
  event.preventDefault();
  press(s, event.deltaY < 0 ? "nearer" : "farther");
}

function grab(s, event) {
  if (event.button || event.pointerType === "touch") {
    if (!event.button) touchPin(s, event);
    return;
  }
  const stage = s.$("stage");
  const from = { x: event.clientX, y: event.clientY, left: stage.scrollLeft, top: stage.scrollTop };
  let dragged = false;
  const move = (to) => {
    dragged ||= Math.hypot(to.clientX - from.x, to.clientY - from.y) > DRAGGED;
    if (!dragged) return;
    stage.classList.add("grabbed");
    stage.scrollLeft = from.left - (to.clientX - from.x);
    stage.scrollTop = from.top - (to.clientY - from.y);
  };
  const end = (at) => {
    removeEventListener("pointermove", move);
    stage.classList.remove("grabbed");
    if (!dragged) setPin(s, at);
  };
  addEventListener("pointermove", move);
  addEventListener("pointerup", end, { once: true });
}

function touchPin(s, event) {
  const from = { x: event.clientX, y: event.clientY };
  const end = (at) => {
    if (Math.hypot(at.clientX - from.x, at.clientY - from.y) <= 2 * DRAGGED) setPin(s, at);
  };
  s.$("stage").addEventListener("pointerup", end, { once: true });
}

function setPin(s, event) {
  if (!s.data.pinning) return;
  const at = s.$("image").getBoundingClientRect();
  const place = [(event.clientX - at.left) / at.width, (event.clientY - at.top) / at.height];
  if (place.some((share) => share < 0 || share > 1)) return;
  s.pin = place.map((share) => Math.round(share * 1000) / 1000);
  draw(s);
  s.component.setTriggerValue("placed", s.pin);
}

function tell(s, text) {
  s.$("told").textContent = text;
}

// The picture at its own size. Browsers let pages write pictures to the clipboard only where the
// address is safe.
async function copyPicture(s) {
  if (!navigator.clipboard?.write || typeof ClipboardItem === "undefined") {
    tell(s, "This browser copies pictures only over https or on localhost. Download it instead.");
    return;
  }
  try {
    const answer = fetch(s.data.copied).then((got) => {
      if (!got.ok) throw new Error(String(got.status));
      return got.blob();
    });
    await navigator.clipboard.write([new ClipboardItem({ "image/png": answer })]);
    tell(s, "Copied at its own size.");
  } catch {
    tell(s, "It could not be copied. Download it instead.");
  }
}

function takePasted(s, event) {
  const target = event.composedPath()[0];
  if (!s.data.pasting || (target instanceof Element && target.closest(TYPING))) return;
  if (document.querySelector('[role="dialog"]')) return;
  const file = [...(event.clipboardData?.files ?? [])].find((one) => one.type.startsWith("image/"));
  if (!file) return tell(s, "The clipboard holds no picture.");
  event.preventDefault();
  if (file.size > MOST_PASTED) return tell(s, "The picture is larger than 8 MB: use the field for files.");
  tell(s, "Taking the picture from the clipboard");
  const reader = new FileReader();
  reader.onload = () => s.component.setTriggerValue("pasted", String(reader.result).split(",")[1]);
  reader.onerror = () => tell(s, "The clipboard's picture could not be read.");
  reader.readAsDataURL(file);
}
