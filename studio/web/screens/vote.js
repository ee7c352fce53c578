// Two pictures, one question. Both always show at the same zoom and place.

import {
  answer, hangImage, imageOf, isReady, mountSitting, renderBeside, renderProgress, setText, takeBack,
} from "./sitting.js";
import { LOOKS, switchView, viewOf } from "./stage.js";

const WORDS = { left: "left is better", right: "right is better", tie: "tie", bad: "both bad" };
const KEYS = { ArrowLeft: "left", ArrowRight: "right", t: "tie", b: "bad", u: "undo", s: "skip", n: "skip" };
const ANSWERS = ["left", "right", "tie", "bad"];

const vote = {
  name: "vote",
  parts: ["left", "right"],

  begin(s) {
    viewOf(s);
    clearInterval(s.flicker);
    Object.assign(s.look, { zoom: 1, x: 0, y: 0, turn: false });
    if (s.look.mode === "flicker") s.look.mode = "beside"; // each pair is first seen as it stands
  },

  draw(s) {
    if (!s.data) return;
    const { mode, turn, wipe, flat } = viewOf(s);
    const entry = s.queue[0];
    setText(s.$("question"), s.data.question);
    setText(s.$("prompt"), entry ? `“${entry.prompt}”` : "");
    const shown = entry && isReady(s, entry);
    const one = mode !== "beside"; // both in one pane
    s.$("right").hidden = one;
    s.$("stage").classList.toggle("one", one);
    for (const side of vote.parts) {
      const pane = one ? s.$("left") : s.$(side);
      if (!shown) pane.replaceChildren();
      else if (mode === "flicker") {
        if ((side === "right") === turn) hangImage(s, pane, imageOf(s, entry, side), `${side} picture`, s.actual);
      } else hangImage(s, pane, imageOf(s, entry, side), `${side} picture`, s.actual, mode === "wipe");
    }
    if (shown) {
      const right = imageOf(s, entry, "right");
      right.style.clipPath = mode === "wipe" ? `inset(0 0 0 ${wipeInset(s, right, wipe)})` : "";
      imageOf(s, entry, "left").style.clipPath = "";
    }
    const told = { flicker: turn ? "right" : "left", wipe: "left | right", beside: "" }[mode];
    setText(s.$("which"), shown ? told : "");
    const on = {
      size: s.actual, flicker: mode === "flicker", wipe: mode === "wipe", ground: flat, scene: s.look.scene,
    };
    for (const [name, pressed] of Object.entries(on)) {
      s.root.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(!!pressed));
    }
    renderProgress(s);
    renderBeside(s);
  },

  press(s, what) {
    if (what === "undo") takeBack(s);
    else if (what === "skip") answer(s, "skip");
    else if (what === "size") s.actual = !s.actual;
    else if (!switchView(s, what) && ANSWERS.includes(what)) {
      // Left and right as they stand, before an answer counts.
      if (s.look.mode === "flicker") switchView(s, "flicker");
      else answer(s, what, { words: WORDS[what] });
    }
    vote.draw(s);
  },

  key(s, key, event) {
    const what = KEYS[key] ?? { z: "size", ...LOOKS }[key];
    if (!what) return false;
    if (!event.repeat || what === "nearer" || what === "farther") {
      flashButton(s, what);
      vote.press(s, what);
    }
    return true;
  },
};

// Where the divider stands in the picture, which may be zoomed, moved, or smaller than its pane.
function wipeInset(s, image, share) {
  const pane = image.parentElement.clientWidth;
  const width = image.offsetWidth || pane;
  const { zoom, x } = s.look;
  const inside = (share * pane - pane / 2 - x * pane) / zoom + width / 2;
  return `${Math.min(100, Math.max(0, (100 * inside) / width))}%`;
}

function flashButton(s, what) {
  const button = s.root.querySelector(`[data-do=${what}]`);
  button.classList.add("flash");
  setTimeout(() => button.classList.remove("flash"), 120);
}

export function mount(component) {
  return mountSitting(component, vote);
}
