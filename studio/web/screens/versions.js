// A table of versions; a click in a row, or Enter on its link, chooses it, and the arrows go from
// one to the next. Texts are only ever set as text, never as HTML.

const SIDE = 64;

export function mount(component) {
  const { parentElement, data, setTriggerValue } = component;
  const body = parentElement.querySelector("tbody");
  body.hsChoose = (number) => setTriggerValue("chosen", number);
  if (!body.hsListening) {
    body.hsListening = true;
    body.addEventListener("click", chooseRow);
    body.addEventListener("keydown", moveFocus);
  }
  const there = new Map([...body.children].map((row) => [Number(row.dataset.number), row]));
  const rows = data.rows.map((told) => fillRow(there.get(told.number) ?? newRow(told), told, data.current));
  if (rows.some((row, place) => body.children[place] !== row) || body.children.length !== rows.length) {
    body.replaceChildren(...rows);
  }
}

function newRow(told) {
  const row = document.createElement("tr");
  row.dataset.number = told.number;
  row.innerHTML =
    '<td class="picture"></td><th scope="row"><a></a><span class="about place"></span>' +
    '<span class="about kind"></span><span class="about made"></span></th><td class="number"></td>';
  return row;
}

function fillRow(row, told, current) {
  row.classList.toggle("current", told.number === current);
  const link = row.querySelector("a");
  link.textContent = `Version ${told.number}`;
  link.href = told.href;
  link.ariaCurrent = told.number === current ? "true" : null;
  const place = row.querySelector(".place");
  place.textContent = told.place;
  place.classList.toggle("production", told.stage === "production");
  row.querySelector(".kind").textContent = told.kind;
  row.querySelector(".made").textContent = told.made;
  row.querySelector(".number").textContent = told.kid || "–";
  fillPicture(row.querySelector(".picture"), told);
  return row;
}

function fillPicture(cell, { url, width, height }) {
  if (!url) {
    cell.replaceChildren();
    return;
  }
  const image = cell.querySelector("img") ?? cell.appendChild(document.createElement("img"));
  const factor = Math.floor(SIDE / Math.max(width, height));
  const address = factor ? url : `${url}&side=${2 * SIDE}`;
  if (image.getAttribute("src") !== address) image.src = address;
  image.alt = "";
  image.loading = "lazy";
  image.classList.toggle("smooth", !factor);
  image.style.width = factor ? `${width * factor}px` : "auto";
}

function chooseRow(event) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return; // a new tab
  const row = event.target.closest("tr");
  if (!row) return;
  event.preventDefault();
  event.currentTarget.hsChoose(Number(row.dataset.number));
}

function moveFocus(event) {
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const next = step && event.target.closest("tr")?.[step];
  if (!next) return;
  event.preventDefault();
  next.querySelector("a").focus();
}
