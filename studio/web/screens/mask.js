// The desk of one picture's mask: shown over it, drawn, and saved into the draft.
//
// Streamlit calls this again with new data; what is drawn lies on the element that it draws into
// and in the browser's own store, so that neither a rerun nor a reload costs it. A mask goes to the
// studio by itself, together with the one that it began with; the answer says where somebody else
// was faster. `data` is {set, hash, file, url, width, height, mask, person, editable, small}.

const LETTERS = { b: "brush", e: "eraser", u: "rectangle", g: "fill", h: "move" };
const KEYS = { i: "invert", Delete: "clear", Backspace: "clear", o: "show", x: "swap", "+": "nearer",
  "=": "nearer", "-": "farther", 0: "fit", "[": "thinner", ",": "thinner", "]": "wider",
  ".": "wider" };

export default function (component) {
  const root = component.parentElement;
  const s = (root.hsMask ??= begin(root));
  s.component = component;
  arrive(s, component.data);
}

function begin(root) {
  const s = { root, tool: "brush", value: 0, size: 1, round: false, apart: 0, cursor: null,
    factor: 0, steps: newSteps(), look: { ...USUAL, ...recalled() } };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  s.all = (query) => [...root.querySelectorAll(query)];
  const main = s.$("mask");
  for (const button of s.all("[data-do]")) {
    button.addEventListener("click", () => does(s, button.dataset.do));
  }
  for (const button of s.all("[data-tool]")) {
    button.addEventListener("click", () => chosen(s, { tool: button.dataset.tool }));
  }
  for (const button of s.all("[data-value]")) {
    button.addEventListener("click", () => chosen(s, { value: Number(button.dataset.value) }));
  }
  const whole = (name, low, high, change) =>
    s.$(name).addEventListener("input", () => {
      const number = Math.round(s.$(name).valueAsNumber);
      if (number >= low && number <= high) chosen(s, change(number));
    });
  whole("share", 0, 100, (share) => ({ value: Math.round((share * 255) / 100) }));
  whole("size", 1, 512, (size) => ({ size }));
  whole("apart", 0, 255, (apart) => ({ apart }));
  s.$("round").addEventListener("change", () => chosen(s, { round: s.$("round").checked }));
  for (const [part, field] of [["show", "shown"], ["lines", "lines"]]) {
    s.$(part).addEventListener("change", () => looked(s, { [field]: s.$(part).checked }));
  }
  for (const [part, field] of [["way", "way"], ["colour", "colour"], ["strength", "strength"]]) {
    s.$(part).addEventListener("input", () => looked(s, { [field]: s.$(part).value }));
  }
  s.$("choose").addEventListener("change", () => loaded(s));
  main.addEventListener("keydown", (event) => pressed(s, event));
  const sheet = s.$("sheet");
  sheet.addEventListener("pointerdown", (event) => down(s, event));
  sheet.addEventListener("pointermove", (event) => moved(s, event));
  for (const end of ["pointerup", "pointercancel"]) sheet.addEventListener(end, () => up(s));
  sheet.addEventListener("pointerleave", () => {
    s.over = false;
    if (!s.going) here(s);
  });
  sheet.addEventListener("contextmenu", (event) => s.data.editable && event.preventDefault());
  s.$("view").addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return; // it scrolls
    event.preventDefault();
    does(s, event.deltaY < 0 ? "nearer" : "farther");
  }, { passive: false });
  new ResizeObserver(() => s.mask && !s.factor && sized(s)).observe(s.$("view"));
  return s;
}

// Another picture is opened; the same one may have another mask by now.
function arrive(s, data) {
  const place = `${data.person}\n${data.set}\n${data.hash}`;
  const before = s.data?.mask;
  if (s.place !== place && s.mask && data.editable) putAway(s); // what was drawn a moment ago
  s.data = data;
  s.$("mask").classList.toggle("small", data.small);
  if (s.place !== place) {
    clearTimeout(s.soon);
    s.place = place;
    open(s).catch((error) => tell(s, `${error.message} Load the page again.`));
    return;
  }
  if (data.mask !== before && data.mask !== s.seen && s.mask) {
    if (unsaved(s) || s.going) overtaken(s, data.mask, "Somebody has saved another mask of it meanwhile.");
    else begun(s, data.mask);
  }
  if (s.mask) drawn(s);
}

async function open(s) {
  const { place, data } = s;
  const { width, height } = data;
  const picture = s.$("picture");
  Object.assign(s, { mask: null, going: null, corner: null, pixels: null, factor: 0, pen: false });
  s.cursor = [width >> 1, height >> 1];
  tell(s, "");
  picture.src = data.url;
  picture.onerror = () => { // a format that no browser knows
    picture.onerror = null;
    picture.src = `${data.url}?side=2048`;
  };
  await picture.decode().catch(() => picture.decode()).catch(() => null);
  await begun(s, data.mask);
  const kept = data.editable && (await shelved(place));
  if (s.place !== place) return; // another one was opened meanwhile
  if (kept?.data?.length === width * height) {
    const before = s.mask.data.slice();
    s.mask.data.set(kept.data);
    if (noted(s.steps, s.mask, before, [0, 0, width, height])) {
      repainted(s);
      if (kept.seen !== data.mask) {
        overtaken(s, data.mask, "Your unsaved drawing is back. Another mask was saved meanwhile.");
      } else tell(s, "Your unsaved drawing is back.");
    }
  }
  drawn(s);
}

// The canvas holds what is saved: the mask with this hash, or none.
async function begun(s, hash) {
  const { place } = s;
  const { width, height } = s.data;
  const mask = blank(width, height);
  if (hash) mask.data = await greyOf(`/picture/mask/${hash}`, width, height);
  if (s.place !== place) return;
  Object.assign(s, { mask, seen: hash, steps: newSteps() });
  s.saved = s.steps.at;
  const over = s.$("over");
  Object.assign(over, { width, height });
  sized(s);
  repainted(s);
  drawn(s);
}

const unsaved = (s) => s.steps.at !== s.saved;

function chosen(s, change) {
  Object.assign(s, change);
  if ("value" in change && s.tool === "eraser") s.tool = "brush";
  s.corner = null;
  drawn(s);
}

const paint = (s) => (s.tool === "eraser" ? 255 : s.value);

// `does(before)` changes the mask and gives the box; the step can be taken back.
function step(s, does) {
  const before = s.mask.data.slice();
  const box = does(before);
  if (noted(s.steps, s.mask, before, box)) stepped(s);
  repainted(s, box);
  drawn(s);
}

function pixelOf(s, event) {
  const box = s.$("sheet").getBoundingClientRect();
  const { width, height } = s.data;
  return [Math.floor(((event.clientX - box.left) / box.width) * width),
    Math.floor(((event.clientY - box.top) / box.height) * height)];
}

function inside(s, [x, y]) {
  return [Math.min(s.data.width - 1, Math.max(0, x)), Math.min(s.data.height - 1, Math.max(0, y))];
}

function down(s, event) {
  if (!s.mask || !s.data.editable || !event.isPrimary || event.button === 1) return;
  s.$("view").focus({ preventScroll: true });
  const at = pixelOf(s, event);
  if (s.tool === "move") {
    if (event.pointerType !== "mouse") return; // fingers scroll by themselves
    s.going = { grab: [event.clientX, event.clientY] };
    s.$("sheet").setPointerCapture(event.pointerId);
    return;
  }
  event.preventDefault();
  const value = event.button === 2 || event.button === 5 ? 255 : paint(s);
  if (s.tool === "fill") {
    s.cursor = inside(s, at);
    filled(s, value);
    return;
  }
  s.$("sheet").setPointerCapture(event.pointerId);
  if (s.tool === "rectangle") {
    s.corner = inside(s, at);
    s.going = { value };
  } else {
    const from = event.shiftKey && s.last ? s.last : at;
    s.going = { before: s.mask.data.slice(), value, box: null, last: from };
    stroked(s, at);
  }
  s.cursor = inside(s, at);
  here(s);
}

function moved(s, event) {
  if (!s.mask) return;
  s.over = true;
  if (s.going?.grab) {
    const view = s.$("view");
    view.scrollLeft -= event.clientX - s.going.grab[0];
    view.scrollTop -= event.clientY - s.going.grab[1];
    s.going.grab = [event.clientX, event.clientY];
    return;
  }
  if (s.going?.last) {
    for (const one of event.getCoalescedEvents?.() ?? []) stroked(s, pixelOf(s, one));
    stroked(s, pixelOf(s, event));
  }
  s.cursor = inside(s, pixelOf(s, event));
  here(s);
}

function stroked(s, at) {
  const { going } = s;
  const box = strokeOf(s.mask, going.last, at, tipOf(s.size, s.round), going.value);
  going.last = at;
  going.box = both(going.box, box);
  repainted(s, box);
}

function up(s) {
  const { going } = s;
  s.going = null;
  if (going?.before) {
    s.last = going.last;
    if (noted(s.steps, s.mask, going.before, going.box)) stepped(s);
    drawn(s);
  } else if (going && s.corner) squared(s, going.value);
}

function squared(s, value) {
  const { corner } = s;
  s.corner = null;
  step(s, () => rectangleOf(s.mask, corner, s.cursor, value));
}

function filled(s, value) {
  const [x, y] = s.cursor;
  const place = y * s.mask.width + x;
  step(s, (before) => {
    const alike = s.$("alike").value === "mask" ? (other) => before[other] === before[place]
      : sameColour(pixels(s), place, s.apart);
    return floodOf(s.mask, s.cursor, value, alike);
  });
}

function pixels(s) {
  s.pixels ??= pixelsOf(s.$("picture"), s.data.width, s.data.height);
  return s.pixels;
}

function does(s, what) {
  const { mask, look, data } = s;
  if (!mask) return;
  const place = FACTORS.indexOf(s.factor || s.fits);
  if (what === "nearer" || what === "farther") {
    const to = FACTORS[(place < 0 ? 4 : place) + (what === "nearer" ? 1 : -1)];
    if (to) s.factor = to;
    sized(s);
    seen(s);
  } else if (what === "fit") {
    s.factor = 0;
    sized(s);
  } else if (what === "show") looked(s, { shown: !look.shown });
  else if (what === "hush") tell(s, "");
  if (!data.editable) return;
  if (what === "invert") step(s, (b) => everywhere(mask, (at) => 255 - b[at]));
  else if (what === "clear") step(s, () => everywhere(mask, () => 255));
  else if (what === "alpha") {
    const found = pixels(s);
    step(s, () => everywhere(mask, (at) => found[at * 4 + 3]));
  } else if (what === "undo" || what === "redo") {
    repainted(s, (what === "undo" ? back : forth)(s.steps, mask));
    stepped(s);
  } else if (what === "revert") {
    offShelf(s.place);
    begun(s, s.data.mask).then(() => tell(s, ""));
  } else if (what === "swap") chosen(s, { value: s.value < 128 ? 255 : 0 });
  else if (what === "thinner") chosen(s, { size: Math.max(1, s.size - 1) });
  else if (what === "wider") chosen(s, { size: Math.min(512, s.size + 1) });
  else if (what === "load") s.$("choose").click();
  else if (what === "save") save(s);
  else if (what === "mine") settled(s, s.theirs, () => null);
  else if (what === "theirs") settled(s, s.theirs, (b, theirs) => theirs);
  else if (what === "both") settled(s, s.theirs, (b, theirs) => theirs.map((v, at) => Math.min(v, b[at])));
  drawn(s);
}

function pressed(s, event) {
  const field = event.target.closest("input:not([type=checkbox]), select");
  const { key } = event;
  event.stopPropagation(); // letters are no shortcuts of the page here
  const letter = key.length === 1 ? key.toLowerCase() : key;
  if (event.ctrlKey || event.metaKey) {
    const what = { z: event.shiftKey ? "redo" : "undo", y: "redo", s: "save" }[letter];
    if (!what || (field && what !== "save")) return;
    event.preventDefault();
    does(s, what);
    return;
  }
  if (field || event.altKey || !s.mask) return;
  const drawing = event.target === s.$("view");
  const arrows = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  if (LETTERS[letter] && s.data.editable) chosen(s, { tool: LETTERS[letter] });
  else if (KEYS[letter]) does(s, KEYS[letter]);
  else if (drawing && s.data.editable && arrows[key]) goes(s, arrows[key], event.shiftKey ? 8 : 1);
  else if (drawing && s.data.editable && (key === " " || key === "Enter")) {
    event.preventDefault();
    if (!event.repeat) strikes(s, key);
    return;
  } else if (key === "Escape" && (s.corner || s.pen)) {
    Object.assign(s, { corner: null, pen: false });
    drawn(s);
  } else return;
  event.preventDefault();
}

function goes(s, [x, y], far) {
  const from = s.cursor;
  s.cursor = inside(s, [from[0] + x * far, from[1] + y * far]);
  if (s.pen) step(s, () => strokeOf(s.mask, from, s.cursor, tipOf(s.size, s.round), paint(s)));
  seen(s);
  here(s);
}

function strikes(s, key) {
  if (s.tool === "move") return;
  if (s.tool === "fill") filled(s, paint(s));
  else if (s.tool === "rectangle") {
    if (s.corner) squared(s, paint(s));
    else s.corner = s.cursor;
  } else {
    s.pen = key === "Enter" ? !s.pen : s.pen;
    step(s, () => strokeOf(s.mask, s.cursor, s.cursor, tipOf(s.size, s.round), paint(s)));
  }
  drawn(s);
}
