// What a style is to look like, beside what is judged.

// Draws the guide into an element; nothing where there is none.
export function renderGuide(place, guide) {
  const told = JSON.stringify(guide ?? null);
  if (place.dataset.told === told) return;
  place.dataset.told = told;
  place.replaceChildren();
  place.hidden = !guide;
  if (!guide) return;
  addText(place, "h3", "Style guide");
  const facts = place.appendChild(document.createElement("dl"));
  for (const { label, says } of guide.facts) {
    addText(facts, "dt", label);
    addText(facts, "dd", says);
  }
  addColours(place, guide.palette);
  addExamples(place, guide.do, "do", "Do");
  addExamples(place, guide.dont, "dont", "Don't");
}

function addText(place, tag, text) {
  place.appendChild(document.createElement(tag)).textContent = text;
}

function addColours(place, colours) {
  if (!colours.length) return;
  addText(place, "h3", "Palette");
  const row = place.appendChild(document.createElement("div"));
  row.className = "colours examples";
  for (const colour of colours) {
    const patch = row.appendChild(document.createElement("i"));
    patch.style.background = patch.title = colour;
  }
}

function addExamples(place, shown, kind, title) {
  if (!shown.length) return;
  addText(place, "h3", title);
  const row = place.appendChild(document.createElement("div"));
  row.className = "examples";
  for (const { url, says } of shown) {
    const figure = row.appendChild(document.createElement("figure"));
    figure.className = kind;
    const image = figure.appendChild(new Image());
    image.alt = says || `${title}: an example`;
    image.src = url;
    if (says) addText(figure, "figcaption", says);
  }
}
