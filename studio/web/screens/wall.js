// A wall of pictures; a click opens one. Texts are only ever set as text, never as HTML.

const SIGNS = { approved: "✓", edit: "✎", rejected: "✕" }; // where there is no room for words

export function mount(component) {
  const { parentElement, data, setTriggerValue } = component;
  const wall = parentElement.querySelector(".wall");
  wall.style.setProperty("--side", `${data.side}px`);
  wall.hsOpen = (id) => setTriggerValue("opened", id);
  const there = new Map([...wall.children].map((tile) => [tile.dataset.id, tile]));
  const tiles = data.tiles.map((tile) => fillTile(there.get(tile.id) ?? newTile(wall, tile), tile, data));
  if (tiles.some((tile, place) => wall.children[place] !== tile) || wall.children.length !== tiles.length) {
    wall.replaceChildren(...tiles);
  }
}

function newTile(wall, tile) {
  const item = document.createElement("li");
  item.dataset.id = tile.id;
  item.innerHTML =
    '<a><div class="frame"><img loading="lazy"><span class="mark"></span></div>' +
    '<div class="said"></div><div class="about"></div></a>';
  item.querySelector("a").addEventListener("click", (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return; // a new tab
    event.preventDefault();
    wall.hsOpen(tile.id);
  });
  return item;
}

function fillTile(item, tile, { side, current }) {
  item.classList.toggle("current", tile.id === current);
  item.querySelector("a").ariaCurrent = tile.id === current ? "true" : null;
  const image = item.querySelector("img");
  const longest = Math.max(tile.width, tile.height);
  const factor = longest && longest <= side ? Math.floor(side / longest) : 0;
  const url = factor ? tile.url : `${tile.url}?side=${2 * side}`;
  if (image.getAttribute("src") !== url) image.src = url;
  image.alt = tile.alt;
  image.classList.toggle("smooth", !factor);
  image.style.width = factor ? `${tile.width * factor}px` : "auto";
  item.querySelector("a").href = tile.href;
  item.querySelector(".said").textContent = tile.said;
  item.querySelector(".about").textContent = tile.about;
  const mark = item.querySelector(".mark");
  mark.className = `mark ${tile.verdict}`;
  mark.textContent = side < 120 ? SIGNS[tile.verdict] ?? "" : tile.mark;
  mark.setAttribute("aria-label", tile.mark);
  mark.title = tile.mark;
  return item;
}
