// Several pictures of a wall chosen at once: by their boxes, a click with Shift or Ctrl, or the
// keyboard (arrows, Space, Shift and arrows, Ctrl+A). Once one is chosen a plain click chooses, too.

export function beginChoosing(wall) {
  const s = { wall, order: [], chosen: new Set(), mark: -1, last: null, at: null };
  wall.classList.add("choosing");
  wall.addEventListener("click", (event) => handleClick(s, event), true);
  wall.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault()); // marks text
  wall.addEventListener("keydown", (event) => handleKey(s, event));
  wall.addEventListener("focusin", (event) => rove(s, event.target.closest("li")));
  return s;
}

// What the server chose or let go counts where its mark is a new one.
export function takeChoice(s, data) {
  if (s.mark !== data.mark) {
    s.mark = data.mark;
    s.chosen = new Set(data.chosen);
  }
  s.opens = !!data.opening; // a plain click opens a picture however many are chosen
  s.wall.classList.toggle("opening", s.opens);
  s.order = data.tiles.map((tile) => tile.id);
  if (!s.order.includes(s.last)) s.last = null;
}

export function markTile(s, item, tile) {
  let box = item.querySelector("input");
  if (!box) {
    box = document.createElement("input");
    box.type = "checkbox";
    box.tabIndex = -1; // Space on the picture does the same
    item.append(box);
  }
  box.setAttribute("aria-label", `Choose ${tile.said}`);
  box.checked = s.chosen.has(tile.id);
  item.classList.toggle("chosen", box.checked);
  const entry = s.order.includes(s.at) ? s.at : s.order[0]; // Tab comes to one, arrows go on
  item.querySelector("a").tabIndex = tile.id === entry ? 0 : -1;
}

// Which are chosen after one was hit: alone it changes, and with `range` all from `last` to it
// become as it does.
export function choiceAfter(chosen, order, last, id, range) {
  const after = new Set(chosen);
  const on = range && last !== null ? true : !after.has(id);
  const ends = [order.indexOf(range && last !== null ? last : id), order.indexOf(id)];
  for (const one of order.slice(Math.min(...ends), Math.max(...ends) + 1)) {
    if (on) after.add(one);
    else after.delete(one);
  }
  return after;
}

// The place in the grid that an arrow leads to, from `place` among `count` in rows of `columns`.
export function placeAfter(key, place, count, columns) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns }[key];
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const to = place + step;
  return to >= 0 && to < count ? to : place;
}

function handleClick(s, event) {
  const item = event.target.closest("li");
  if (!item || event.button) return;
  const onBox = event.target.closest("input");
  const plain = s.opens || !s.chosen.size;
  if (!onBox && plain && !event.shiftKey && !event.ctrlKey && !event.metaKey) return;
  if (!onBox) event.preventDefault(); // a box that was clicked has changed already
  event.stopPropagation();
  choose(s, item.dataset.id, event.shiftKey);
}

function handleKey(s, event) {
  const item = event.target.closest("li");
  if (!item || event.altKey) return;
  const all = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "a";
  if (all) {
    s.chosen = new Set([...s.chosen, ...s.order]);
    sendChoice(s);
  } else if (event.ctrlKey || event.metaKey) {
    return;
  } else if (event.key === " ") {
    choose(s, item.dataset.id, event.shiftKey);
  } else if (/^(Arrow|Home$|End$)/.test(event.key)) {
    const place = s.order.indexOf(item.dataset.id);
    const to = s.order[placeAfter(event.key, place, s.order.length, columnsOf(s.wall))];
    if (event.shiftKey) {
      s.last ??= item.dataset.id;
      const from = s.last;
      s.chosen = choiceAfter(s.chosen, s.order, from, to, true);
      sendChoice(s);
      s.last = from;
    }
    [...s.wall.children].find((one) => one.dataset.id === to)?.querySelector("a").focus();
    if (!event.shiftKey) s.last = null;
  } else {
    return;
  }
  event.preventDefault();
  event.stopPropagation(); // arrows are the page's own keys elsewhere
}

function choose(s, id, range) {
  s.chosen = choiceAfter(s.chosen, s.order, s.last, id, range);
  s.last = id;
  sendChoice(s);
}

function sendChoice(s) {
  for (const item of s.wall.children) {
    const on = s.chosen.has(item.dataset.id);
    item.classList.toggle("chosen", on);
    const box = item.querySelector("input");
    if (box) box.checked = on;
  }
  s.wall.hsSend("chosen", [...s.chosen]);
}

function rove(s, item) {
  if (!item) return;
  s.at = item.dataset.id;
  for (const one of s.wall.children) one.querySelector("a").tabIndex = one === item ? 0 : -1;
}

function columnsOf(wall) {
  return getComputedStyle(wall).gridTemplateColumns.split(" ").length;
}
