// A picture repeated without end, to see whether it fits at its edges: a drag and the arrow keys
// move it, scales of pixel art are whole, lines show where it begins again. Of several pictures one
// is shown at a time. Streamlit calls this again with new data.

import { fitting, mountCloseup, renderPressed, sayScale } from "./closeup.js";

const TIMES = 3; // that it is shown each way, as it is come to
const MOST_TIMES = 24; // each way, however small
const STEP = 1 / 8; // of the picture, by an arrow key
const LINES = ["#000000", "#ffffff"]; // dashes of both are seen on any texture
const DASH = 4; // screen pixels
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };

const SCREEN = {
  take,
  draw,
  grab,
  listen,
  keys: { l: "lines", "[": "before", "]": "after" },
  does: {
    fit: (s) => Object.assign(s, { scale: 0, x: 0, y: 0 }),
    lines: (s) => Object.assign(s, { lines: !s.lines }),
    before: (s) => turn(s, -1),
    after: (s) => turn(s, 1),
  },
};

export function mount(component) {
  return mountCloseup(component, SCREEN);
}

function take(s, before) {
  const named = (data) => data?.pictures.map((one) => one.url).join();
  if (named(before) !== named(s.data)) Object.assign(s, { at: 0, x: 0, y: 0, scale: 0 });
  load(s);
}

function listen(s) {
  const stage = s.$("stage");
  const onKey = (event) => moveByKey(s, event);
  stage.addEventListener("keydown", onKey);
  return () => stage.removeEventListener("keydown", onKey);
}

// Shows the next picture, or the one before.
function turn(s, by) {
  const many = s.data.pictures.length;
  s.at = (s.at + by + many) % many;
  load(s);
}

function load(s) {
  const url = s.data.pictures[s.at].url;
  if (s.image?.getAttribute("src") !== url) {
    s.image = new Image();
    s.image.onload = () => draw(s);
    s.image.src = url;
  }
  draw(s);
}

// Where along one axis it begins, so that `room` is covered from `from` on: the first place at or
// before 0 of all that lie `step` apart, and how many there are. One alone where it does not repeat.
export function places(from, step, room, repeats) {
  if (!repeats) return { first: from, count: 1 };
  const first = ((from % step) + step) % step;
  const start = first > 0 ? first - step : first;
  return { first: start, count: Math.ceil((room - start) / step) };
}

function draw(s) {
  const picture = s.data.pictures[s.at];
  const stage = s.$("stage");
  const canvas = s.$("canvas");
  const dots = devicePixelRatio || 1;
  const width = picture.width || s.image.naturalWidth || 1;
  const height = picture.height || s.image.naturalHeight || 1;
  const room = { width: stage.clientWidth, height: stage.clientHeight };
  const fits = fitting(TIMES * width, TIMES * height, room);
  const least = Math.min(fits, Math.max(room.width / width, room.height / height) / MOST_TIMES);
  const scale = Math.max(least, s.scale || fits);
  s.shown = scale;
  // Whole pixels of the screen for each of the picture's, also where the screen has 1.5 for one.
  const dotted = scale >= 1 ? Math.max(1, Math.round(scale * dots)) : scale * dots;
  canvas.width = Math.round(room.width * dots);
  canvas.height = Math.round(room.height * dots);
  const pen = canvas.getContext("2d");
  pen.imageSmoothingEnabled = scale < 1;
  pen.fillStyle = s.ground.colour;
  if (s.ground.flat) pen.fillRect(0, 0, canvas.width, canvas.height);
  const [stepX, stepY] = [Math.max(1, Math.round(width * dotted)), Math.max(1, Math.round(height * dotted))];
  const fromX = Math.round(canvas.width / 2 - stepX / 2 + s.x * stepX);
  const fromY = Math.round(canvas.height / 2 - stepY / 2 + s.y * stepY);
  const across = places(fromX, stepX, canvas.width, picture.way !== "y");
  const down = places(fromY, stepY, canvas.height, picture.way !== "x");
  if (s.image.complete && s.image.naturalWidth) {
    for (let row = 0; row < down.count; row++) {
      for (let column = 0; column < across.count; column++) {
        pen.drawImage(s.image, across.first + column * stepX, down.first + row * stepY, stepX, stepY);
      }
    }
  }
  if (s.lines) drawLines(pen, across, down, stepX, stepY, Math.max(1, Math.round(dots)));
  canvas.setAttribute("aria-label", `${picture.alt}, repeated`);
  tell(s, picture, width, height, scale);
}

function drawLines(pen, across, down, stepX, stepY, thick) {
  const [right, bottom] = [across.first + across.count * stepX, down.first + down.count * stepY];
  LINES.forEach((colour, number) => {
    pen.strokeStyle = colour;
    pen.lineWidth = thick;
    pen.setLineDash([DASH * thick, DASH * thick]);
    pen.lineDashOffset = number * DASH * thick;
    pen.beginPath();
    for (let column = 0; column <= across.count; column++) {
      pen.moveTo(across.first + column * stepX, down.first);
      pen.lineTo(across.first + column * stepX, bottom);
    }
    for (let row = 0; row <= down.count; row++) {
      pen.moveTo(across.first, down.first + row * stepY);
      pen.lineTo(right, down.first + row * stepY);
    }
    pen.stroke();
  });
}

function tell(s, picture, width, height, scale) {
  const many = s.data.pictures.length;
  s.$("several").hidden = many < 2;
  renderPressed(s, { lines: s.lines });
  s.$("which").textContent = `${s.at + 1} of ${many}`;
  s.$("scale").textContent = sayScale(width, height, scale);
  s.$("verdict").textContent = picture.verdict ? `Seams: ${picture.verdict}.` : "";
}

// Only while the picture has the focus: elsewhere arrows are the page's own keys.
function moveByKey(s, event) {
  const by = ARROWS[event.key];
  if (!by || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  event.stopPropagation();
  move(s, by[0] * STEP, by[1] * STEP);
}

// By shares of the picture; a whole one is none, so it never runs out of numbers.
function move(s, x, y) {
  const { way } = s.data.pictures[s.at];
  s.x = way === "y" ? s.x + x : (s.x + x) % 1;
  s.y = way === "x" ? s.y + y : (s.y + y) % 1;
  draw(s);
}

function grab(s, event) {
  if (event.button) return;
  const stage = s.$("stage");
  const last = { x: event.clientX, y: event.clientY };
  stage.setPointerCapture(event.pointerId);
  stage.classList.add("grabbed");
  const drag = (to) => {
    const { width, height } = s.data.pictures[s.at];
    const side = { x: (width || s.image.naturalWidth) * s.shown, y: (height || s.image.naturalHeight) * s.shown };
    move(s, (to.clientX - last.x) / side.x, (to.clientY - last.y) / side.y);
    Object.assign(last, { x: to.clientX, y: to.clientY });
  };
  const end = () => {
    stage.removeEventListener("pointermove", drag);
    stage.classList.remove("grabbed");
  };
  stage.addEventListener("pointermove", drag);
  stage.addEventListener("pointerup", end, { once: true });
  stage.addEventListener("pointercancel", end, { once: true });
}
