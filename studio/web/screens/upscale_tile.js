// The tile that is chosen on the stage of an enlarged picture: before and after, its own prompt, and
// drawing it anew. Prompts are `s.prompts` by the tile's key, {prompt, negative, locked, seed}; all
// of them are said each time that one changes.

import { begin, drawSoon, hasResult, paintGround, paintHalf } from "./upscale_draw.js";
import { cornersOf, nameTile } from "./upscale_view.js";

const SOON_MS = 500; // keys that follow each other are one change
const COUNT_MS = 250;
const SEEDS = 2 ** 32;
const OWN = { prompt: "", negative: "", locked: false, seed: null };
const SAYS = { drawn: "drawn", failed: "failed", waiting: "waiting" };

export function listenToTile(s) {
  for (const name of ["prompt", "negative"]) {
    s.$(name).addEventListener("input", () => changeOwn(s, { [name]: s.$(name).value }));
  }
  s.$("locked").addEventListener("change", () => changeOwn(s, { locked: s.$("locked").checked }));
  s.$("seed").addEventListener("change", () => {
    const seed = s.$("seed").valueAsNumber;
    changeOwn(s, { seed: Number.isInteger(seed) && seed >= 0 && seed < SEEDS ? seed : null });
  });
  s.drawTile = () => paintTile(s);
}

export const ownOf = (s) => ({ ...OWN, ...s.prompts[s.current] });

export function changeOwn(s, change) {
  if (!s.data.editable || !s.current) return;
  s.prompts[s.current] = { ...ownOf(s), ...change }; // empty, too: what a job had is taken away
  clearTimeout(s.saying);
  s.saying = setTimeout(() => sayPrompts(s), SOON_MS);
  renderTile(s);
  drawSoon(s);
}

function sayPrompts(s) {
  clearTimeout(s.saying);
  s.saying = null;
  const said = structuredClone(s.prompts);
  s.sent = JSON.stringify(said);
  s.component.setTriggerValue("prompts", said);
}

// Draws the chosen tile once more, with a seed that it was not drawn with.
export function redo(s) {
  if (!s.data.redo || !s.current) return;
  const seed = Math.floor(Math.random() * SEEDS);
  s.component.setTriggerValue("redo", { key: s.current, seed, ...pickWords(ownOf(s)) });
  tell(s, `${nameTile(s.tiles, s.cells, s.current)} is asked for anew, with seed ${seed}.`);
}

const pickWords = ({ prompt, negative }) => ({ prompt, negative });

export function tell(s, sentence) {
  s.$("told").textContent = sentence;
}

// Its name, state and fields.
export function renderTile(s) {
  const tile = s.tiles.find(({ key }) => key === s.current);
  s.$("tile").hidden = !tile;
  s.$("choose").hidden = !!tile || !s.tiles.length;
  s.$("desk").classList.toggle("two", !!s.tiles.length);
  if (!tile) return;
  const own = ownOf(s);
  s.$("name").textContent = nameTile(s.tiles, s.cells, s.current);
  const parts = [SAYS[s.states[s.current]], own.locked && "locked", `${tile.width} x ${tile.height} px at ${tile.left}, ${tile.top}`];
  s.$("state").textContent = parts.filter(Boolean).join(" · ");
  for (const name of ["prompt", "negative", "seed"]) {
    const field = s.$(name);
    field.disabled = !s.data.editable || own.locked;
    if (field.getRootNode().activeElement !== field || s.shownTile !== s.current) field.value = own[name] ?? "";
  }
  s.shownTile = s.current;
  s.$("locked").checked = own.locked;
  s.$("locked").disabled = !s.data.editable;
  s.$("words").hidden = !s.data.words;
  s.$("why").textContent = s.data.why ?? "";
  s.$("why").hidden = !s.data.why;
  s.$("how").textContent = s.data.append
    ? "Said after the prompt for all." : "Said in the place of the prompt for all.";
  const button = s.root.querySelector("[data-do=redo]");
  button.hidden = !s.data.words;
  button.disabled = !s.data.redo || own.locked;
  renderSent(s, own);
}

// What the tile is asked for, in the end, and how many tokens that is.
export function joinPrompt(all, own, append) {
  if (!own.trim()) return all.trim();
  return append ? [all.trim(), own.trim()].filter(Boolean).join(", ") : own.trim();
}

function renderSent(s, own) {
  const { all, append, counted } = s.data;
  const prompt = joinPrompt(all.prompt, own.prompt, append);
  const negative = joinPrompt(all.negative, own.negative, append);
  const asked = JSON.stringify([prompt, negative, counted]);
  if (s.asked === asked) return;
  s.asked = asked;
  s.$("sent").textContent = prompt ? `Sent as: ${prompt}` : "";
  clearTimeout(s.counting);
  if (counted) s.counting = setTimeout(() => countTokens(s, asked, { ...counted, prompt, negative }), COUNT_MS);
  else s.$("tokens").textContent = "";
}

async function countTokens(s, asked, body) {
  const headers = { "Content-Type": "application/json", "X-Housestyle": "1" };
  const answer = await fetch("/prompt/read", { method: "POST", headers, body: JSON.stringify(body) })
    .catch(() => null);
  const read = answer?.ok ? await answer.json().catch(() => null) : null;
  if (!read || s.asked !== asked) return;
  const lengths = [read.tokens, body.negative && read.negative_tokens && `negative: ${read.negative_tokens}`];
  s.$("tokens").textContent = lengths.filter(Boolean).join(" · ");
}

// Before and after, each as wide as there is room.
function paintTile(s) {
  const tile = s.tiles.find(({ key }) => key === s.current);
  if (!tile || s.$("tile").hidden) return;
  s.$("of-after").hidden = !hasResult(s);
  for (const which of ["before", "after"]) {
    const canvas = s.$(`tile-${which}`);
    const room = [canvas.clientWidth, canvas.clientHeight];
    if (!room[0]) continue;
    const factor = Math.min(room[0] / tile.width, room[1] / tile.height);
    const at = { factor, size: s.data.size, room, ratio: devicePixelRatio || 1 };
    const pen = begin(canvas, at);
    paintGround(s, pen, [0, 0, tile.width * factor, tile.height * factor], room);
    let painted = false;
    for (const [left, top] of cornersOf(tile, s.data.size)) {
      const corner = [(left - tile.left) * factor, (top - tile.top) * factor];
      const half = [0, Math.round(tile.width * factor)];
      painted = paintHalf(s, pen, which, { ...at, corner }, half) || painted;
    }
    canvas.dataset.painted = painted ? tile.key : "";
    pen.clearRect(0, Math.round(tile.height * factor), ...room);
  }
}
