// What becomes of the prompts, told while they are typed in the page's own two fields: characters
// and tokens counted, what is sent, what is unknown. What stands in the fields goes into the
// person's draft, too. A picture that is pasted or dropped anywhere on the page is the trigger
// `picture`, its hash. `data` is {style, version, adapters, values, prompt, negative, read, most,
// hint, tab}, where `read` is how the studio reads `prompt` and `negative`, and `tab` a sign of this
// tab, of which the draft knows what it wrote over.

import { findPicture, sendPicture } from "./pasted_picture.js";

const READ_MS = 150; // after a key
const KEEP_MS = 700;
const FIELDS = { prompt: ".st-key-prompt textarea", negative: ".st-key-negative input" };

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsPrompt ??= begin(root));
  s.component = component;
  s.data = component.data;
  const now = typed(s);
  if (isSame(now, s.data)) {
    s.kept = now; // a rerun has put it into the draft
    s.read = s.data.read;
  } else readSoon(s);
  render(s);
}

function begin(root) {
  const s = { root, asked: 0 };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  listen(s, "input", (event) => isField(event.target) && changed(s));
  listen(s, "visibilitychange", () => document.hidden && keepDraft(s));
  listen(s, "paste", (event) => takePicture(s, event, event.clipboardData));
  listen(s, "dragover", (event) => showVeil(s, event));
  listen(s, "dragleave", (event) => !event.relatedTarget && (s.$("veil").hidden = true));
  listen(s, "drop", (event) => {
    s.$("veil").hidden = true;
    if (!isUploader(event)) takePicture(s, event, event.dataTransfer);
  });
  return s;
}

// For as long as this is on the page.
function listen(s, kind, act) {
  const heard = (event) => {
    if (s.root.isConnected) act(event);
    else document.removeEventListener(kind, heard);
  };
  document.addEventListener(kind, heard);
}

const isField = (element) => Object.values(FIELDS).some((one) => element.matches?.(one));
const isSame = (one, other) => one.prompt === other.prompt && one.negative === other.negative;

// What stands in the fields; a field that is not on the page holds what the studio knows.
export function typed(s) {
  const found = {};
  for (const [name, where] of Object.entries(FIELDS)) {
    found[name] = document.querySelector(where)?.value ?? s.data[name];
  }
  return found;
}

function changed(s) {
  readSoon(s);
  clearTimeout(s.keeping);
  s.keeping = setTimeout(() => keepDraft(s), KEEP_MS);
  render(s);
}

function readSoon(s) {
  clearTimeout(s.reading);
  s.reading = setTimeout(() => readNow(s), READ_MS);
}

async function readNow(s) {
  const turn = (s.asked += 1);
  const { style, version, adapters, values } = s.data;
  const read = await send("POST", "/prompt/read", { style, version, adapters, values, ...typed(s) });
  if (turn !== s.asked || !read) return; // something newer is on its way
  s.read = await read.json().catch(() => s.read);
  render(s);
}

function keepDraft(s) {
  clearTimeout(s.keeping);
  const now = typed(s);
  if (s.kept && isSame(now, s.kept)) return;
  const { prompt: was, negative: was_negative } = s.kept ?? s.data;
  s.kept = now;
  send("PUT", "/prompt/draft", { ...now, tab: s.data.tab, was, was_negative }, true);
}

async function send(method, path, body, keepalive = false) {
  const headers = { "Content-Type": "application/json", "X-Housestyle": "1" };
  const answer = await fetch(path, { method, headers, keepalive, body: JSON.stringify(body) })
    .catch(() => null);
  return answer?.ok ? answer : null;
}

function render(s) {
  const now = typed(s);
  const { most, hint } = s.data;
  const read = s.read ?? s.data.read;
  renderCount(s.$("count"), "", now.prompt, read.tokens, most);
  renderCount(s.$("negative"), "Negative prompt: ", now.negative, read.negative_tokens, most);
  s.$("negative").hidden = !now.negative;
  const notes = read.notes.map(({ kind, text }) => {
    const item = document.createElement("li");
    item.className = kind;
    item.textContent = text;
    return item;
  });
  if (s.told !== JSON.stringify(read.notes)) s.$("notes").replaceChildren(...notes);
  s.told = JSON.stringify(read.notes);
  const list = s.$("notes");
  if (list.scrollHeight > list.clientHeight) list.tabIndex = 0; // the keyboard scrolls it
  else list.removeAttribute("tabindex");
  const empty = !now.prompt.trim();
  s.$("sent").hidden = empty || !read.sent;
  s.$("start").textContent = `Sent as: ${read.sent}`;
  s.$("whole").textContent = read.sent;
  s.$("hint").hidden = !empty || !hint;
  s.$("hint").textContent = hint;
}

function renderCount(element, lead, text, tokens, most) {
  const length = [...text].length;
  const characters = `${length.toLocaleString("en")} of ${most.toLocaleString("en")} characters`;
  element.textContent = lead + [tokens, characters].filter(Boolean).join(" · ");
  element.classList.toggle("over", length > most);
}

const isUploader = (event) => event.composedPath()
  .some((one) => one.dataset?.testid === "stFileUploaderDropzone");

function showVeil(s, event) {
  const over = event.dataTransfer?.types.includes("Files") && !isUploader(event);
  s.$("veil").hidden = !over;
  if (over) event.preventDefault();
}

async function takePicture(s, event, from) {
  const picture = findPicture(from, event.target);
  if (!picture) return;
  event.preventDefault();
  const { start, wrong } = await sendPicture(picture);
  s.$("wrong").hidden = !wrong;
  s.$("wrong").textContent = wrong;
  if (start) s.component.setTriggerValue("picture", start);
}
