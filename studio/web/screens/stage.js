// How pictures are looked at: the same zoom and place for all panes, game size, wipe, flicker, and
// what shows through where they are transparent. What a person chose stays for the next picture.

const NEAREST = 1;
const FARTHEST = 16;
const FLICKER_MS = 450; // two pictures in 0.9 s, below three flashes a second

function looking(s) {
  if (s.look) return s.look;
  s.look = { zoom: 1, x: 0, y: 0, mode: "beside", wipe: 0.5, turn: false, ...recalled() };
  const stage = s.$("stage");
  stage.addEventListener("wheel", (event) => wheeled(s, event), { passive: false });
  stage.addEventListener("pointerdown", (event) => grabbed(s, event));
  stage.addEventListener("pointermove", (event) => moved(s, event));
  stage.addEventListener("dblclick", () => looked(s, { zoom: 1, x: 0, y: 0 }));
  const colour = s.$("colour");
  colour.value = s.look.colour;
  colour.addEventListener("input", () => {
    looked(s, { colour: colour.value, flat: true });
    remember(s);
  });
  return s.look;
}

function looked(s, change) {
  Object.assign(s.look, change);
  const far = (s.look.zoom - 1) / 2; // so that no edge comes inside the pane
  s.look.x = Math.min(far, Math.max(-far, s.look.x));
  s.look.y = Math.min(far, Math.max(-far, s.look.y));
  s.screen.draw(s);
}

// `by` > 1 comes nearer; the point (x, y) of the pane, from its middle in its widths, stays.
function zoom(s, by, x = 0, y = 0) {
  const before = s.look.zoom;
  const after = Math.min(FARTHEST, Math.max(NEAREST, before * by));
  const step = after / before;
  looked(s, { zoom: after, x: x + (s.look.x - x) * step, y: y + (s.look.y - y) * step });
}

function place(event) {
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

function wheeled(s, event) {
  const at = place(event);
  if (!at || (!event.ctrlKey && s.look.zoom === 1)) return; // it scrolls the page
  event.preventDefault();
  zoom(s, event.deltaY < 0 ? 1.25 : 0.8, at.x, at.y);
}

function grabbed(s, event) {
  const at = place(event);
  if (!at || event.button !== 0) return;
  s.grab = { x: event.clientX, y: event.clientY, width: at.width };
  addEventListener("pointerup", () => (s.grab = null), { once: true });
}

function moved(s, event) {
  const at = place(event);
  if (at && s.look.mode === "wipe" && !s.grab) looked(s, { wipe: at.x + 0.5 });
  if (!s.grab || s.look.zoom === 1) return;
  const { x, y, width } = s.grab;
  Object.assign(s.grab, { x: event.clientX, y: event.clientY });
  looked(s, { x: s.look.x + (event.clientX - x) / width, y: s.look.y + (event.clientY - y) / width });
}

// What zoom, place and ground do to a picture that hangs.
function view(s, image) {
  const { zoom, x, y, flat, colour } = looking(s);
  const pane = image.parentElement;
  const size = pane ? pane.clientWidth : 0;
  image.style.transform = zoom === 1 ? "" : `translate(${x * size}px, ${y * size}px) scale(${zoom})`;
  image.style.background = flat ? colour : "";
}

function looks(s, what) {
  const modes = { flicker: "flicker", wipe: "wipe" };
  if (what === "nearer") zoom(s, 1.5);
  else if (what === "farther") zoom(s, 1 / 1.5);
  else if (what === "ground") {
    s.look.flat = !s.look.flat;
    remember(s);
  } else if (modes[what]) s.look.mode = s.look.mode === what ? "beside" : what;
  else return false;
  clearInterval(s.flicker);
  s.look.turn = false;
  if (s.look.mode === "flicker") {
    s.flicker = setInterval(() => looked(s, { turn: !s.look.turn }), FLICKER_MS);
  }
  return true;
}

function recalled() {
  const usual = { flat: false, colour: "#3b4a3a" };
  try {
    return { ...usual, ...JSON.parse(localStorage.getItem("housestyle ground")) };
  } catch {
    return usual;
  }
}

function remember(s) {
  try {
    const { flat, colour } = s.look;
    localStorage.setItem("housestyle ground", JSON.stringify({ flat, colour }));
  } catch {
    // it is asked for again next time
  }
}

const LOOKS = { "+": "nearer", "=": "nearer", "-": "farther", g: "ground", f: "flicker", w: "wipe" };
