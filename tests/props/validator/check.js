"use strict";
// Reads GLB files, each behind its length (4 bytes, little-endian), and answers each with one line
// of JSON: the validator's issues and what it says of the file.

const validator = require("./gltf_validator.dart.js");

const HEAD = 4;
const OPTIONS = { maxIssues: 0, writeTimestamp: false };

async function answerAll(input) {
  let pieces = [];
  let held = 0;
  let wanted = HEAD;
  let isHead = true;
  for await (const piece of input) {
    pieces.push(piece);
    held += piece.length;
    while (held >= wanted) {
      const all = Buffer.concat(pieces);
      const block = all.subarray(0, wanted);
      pieces = [all.subarray(wanted)];
      held -= wanted;
      if (isHead) {
        wanted = block.readUInt32LE();
      } else {
        process.stdout.write(`${JSON.stringify(await check(block))}\n`);
        wanted = HEAD;
      }
      isHead = !isHead;
    }
  }
}

async function check(block) {
  try {
    const found = await validator.validateBytes(new Uint8Array(block), OPTIONS);
    return { issues: found.issues.messages, info: found.info ?? {} };
  } catch (error) {
    return { issues: [{ code: "NOT_READ", message: String(error), severity: 0 }], info: {} };
  }
}

answerAll(process.stdin);
