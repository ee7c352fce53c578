// The desk of a palette: swatches in their order, moved by dragging or by keys, edited, gathered
// into ramps. `data` is {table, mark, editable}; the table is taken over when `mark` is new, so that
// what a person does meanwhile is not undone. The answer is the trigger `changed`, the whole table.
// Texts are only ever set as text, never as HTML.

import {
  MOST, addColour, changeColour, describeColour, dropRamp, makeRamp, moveColours, movedTo,
  readColour, removeColours, renameRamp, turnRamp,
} from "./palette_table.js";

const MOST_UNDONE = 100;
const MANY = 64; // colours from which on swatches are smaller
const DRAGGED = 5; // pixels after which a press is a drag

export function mount(component) {
  const { parentElement: root, data } = component;
  const s = (root.hsPalette ??= begin(root));
  s.component = component;
  s.editable = data.editable;
  if (s.mark !== data.mark) {
    const other = s.mark === undefined || data.table.colours.length <= s.at;
    Object.assign(s, { mark: data.mark, table: data.table, chosen: new Set(), past: [] });
    if (other) s.at = 0;
  }
  render(s);
}

function begin(root) {
  const s = { root, table: null, chosen: new Set(), at: 0, past: [], drag: null };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  s.$("bar").addEventListener("click", (event) => DO[event.target.dataset.do]?.(s));
  const list = s.$("swatches");
  list.addEventListener("keydown", (event) => pressKey(s, event));
  list.addEventListener("pointerdown", (event) => beginDrag(s, event));
  list.addEventListener("pointermove", (event) => dragOver(s, event));
  list.addEventListener("pointerup", (event) => endDrag(s, event));
  list.addEventListener("pointercancel", () => dropMarks(s));
  list.addEventListener("pointerover", (event) => tellOf(s, placeOf(event.target)));
  list.addEventListener("pointerleave", () => tellOf(s, s.at));
  s.$("picker").addEventListener("change", (event) => recolour(s, event.target.value));
  s.$("hex").addEventListener("change", (event) => recolour(s, event.target.value));
  s.$("name").addEventListener("change", (event) =>
    commit(s, changeColour(s.table, s.at, { name: event.target.value.trim() })));
  return s;
}

function render(s) {
  const { table } = s;
  s.at = Math.min(s.at, table.colours.length - 1);
  const inRamps = new Set(table.ramps.flatMap((ramp) => ramp.places));
  const list = s.$("swatches");
  list.classList.toggle("many", table.colours.length > MANY);
  while (list.children.length > table.colours.length) list.lastElementChild.remove();
  while (list.children.length < table.colours.length) {
    const swatch = list.appendChild(document.createElement("li"));
    swatch.setAttribute("role", "option");
  }
  table.colours.forEach((colour, place) => {
    const swatch = list.children[place];
    swatch.style.setProperty("--colour", colour);
    swatch.tabIndex = place === s.at ? 0 : -1;
    swatch.setAttribute("aria-selected", String(s.chosen.has(place)));
    swatch.ariaLabel = swatch.title = describeColour(table, place);
    swatch.className = inRamps.has(place) ? "in-ramp" : "";
  });
  renderRamps(s);
  renderFields(s);
}

function renderFields(s) {
  const { table, at } = s;
  for (const part of ["bar", "one"]) s.$(part).hidden = !s.editable;
  s.$("picker").value = s.$("hex").value = table.colours[at];
  s.$("name").value = table.names[at];
  const count = targets(s).size;
  const usable = {
    add: table.colours.length < MOST,
    ramp: s.chosen.size > 1,
    remove: count < table.colours.length,
    undo: s.past.length > 0,
    earlier: !targets(s).has(0),
    later: !targets(s).has(table.colours.length - 1),
  };
  for (const button of s.$("bar").children) button.disabled = !(usable[button.dataset.do] ?? true);
  tellOf(s, at);
}

function renderRamps(s) {
  const rows = s.table.ramps.map((ramp, at) => {
    const row = document.createElement("li");
    if (s.editable) {
      const field = row.appendChild(document.createElement("input"));
      Object.assign(field, { value: ramp.name, maxLength: 60, ariaLabel: `Name of ramp ${at + 1}` });
      field.addEventListener("change", () => nameRamp(s, at, field.value.trim()));
    } else {
      const called = row.appendChild(document.createElement("span"));
      Object.assign(called, { className: "called", textContent: ramp.name });
    }
    const strip = row.appendChild(document.createElement("span"));
    const said = ramp.places.map((place) => s.table.colours[place]);
    strip.className = "strip";
    strip.setAttribute("role", "img");
    strip.ariaLabel = `${ramp.name}: ${said.join(", ")}`;
    for (const colour of said) {
      const part = strip.appendChild(document.createElement("i"));
      part.style.background = part.title = colour;
    }
    if (s.editable) {
      addButton(row, "Turn round", `Turn ${ramp.name} round`, () => commit(s, turnRamp(s.table, at)));
      addButton(row, "Dissolve", `Dissolve ${ramp.name}; its colours stay`, () => commit(s, dropRamp(s.table, at)));
    }
    return row;
  });
  s.$("ramps").replaceChildren(...rows);
}

function addButton(row, text, label, act) {
  const button = row.appendChild(document.createElement("button"));
  Object.assign(button, { type: "button", textContent: text, ariaLabel: label });
  button.addEventListener("click", act);
}

// What the buttons and keys act on: the chosen colours, else the one that the keyboard is at.
const targets = (s) => (s.chosen.size ? s.chosen : new Set([s.at]));

const DO = {
  add: (s) => {
    const free = nextFree(s.table, s.table.colours[s.at]);
    const at = s.at + 1;
    commit(s, addColour(s.table, free, at), new Set(), at);
    s.$("hex").select();
  },
  earlier: (s) => shift(s, -1),
  later: (s) => shift(s, 1),
  ramp: (s) => {
    if (s.chosen.size < 2) return;
    commit(s, makeRamp(s.table, s.chosen), new Set());
    [...s.$("ramps").querySelectorAll("input")].at(-1).select();
  },
  remove: (s) => {
    const gone = targets(s);
    if (gone.size >= s.table.colours.length) return;
    commit(s, removeColours(s.table, gone), new Set(), Math.min(...gone));
    focusSwatch(s);
  },
  undo: (s) => {
    if (!s.past.length) return;
    s.table = s.past.pop();
    s.chosen = new Set();
    send(s);
  },
};

// The colours that are acted on, one place on; several go together.
function shift(s, step) {
  const moved = targets(s);
  const low = Math.min(...moved);
  const high = Math.max(...moved);
  const before = step < 0 ? low - 1 : high + 2;
  if (before < 0 || before > s.table.colours.length) return;
  const single = s.chosen.size === 0;
  const to = movedTo(moved, before);
  commit(s, moveColours(s.table, moved, before), single ? new Set() : to, Math.min(...to));
}

function recolour(s, written) {
  const colour = readColour(written);
  const there = s.table.colours.indexOf(colour);
  if (!colour || (there >= 0 && there !== s.at)) {
    renderFields(s);
    tell(s, colour ? `${colour} is colour ${there + 1} already.` : `${written} is no colour: write #rrggbb.`);
    return;
  }
  commit(s, changeColour(s.table, s.at, { colour }));
}

function nameRamp(s, at, name) {
  const taken = s.table.ramps.some((one, k) => k !== at && one.name.toLowerCase() === name.toLowerCase());
  if (name && !taken) return commit(s, renameRamp(s.table, at, name));
  renderRamps(s);
  tell(s, name ? `Another ramp is called ${name}.` : "A ramp needs a name.");
}

function commit(s, table, chosen = s.chosen, at = s.at) {
  if (JSON.stringify(table) === JSON.stringify(s.table)) return;
  s.past = [...s.past, s.table].slice(-MOST_UNDONE);
  Object.assign(s, { table, chosen, at });
  send(s);
}

function send(s) {
  render(s);
  s.component.setTriggerValue("changed", s.table);
}

// A colour near the given one that the palette does not have yet.
function nextFree(table, near) {
  const taken = new Set(table.colours);
  let number = parseInt(near.slice(1), 16);
  do number = (number + 0x010101) % 0x1000000;
  while (taken.has(`#${number.toString(16).padStart(6, "0")}`));
  return `#${number.toString(16).padStart(6, "0")}`;
}

const tell = (s, text) => (s.$("told").textContent = text);

function tellOf(s, place) {
  if (place === null || place >= s.table.colours.length) return;
  const many = s.chosen.size ? ` · ${s.chosen.size} chosen` : "";
  tell(s, describeColour(s.table, place) + many);
}

function focusSwatch(s) {
  s.$("swatches").children[s.at]?.focus();
}

function pressKey(s, event) {
  const count = s.table.colours.length;
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(s), ArrowUp: -columns(s) }[event.key];
  const ctrl = event.ctrlKey || event.metaKey;
  if (event.altKey) return;
  if (step && event.shiftKey) {
    if (s.editable && Math.abs(step) === 1) shift(s, step);
  } else if (step) {
    s.at = s.at + step >= 0 && s.at + step < count ? s.at + step : s.at;
  } else if (event.key === "Home" || event.key === "End") {
    s.at = event.key === "Home" ? 0 : count - 1;
  } else if (event.key === " ") {
    choose(s, s.at, true);
  } else if (event.key === "a" && ctrl) {
    s.chosen = new Set(s.table.colours.keys());
  } else if (event.key === "Escape" && s.chosen.size) {
    s.chosen = new Set();
  } else if (s.editable && event.key === "Delete") {
    DO.remove(s);
  } else if (s.editable && event.key === "Enter") {
    s.$("hex").select();
    event.preventDefault();
    return;
  } else if (s.editable && event.key === "z" && ctrl) {
    DO.undo(s);
  } else return;
  event.preventDefault();
  event.stopPropagation();
  render(s);
  focusSwatch(s);
}

function columns(s) {
  const [first, ...rest] = s.$("swatches").children;
  const next = rest.findIndex((one) => one.offsetTop > first.offsetTop);
  return next < 0 ? rest.length + 1 : next + 1;
}

function choose(s, place, more) {
  const chosen = new Set(more ? s.chosen : []);
  if (chosen.has(place)) chosen.delete(place);
  else chosen.add(place);
  s.chosen = chosen;
}

const placeOf = (target) => {
  const swatch = target.closest?.("li");
  return swatch ? [...swatch.parentElement.children].indexOf(swatch) : null;
};

function beginDrag(s, event) {
  const place = placeOf(event.target);
  if (place === null || event.button) return;
  s.drag = { place, x: event.clientX, y: event.clientY, before: null, touch: event.pointerType === "touch" };
}

function dragOver(s, event) {
  const { drag } = s;
  if (!drag || !s.editable || drag.touch) return; // a finger scrolls; it has the buttons
  const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y) > DRAGGED;
  if (drag.before === null && !far) return;
  const list = s.$("swatches");
  if (drag.before === null) {
    list.setPointerCapture(event.pointerId);
    drag.moved = s.chosen.has(drag.place) ? s.chosen : new Set([drag.place]);
  }
  const swatches = [...list.children];
  const boxes = swatches.map((one) => one.getBoundingClientRect());
  const away = boxes.map((box) =>
    Math.hypot(event.clientX - box.x - box.width / 2, event.clientY - box.y - box.height / 2));
  const nearest = away.indexOf(Math.min(...away));
  const after = event.clientX > boxes[nearest].x + boxes[nearest].width / 2;
  drag.before = nearest + (after ? 1 : 0);
  swatches.forEach((one, place) => {
    one.classList.toggle("moving", drag.moved.has(place));
    one.classList.toggle("before", place === nearest && !after);
    one.classList.toggle("after", place === nearest && after);
  });
}

function endDrag(s, event) {
  const { drag } = s;
  dropMarks(s);
  if (!drag) return;
  s.at = drag.place;
  if (drag.before === null) {
    if (event.shiftKey && s.chosen.size) chooseUpTo(s, drag.place);
    else choose(s, drag.place, event.ctrlKey || event.metaKey || drag.touch);
    render(s);
  } else {
    const to = movedTo(drag.moved, drag.before);
    commit(s, moveColours(s.table, drag.moved, drag.before), drag.moved.size > 1 ? to : new Set(), Math.min(...to));
    render(s);
  }
  focusSwatch(s);
}

function chooseUpTo(s, place) {
  const from = [...s.chosen].at(-1);
  const [low, high] = [Math.min(from, place), Math.max(from, place)];
  s.chosen = new Set([...s.chosen, ...Array.from({ length: high - low + 1 }, (_, k) => low + k)]);
}

function dropMarks(s) {
  s.drag = null;
  for (const one of s.$("swatches").children) one.classList.remove("moving", "before", "after");
}
