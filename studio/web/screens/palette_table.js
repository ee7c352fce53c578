// A palette as it is edited: {colours, names, ramps: [{name, places}]}. Each function gives a new
// one; ramps keep the colours that they have, wherever those go.

export const MOST = 256;

// The table with its old places in this order; what the order leaves out is gone, from ramps too.
export function reorder(table, order) {
  const to = new Map(order.map((place, at) => [place, at]));
  return {
    colours: order.map((place) => table.colours[place]),
    names: order.map((place) => table.names[place]),
    ramps: table.ramps
      .map((ramp) => ({ name: ramp.name, places: ramp.places.filter((p) => to.has(p)).map((p) => to.get(p)) }))
      .filter((ramp) => ramp.places.length > 1),
  };
}

export function removeColours(table, chosen) {
  return reorder(table, listPlaces(table).filter((place) => !chosen.has(place)));
}

// The chosen ones together, in their order, before the place that `before` has now.
export function moveColours(table, chosen, before) {
  const stay = (from, to) => listPlaces(table).slice(from, to).filter((place) => !chosen.has(place));
  const moved = listPlaces(table).filter((place) => chosen.has(place));
  return reorder(table, [...stay(0, before), ...moved, ...stay(before)]);
}

// Where `moveColours` has put them.
export function movedTo(chosen, before) {
  const first = before - [...chosen].filter((place) => place < before).length;
  return new Set([...chosen].sort((a, b) => a - b).map((_, at) => first + at));
}

export function addColour(table, colour, at) {
  const end = { ...table, colours: [...table.colours, colour], names: [...table.names, ""] };
  const last = table.colours.length;
  return reorder(end, [...listPlaces(table).slice(0, at), last, ...listPlaces(table).slice(at)]);
}

export function changeColour(table, place, { colour = table.colours[place], name = table.names[place] }) {
  return {
    ...table,
    colours: table.colours.with(place, colour),
    names: table.names.with(place, name),
  };
}

// A ramp of the chosen colours, from dark to light, under a name that is still free.
export function makeRamp(table, chosen) {
  const places = [...chosen].sort((a, b) => lightness(table.colours[a]) - lightness(table.colours[b]));
  const taken = new Set(table.ramps.map((ramp) => ramp.name.toLowerCase()));
  let number = table.ramps.length + 1;
  while (taken.has(`ramp ${number}`)) number += 1;
  return { ...table, ramps: [...table.ramps, { name: `ramp ${number}`, places }] };
}

export const renameRamp = (table, at, name) => ({
  ...table,
  ramps: table.ramps.with(at, { ...table.ramps[at], name }),
});

export const turnRamp = (table, at) => ({
  ...table,
  ramps: table.ramps.with(at, { ...table.ramps[at], places: table.ramps[at].places.toReversed() }),
});

export const dropRamp = (table, at) => ({ ...table, ramps: table.ramps.toSpliced(at, 1) });

// "#rrggbb" of what a person typed, "" where it is no colour.
export function readColour(text) {
  const digits = text.trim().replace(/^#/, "").toLowerCase();
  if (/^[0-9a-f]{3}$/.test(digits)) return `#${[...digits].map((one) => one + one).join("")}`;
  return /^[0-9a-f]{6}$/.test(digits) ? `#${digits}` : "";
}

// What a screen reader, and whoever points at it, is told of a colour.
export function describeColour(table, place) {
  const ramps = table.ramps
    .filter((ramp) => ramp.places.includes(place))
    .map((ramp) => `ramp ${ramp.name}, ${ramp.places.indexOf(place) + 1} of ${ramp.places.length}`);
  const name = table.names[place] ? [table.names[place]] : [];
  return [table.colours[place], ...name, `colour ${place + 1} of ${table.colours.length}`, ...ramps].join(", ");
}

// OKLab's lightness (Björn Ottosson, 2020), 0 to 1.
export function lightness(colour) {
  const [r, g, b] = [1, 3, 5].map((at) => {
    const value = parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return 0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s;
}

const listPlaces = (table) => table.colours.map((_, place) => place);
