// Two pictures, one question. Both panes always show at the same zoom.

const WORDS = { left: "left is better", right: "right is better", tie: "tie", bad: "both bad" };
const KEYS = { ArrowLeft: "left", ArrowRight: "right", t: "tie", b: "bad", u: "undo", s: "skip" };

const vote = {
  name: "vote",
  parts: ["left", "right"],

  begin(s) {
    s.swapped = false;
  },

  draw(s) {
    if (!s.data) return;
    const entry = s.queue[0];
    say(s.$("question"), s.data.question);
    say(s.$("prompt"), entry ? `“${entry.prompt}”` : "");
    const shown = entry && ready(s, entry);
    for (const side of vote.parts) {
      const other = side === "left" ? "right" : "left";
      const pane = s.$(side);
      if (!shown) pane.replaceChildren();
      // Compare in place: both pictures take turns on the left, the right pane rests.
      else if (s.swapped && side === "right") pane.replaceChildren();
      else hang(s, pane, s.images[entry[s.swapped ? other : side]], `${side} picture`, s.actual);
    }
    for (const [name, on] of [["size", s.actual], ["swap", s.swapped]]) {
      s.root.querySelector(`[data-do=${name}]`).setAttribute("aria-pressed", String(!!on));
    }
    progress(s);
    strip(s);
  },

  press(s, what) {
    if (what === "undo") undo(s);
    else if (what === "skip") act(s, "skip");
    else if (what === "size") s.actual = !s.actual;
    else if (what === "swap") s.swapped = !s.swapped;
    else if (s.swapped) s.swapped = false; // left and right as they are, before an answer counts
    else act(s, what, { words: WORDS[what] });
    vote.draw(s);
  },

  key(s, key, event) {
    const what = KEYS[key] ?? { z: "size", f: "swap" }[key];
    if (!what) return false;
    if (!event.repeat) {
      flash(s, what);
      vote.press(s, what);
    }
    return true;
  },
};

function flash(s, what) {
  const button = s.root.querySelector(`[data-do=${what}]`);
  button.classList.add("flash");
  setTimeout(() => button.classList.remove("flash"), 120);
}

export default function (component) {
  return sitting(component, vote);
}
