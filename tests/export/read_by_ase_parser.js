// Prints what ase-parser, given by its path, reads of an .aseprite file: sizes, durations, cels with
// their pixels in base64, layers, tags, slices and palette.

const fs = require("fs");

const [parser, file] = process.argv.slice(2);
const Aseprite = require(parser);
const read = new Aseprite(fs.readFileSync(file), file);
read.parse();
const { width, height, layers, tags, slices, palette } = read;
const frames = read.frames.map((frame) => ({
  duration: frame.frameDuration,
  cels: frame.cels.map(({ layerIndex, xpos, ypos, w, h, rawCelData }) => ({
    layer: layerIndex,
    box: [xpos, ypos, w, h],
    pixels: rawCelData.toString("base64"),
  })),
}));
console.log(JSON.stringify({ width, height, layers, tags, slices, palette, frames }));
