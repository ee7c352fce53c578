// How far an enlargement is: asked for once a second while it runs and somebody looks, and told to
// the stage tile by tile. The answer is {state, done, total, says, states}: one letter a tile, in
// the order of the tiles, "w" waits, "d" is drawn, "f" failed.

const EVERY_MS = 1000;
const LETTERS = { w: "waiting", d: "drawn", f: "failed" };
const ENDED = ["done", "failed", "cancelled"];

// The states by the keys of the tiles.
export function readStates(tiles, letters) {
  return Object.fromEntries(tiles.map(({ key }, k) => [key, LETTERS[letters[k]] ?? ""]));
}

// How often each tile was drawn, as far as this page saw: another turn is another picture.
export function countTurns(turns, before, now) {
  const counted = { ...turns };
  for (const [key, state] of Object.entries(now)) {
    if (state === "drawn" && before[key] && before[key] !== "drawn") counted[key] = (counted[key] ?? 0) + 1;
  }
  return counted;
}

// Asks until it has ended, or `stop` is called, which this returns. `took` is given each answer;
// `ended` is called once, with the last.
export function follow(url, took, ended) {
  let timer = null;
  let going = true;
  const ask = async () => {
    const answer = document.hidden ? null : await fetch(url, { cache: "no-cache" }).catch(() => null);
    const said = answer?.ok ? await answer.json().catch(() => null) : null;
    if (!going) return;
    if (said) took(said);
    if (said && ENDED.includes(said.state)) {
      going = false;
      ended(said);
    } else timer = setTimeout(ask, EVERY_MS);
  };
  ask();
  return () => {
    going = false;
    clearTimeout(timer);
  };
}

// "40 of 81 tiles are drawn, 1 failed."
export function tellProgress(tiles, states) {
  const count = (state) => tiles.filter(({ key }) => states[key] === state).length;
  const [drawn, failed] = [count("drawn"), count("failed")];
  if (!tiles.length) return "";
  const said = `${drawn.toLocaleString("en")} of ${tiles.length.toLocaleString("en")} tiles are drawn`;
  return failed ? `${said}, ${failed.toLocaleString("en")} failed.` : `${said}.`;
}
