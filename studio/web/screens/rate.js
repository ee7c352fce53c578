// One picture, the criteria of the rubric, one number key each.

import {
  answer, hangImage, imageOf, isReady, mountSitting, renderBeside, renderProgress, setText, takeBack,
} from "./sitting.js";
import { LOOKS, switchView, viewOf } from "./stage.js";

const rate = {
  name: "rate",
  parts: ["picture"],

  begin(s, entry) {
    viewOf(s);
    Object.assign(s.look, { zoom: 1, x: 0, y: 0 });
    s.scores = { ...(entry?.scores ?? {}) }; // a rating that was taken back is there to be changed
    s.now = 0;
  },

  draw(s) {
    if (!s.data) return;
    buildRows(s);
    const entry = s.queue[0];
    setText(s.$("prompt"), entry ? `“${entry.prompt}”` : "");
    const pane = s.$("pane");
    if (entry && isReady(s, entry)) hangImage(s, pane, imageOf(s, entry, "picture"), "picture to rate", s.actual);
    else pane.replaceChildren();
    s.data.criteria.forEach(({ name }, place) => {
      const row = s.rows[place];
      row.classList.toggle("now", place === s.now);
      for (const button of row.querySelectorAll("button")) {
        const chosen = s.scores[name] === Number(button.value);
        button.setAttribute("aria-checked", String(chosen));
      }
    });
    for (const [name, on] of [["size", s.actual], ["ground", viewOf(s).flat], ["scene", s.look.scene]]) {
      s.root.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(!!on));
    }
    renderProgress(s);
    renderBeside(s);
  },

  press(s, what) {
    if (what === "undo") takeBack(s);
    else if (what === "skip") answer(s, "skip");
    else if (what === "size") s.actual = !s.actual;
    else if (what === "next") {
      const missing = s.data.criteria.findIndex(({ name }) => s.scores[name] === undefined);
      if (missing >= 0) s.now = missing;
      else answer(s, "rate", { words: "rated", sent: { scores: s.scores } });
    } else switchView(s, what);
    rate.draw(s);
  },

  key(s, key, event) {
    const count = s.data.criteria.length;
    const number = /^[0-9]$/.test(key) ? Number(key) : NaN;
    const { f, w, ...ways } = LOOKS; // there is nothing to compare with
    const what = { Enter: "next", u: "undo", s: "skip", n: "skip", z: "size", ...ways }[key];
    const { name, low, high } = s.data.criteria[s.now];
    if (number >= low && number <= high) setScore(s, s.now, number);
    else if (key === "ArrowDown") s.now = Math.min(count - 1, s.now + 1);
    else if (key === "ArrowUp") s.now = Math.max(0, s.now - 1);
    else if (key === "ArrowRight" || key === "ArrowLeft") {
      const step = key === "ArrowRight" ? 1 : -1;
      const from = s.scores[name] ?? (step > 0 ? low - 1 : high + 1);
      s.scores[name] = Math.min(high, Math.max(low, from + step));
    } else if (!what) return false;
    else if (!event.repeat) rate.press(s, what);
    rate.draw(s);
    return true;
  },
};

// Sets a criterion and goes on to the next.
function setScore(s, place, number) {
  if (!s.queue[0]) return;
  s.scores[s.data.criteria[place].name] = number;
  s.now = Math.min(s.data.criteria.length - 1, place + 1);
}

function buildRows(s) {
  const told = JSON.stringify(s.data.criteria);
  if (s.built === told) return;
  s.built = told;
  s.rows = s.data.criteria.map(({ name, help, low, high, anchors }, place) => {
    const row = document.createElement("div");
    row.className = "criterion";
    const title = row.appendChild(document.createElement("h3"));
    title.textContent = name;
    row.appendChild(document.createElement("p")).textContent = help;
    const group = row.appendChild(document.createElement("div"));
    group.setAttribute("role", "radiogroup");
    group.setAttribute("aria-label", name);
    for (let number = low; number <= high; number += 1) {
      const button = group.appendChild(document.createElement("button"));
      button.type = "button";
      button.value = button.textContent = String(number);
      button.setAttribute("role", "radio");
      button.addEventListener("click", (event) => {
        if (event.detail) button.blur(); // after the mouse, Enter goes on to the next picture
        setScore(s, place, number);
        rate.draw(s);
      });
    }
    const means = row.appendChild(document.createElement("p"));
    means.className = "anchors";
    means.textContent = (anchors ?? []).join(" · ");
    return row;
  });
  s.$("scores").replaceChildren(...s.rows);
}

export function mount(component) {
  return mountSitting(component, rate);
}
