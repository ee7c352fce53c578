// What the stage of an enlarged picture is painted of: the picture that it comes from and the
// result, each from the level of its pyramid that the zoom needs, finer pieces over coarser ones,
// and while the result is being drawn each tile that is finished.
//
// A layer is {url, mark, sizes: [[width, height], ...], side, sharp}: level L has `sizes[L]`, cut into
// pieces of `side` pixels at `url`/L/COLUMN-ROW.webp; `mark` tells the picture of before from one
// that took its place. Without `sizes` it is one picture at `url`.
// `at` is {corner, factor, size, room, ratio}: where the result's corner lies on the canvas, screen
// pixels of one of its pixels, its size, the canvas's size, and how many of the screen's own pixels
// there are to one.

import { cornersOf, levelFor, piecesIn, seenShare } from "./upscale_view.js";
import { peek, take } from "./upscale_pieces.js";

const NEAR = 256; // screen pixels that a small copy of a tile is good for
const MOST_TILES = 160; // tiles in sight; of more only their states are shown

// Paints a layer over all of the result; whether anything of it is there yet.
export function paintLayer(pen, shelf, layer, at) {
  if (!layer) return false;
  if (!layer.sizes?.length) {
    const image = take(shelf, layer.url);
    if (image) paintPart(pen, image, layer, at, [0, 0, 1, 1]);
    return !!image;
  }
  const share = seenShare(at.corner, at.factor, at.size, at.room);
  if (share[0] >= share[2] || share[1] >= share[3]) return false;
  const last = layer.sizes.length - 1;
  const level = levelFor(at.size, layer.sizes, at.factor * at.ratio);
  const wanted = piecesIn(layer.sizes[level], layer.side, share);
  // The coarsest is asked for last, so it comes first and there is something to see.
  const there = wanted.map((piece) => [piece, take(shelf, pieceUrl(layer, level, piece))]);
  for (const piece of piecesIn(layer.sizes[last], layer.side, share)) {
    take(shelf, pieceUrl(layer, last, piece));
  }
  let painted = there.some(([, image]) => image);
  if (there.some(([, image]) => !image)) {
    for (let coarse = last; coarse > level; coarse -= 1) {
      for (const piece of piecesIn(layer.sizes[coarse], layer.side, share)) {
        const image = peek(shelf, pieceUrl(layer, coarse, piece));
        if (image) paintPart(pen, image, layer, at, shareOf(layer, coarse, piece));
        painted ||= !!image;
      }
    }
  }
  for (const [piece, image] of there) {
    if (image) paintPart(pen, image, layer, at, shareOf(layer, level, piece));
  }
  return painted;
}

export const pieceUrl = (layer, level, [column, row]) => (
  `${layer.url}/${level}/${column}-${row}.webp${layer.mark ? `?of=${layer.mark}` : ""}`);

// Which part of the picture a piece is, in shares of it.
function shareOf({ sizes, side }, level, [column, row]) {
  const [width, height] = sizes[level];
  return [(column * side) / width, (row * side) / height,
    Math.min(1, ((column + 1) * side) / width), Math.min(1, ((row + 1) * side) / height)];
}

function paintPart(pen, image, layer, at, [left, top, right, bottom]) {
  const x = (share) => snap(at.corner[0] + share * at.size[0] * at.factor, at.ratio);
  const y = (share) => snap(at.corner[1] + share * at.size[1] * at.factor, at.ratio);
  paintImage(pen, image, layer.sharp, [x(left), y(top), x(right), y(bottom)]);
}

// Whole pixels of the screen, so that no line shows between pieces.
const snap = (place, ratio) => Math.round(place * ratio) / ratio;

function paintImage(pen, image, sharp, [left, top, right, bottom]) {
  const [width, height] = [right - left, bottom - top];
  if (width <= 0 || height <= 0) return;
  // Pixel art keeps its pixels; anything is sharp once its own pixels are seen one by one.
  pen.imageSmoothingEnabled = !(sharp && width >= image.naturalWidth) && width < 4 * image.naturalWidth;
  pen.imageSmoothingQuality = "high";
  pen.clearRect(left, top, width, height);
  pen.drawImage(image, left, top, width, height);
}

// Paints the tiles that are drawn, each at its place, whole ones only where they are near.
export function paintTiles(pen, shelf, s, at) {
  const seen = s.tiles.filter(({ key }) => s.states[key] === "drawn")
    .flatMap((tile) => cornersOf(tile, at.size).map(([left, top]) => (
      [tile, boxOf({ ...tile, left: tile.left - left, top: tile.top - top }, at)])))
    .filter(([, [left, top, right, bottom]]) => (
      right > 0 && bottom > 0 && left < at.room[0] && top < at.room[1]));
  if (seen.length > MOST_TILES) return;
  for (const [tile, box] of seen) {
    const wide = Math.max(tile.width, tile.height) * at.factor * at.ratio;
    const image = take(shelf, tileUrl(s, tile.key, wide <= NEAR ? NEAR : 0));
    if (image) paintImage(pen, image, s.data.sharp, box);
  }
}

// Where a tile lies on the canvas.
export function boxOf({ left, top, width, height }, at) {
  return [left, top, left + width, top + height]
    .map((place, k) => snap(at.corner[k % 2] + place * at.factor, at.ratio));
}

// `most`: of a smaller copy. Another turn of a tile is another picture.
export function tileUrl(s, key, most = 0) {
  const small = most ? `&most=${most}` : "";
  return `${s.data.tile}/${key}.png?side=after${small}&turn=${s.turns[key] ?? 0}`;
}
