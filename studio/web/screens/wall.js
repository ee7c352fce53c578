// A wall of pictures; a click opens one, R shows raw those that were finished. Where they can be
// chosen, several are, and the whole choice is sent each time, so that a lost message is healed by
// the next. Texts are only ever set as text, never as HTML.

import { beginChoosing, markTile, takeChoice } from "./choosing.js";
import { listenForRaw } from "./raw_key.js";

const SIGNS = { approved: "✓", edit: "✎", rejected: "✕" }; // where there is no room for words

export function mount(component) {
  const { parentElement, data, setTriggerValue } = component;
  const wall = parentElement.querySelector(".wall");
  wall.style.setProperty("--side", `${data.side}px`);
  wall.hsSend = setTriggerValue;
  wall.hsData = data;
  if (data.choosing) takeChoice((wall.hsChoice ??= beginChoosing(wall)), data);
  const there = new Map([...wall.children].map((tile) => [tile.dataset.id, tile]));
  const tiles = data.tiles.map((tile) => fillTile(wall, there.get(tile.id) ?? newTile(wall, tile), tile));
  if (tiles.some((tile, place) => wall.children[place] !== tile) || wall.children.length !== tiles.length) {
    wall.replaceChildren(...tiles);
  }
  wall.hsUnraw?.();
  const unraw = (wall.hsUnraw = listenForRaw(() => toggleRaw(wall)));
  return unraw; // of an older call it has been called before
}

function toggleRaw(wall) {
  if (!wall.hsData.tiles.some((tile) => tile.raw)) return false;
  wall.hsRaw = !wall.hsRaw;
  wall.hsData.tiles.forEach((tile, place) => fillTile(wall, wall.children[place], tile));
  return true;
}

function newTile(wall, tile) {
  const item = document.createElement("li");
  item.dataset.id = tile.id;
  item.innerHTML =
    '<a><div class="frame"><img loading="lazy"><span class="none"></span><span class="mark"></span></div>' +
    '<div class="said"></div><div class="about"></div></a>';
  item.querySelector("a").addEventListener("click", (event) => {
    if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault(); // else it is a new tab
    wall.hsSend("opened", tile.id);
  });
  return item;
}

function fillTile(wall, item, tile) {
  const { side, current } = wall.hsData;
  item.classList.toggle("current", tile.id === current);
  const link = item.querySelector("a");
  link.ariaCurrent = tile.id === current ? "true" : null;
  link.href = tile.href;
  const image = item.querySelector("img");
  image.hidden = !tile.url;
  const longest = Math.max(tile.width, tile.height);
  const factor = longest && longest <= side ? Math.floor(side / longest) : 0;
  const raw = wall.hsRaw && tile.raw;
  const url = raw || (factor ? tile.url : `${tile.url}?side=${2 * side}`);
  if (tile.url && image.getAttribute("src") !== url) image.src = url;
  image.alt = tile.alt;
  image.classList.toggle("smooth", !factor);
  image.style.width = factor ? `${tile.width * factor}px` : "auto";
  item.classList.toggle("raw", !!raw);
  item.querySelector(".none").textContent = tile.url ? "" : tile.kind;
  item.querySelector(".said").textContent = tile.said;
  item.querySelector(".about").textContent = tile.about;
  const mark = item.querySelector(".mark");
  mark.className = `mark ${tile.verdict}`;
  mark.textContent = side < 120 ? SIGNS[tile.verdict] ?? "" : tile.mark;
  mark.setAttribute("aria-label", tile.mark);
  mark.title = tile.mark;
  if (wall.hsChoice) markTile(wall.hsChoice, item, tile);
  return item;
}
