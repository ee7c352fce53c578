// What a person decides at the finishing desk, and how the page is told: the grid and each
// proposal's fate, all of it each time.

import { lookAt, render, stateOf } from "./finish_desk.js";

const SOON_MS = 250; // keys that follow each other are one change

export const saidOf = ({ grid, taken, left }) => ({ grid: grid ?? null, taken: [...taken], left: [...left] });

// Data with which the page answers: what this desk said itself changes nothing, though more was
// done meanwhile; anything else is taken.
export function takeAnswers(s, data) {
  const told = JSON.stringify(saidOf({ left: [], ...data }));
  const echo = s.sent.indexOf(told);
  if (echo >= 0) s.sent.splice(0, echo);
  else if (told !== s.told) {
    s.sent = [];
    Object.assign(s, { grid: data.grid, taken: new Set(data.taken), left: new Set(data.left ?? []) });
  }
  s.told = told;
}

function say(s) {
  clearTimeout(s.soon);
  const said = saidOf(s);
  s.sent.push(JSON.stringify(said));
  s.component.setTriggerValue("said", said);
}

// `done`: no more of it follows, as it does while a line is dragged.
export function changeGrid(s, grid, done = true) {
  if (!s.data.editable) return;
  s.grid = grid;
  clearTimeout(s.soon);
  if (done) s.soon = setTimeout(() => say(s), SOON_MS);
  render(s);
}

// Takes or leaves proposals, and goes on to the next that is open.
export function choose(s, ids, taking) {
  const known = s.data.proposals.map(({ id }) => id);
  const meant = ids.filter((id) => known.includes(id));
  if (!meant.length || !s.data.editable) return;
  for (const id of meant) {
    (taking ? s.taken : s.left).add(id);
    (taking ? s.left : s.taken).delete(id);
  }
  const from = known.indexOf(s.current) + 1;
  const open = [...known.slice(from), ...known.slice(0, from)].find((id) => !stateOf(s, id));
  if (open !== undefined) lookAt(s, open);
  say(s);
  render(s);
}

// The next proposal, or the one before; round at the ends.
export function goOn(s, by) {
  const ids = s.data.proposals.map(({ id }) => id);
  if (!ids.length) return;
  const at = ids.indexOf(s.current);
  lookAt(s, ids[at < 0 ? (by > 0 ? 0 : ids.length - 1) : (at + by + ids.length) % ids.length]);
  s.$("list").querySelector("[aria-current=true]").scrollIntoView({ block: "nearest" });
}
