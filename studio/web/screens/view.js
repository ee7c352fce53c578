// One picture, as large as whole pixels allow: keys and buttons make it larger and smaller, a drag
// moves it, a click sets a pin where one may be set. R shows the raw picture that a finished one came
// from. Ctrl+C copies it at its own size, Ctrl+V hands a painted-over version to the page. Streamlit
// calls this again with new data.

import { fitting, mountCloseup, press, renderPressed, sayScale } from "./closeup.js";
import { listenForRaw } from "./raw_key.js";
import { isTyping } from "./sitting.js";
import { drawScene, listenForScene } from "./view_scene.js";

const DRAGGED = 4; // pixels from which on a press is no click
const MOST_PASTED = 8_000_000; // bytes

const SCREEN = {
  take,
  draw,
  grab,
  listen,
  withCtrl: (s, key) => key === "c" && !String(getSelection()) && copyPicture(s),
  keys: { z: "size" },
  does: {
    fit: (s) => Object.assign(s, { scale: 0, size: false }),
    size: (s) => Object.assign(s, { size: !s.size }),
    raw: (s) => !!s.data.raw && Object.assign(s, { raw: !s.raw }),
    copy: copyPicture,
  },
};

export function mount(component) {
  return mountCloseup(component, SCREEN);
}

function take(s, before) {
  if (before?.url !== s.data.url) Object.assign(s, { scale: 0, size: false, raw: false });
  s.pin = s.data.pin;
  draw(s);
}

function listen(s) {
  const onPaste = (event) => takePasted(s, event);
  document.addEventListener("paste", onPaste);
  const stopRaw = listenForRaw(() => press(s, "raw"));
  const leaveScene = listenForScene(s, () => draw(s));
  return () => {
    document.removeEventListener("paste", onPaste);
    stopRaw();
    leaveScene();
  };
}

function draw(s) {
  const { data } = s;
  const stage = s.$("stage");
  const image = s.$("image");
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
  renderPressed(s, { size: s.size, raw: s.raw });
  s.root.querySelector("[data-do=raw]").hidden = !data.raw;
  s.$("scale").textContent = `${sayScale(width, height, scale)}${s.raw ? " The raw picture." : ""}`;
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
  if (!s.data.pasting || isTyping(event)) return;
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
