// How a mask is kept: by this browser until it is saved, then in the studio's draft, and never over
// another one that somebody saved meanwhile.

import { deleteDraft, putDraft } from "./draft_store.js";
import { blankMask, fillWith } from "./mask_pixels.js";
import { encodePng, fetchGrey } from "./mask_png.js";
import { isUnsaved, paintMask, render, showMessage } from "./mask_view.js";
import { record } from "./undo_history.js";

const WAITS_MS = 250; // after a step, before the browser puts it away
const TRIES = 4;

export const emptyOf = (s) => s.data.empty ?? 255;
export const maskAddress = (s, hash) => `${s.data.masks ?? "/picture/mask"}/${hash}`;

export function storeDraftSoon(s) {
  clearTimeout(s.soon);
  if (s.data.save) {
    saveMask(s);
    return;
  }
  s.soon = setTimeout(() => storeDraft(s), WAITS_MS);
}

export function storeDraft(s) {
  if (!s.mask || s.data.save) return;
  if (isUnsaved(s)) putDraft(s.place, { seen: s.seen, data: s.mask.data.slice() });
  else deleteDraft(s.place);
}

export async function saveMask(s) {
  if (s.saving || s.going || !isUnsaved(s)) return;
  const { at } = s.steps;
  await sendMask(s, await encodePng(s.mask), "the mask", (mask) => {
    s.saved = at;
    s.seen = mask;
    s.ours.add(mask);
  });
  if (s.data.save && s.steps.at !== at) saveMask(s); // drawn on while it was sent
}

export async function sendFile(s) {
  const [file] = s.$("choose").files;
  s.$("choose").value = "";
  if (!file) return;
  const { width, height } = s.data;
  await sendMask(s, file, file.name, async (mask) => {
    const data = mask ? await fetchGrey(maskAddress(s, mask), width, height) : null;
    s.ours.add(mask);
    applyStep(s, () => fillWith(s.mask, (at) => (data ? data[at] : emptyOf(s))));
    s.saved = s.steps.at;
    s.seen = mask;
  });
}

// Sends a mask; tried again it counts once, since it has a key.
async function sendMask(s, body, file, then) {
  const { place, data } = s;
  const key = [...crypto.getRandomValues(new Uint32Array(4))].map((n) => n.toString(36)).join("");
  const query = new URLSearchParams({ seen: s.seen, key, file });
  s.saving = true;
  render(s);
  let answer = null;
  for (let tries = 1; tries <= TRIES && !answer; tries += 1) {
    answer = await fetch(`${data.save ?? `/mask/${data.set}/${data.hash}`}?${query}`, { method: "PUT", body })
      .then((got) => (got.status < 500 ? got : null)).catch(() => null);
    if (!answer) await new Promise((later) => setTimeout(later, 300 * tries * tries));
  }
  const said = answer ? await answer.json().catch(() => ({})) : {};
  s.saving = false;
  if (s.place !== place) {
    if (answer?.ok) deleteDraft(place); // another picture is open by now
    return;
  }
  if (!answer) showMessage(s, "The studio does not answer. Your drawing stays here; save it once more.");
  else if (answer.status === 409) showConflict(s, said.mask, said.message);
  else if (!answer.ok) showMessage(s, `${said.message ?? "It could not be saved."} ${said.remedy ?? ""}`);
  else {
    showMessage(s, "");
    await then(said.mask);
    storeDraft(s);
    s.component.setTriggerValue("said", { saved: said.mask });
  }
  render(s);
}

export function showConflict(s, mask, text) {
  s.theirs = mask;
  showMessage(s, `${text} Yours is still here.`, true);
}

// Two masks of one picture: theirs is what is saved, on the canvas comes what `makes` makes of both.
export async function settleConflict(s, theirs, makes) {
  const { width, height } = s.data;
  const data = theirs ? await fetchGrey(`/picture/mask/${theirs}`, width, height) : blankMask(width, height).data;
  applyStep(s, (before) => {
    const made = makes(before, data);
    if (!made) return null;
    s.mask.data.set(made);
    return [0, 0, width, height];
  });
  s.seen = theirs;
  s.saved = s.mask.data.every((value, at) => value === data[at]) ? s.steps.at : -1;
  storeDraftSoon(s);
  showMessage(s, "");
  render(s);
  if (isUnsaved(s)) saveMask(s);
}

// `change(before)` changes the mask and gives the box; the step can be taken back.
export function applyStep(s, change) {
  const before = s.mask.data.slice();
  const box = change(before);
  if (record(s.steps, s.mask, before, box)) storeDraftSoon(s);
  paintMask(s, box);
  render(s);
}
