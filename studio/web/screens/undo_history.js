// Steps of a drawing that can be taken back: each is kept as the box that it changed, before and
// after, so that a step back is exact and small.

import { cutBox, pasteBox } from "./mask_pixels.js";

export const MOST_KEPT = 64 * 2 ** 20; // bytes of steps that can be taken back

// Every state has a number, so that "saved" is one of them.
export const newHistory = () => ({ past: [], future: [], at: 0, next: 1 });

export function record(steps, mask, before, box) {
  const part = box && { box, before: cutBox(before, mask.width, box), after: cutBox(mask.data, mask.width, box) };
  if (!part || part.before.every((value, place) => value === part.after[place])) return false;
  steps.past.push({ ...part, from: steps.at });
  steps.at = steps.next++;
  steps.future = [];
  let kept = steps.past.reduce((sum, step) => sum + 2 * step.before.length, 0);
  while (kept > MOST_KEPT && steps.past.length > 1) kept -= 2 * steps.past.shift().before.length;
  return true;
}

export function undo(steps, mask) {
  const step = steps.past.pop();
  if (!step) return null;
  pasteBox(mask, step.before, step.box);
  steps.future.push({ ...step, to: steps.at });
  steps.at = step.from;
  return step.box;
}

export function redo(steps, mask) {
  const step = steps.future.pop();
  if (!step) return null;
  pasteBox(mask, step.after, step.box);
  steps.past.push(step);
  steps.at = step.to;
  return step.box;
}
