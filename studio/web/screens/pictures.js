// A page of a dataset's pictures. Captions are written in place, a click on a picture chooses it,
// shift-click chooses all in between.
//
// Streamlit calls this again with new data; cards that are there already stay, so that nothing
// flickers and a caption that is being written is not touched. What a person does goes out as the
// trigger `said`, a list of actions, again and again until `data.taken` names them: none gets
// lost, and the server counts each id once. A caption that is still being written is kept in the
// browser, over Back and a reload. Texts are only ever set as text.

import { dropTyped, keepTyped, readTyped } from "./typed_captions.js";

const RESEND_MS = 4000;

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsPictures ??= begin(root));
  s.component = component;
  s.turn += 1;
  s.timer ??= setInterval(() => s.outbox.length && sendOutbox(s), RESEND_MS);
  takeData(s, component.data);
  const turn = s.turn;
  return () => {
    if (s.turn !== turn) return; // an older call that ended must not silence a newer one
    clearInterval(s.timer);
    s.timer = null;
  };
}

function begin(root) {
  const box = root.querySelector("[data-part=cards]");
  return { box, turn: 0, timer: null, cards: new Map(), outbox: [], chosen: new Set(), mark: -1 };
}

function takeData(s, data) {
  s.data = data;
  s.outbox = s.outbox.filter((action) => !data.taken.includes(action.id));
  if (s.mark !== data.chosen_mark) {
    s.mark = data.chosen_mark;
    s.chosen = new Set(data.chosen);
  }
  s.box.style.setProperty("--side", `${data.side}px`);
  // On a phone two stand beside each other, unless they are to be large.
  s.box.style.setProperty("--least", data.side > 200 ? "100%" : "calc(50% - 4px)");
  s.order = data.pictures.map((picture) => picture.hash);
  const cards = data.pictures.map((picture) => {
    const card = s.cards.get(picture.hash) ?? newCard(s, picture.hash);
    fillCard(s, card, picture);
    return card.box;
  });
  const same = cards.length === s.box.children.length && cards.every((c, i) => c === s.box.children[i]);
  if (!same) {
    s.box.replaceChildren(...cards);
    s.last = null;
    for (const hash of s.cards.keys()) if (!s.order.includes(hash)) s.cards.delete(hash);
  }
  if (data.reveal && data.reveal !== s.revealed) revealFirst(s, data.reveal);
}

// What has just come stands first: it is brought into sight, once.
function revealFirst(s, reveal) {
  s.revealed = reveal;
  requestAnimationFrame(() => s.box.firstElementChild?.scrollIntoView({ block: "center" }));
}

function newCard(s, hash) {
  const card = { box: newElement("div", "card") };
  card.box.setAttribute("role", "listitem");
  const show = newElement("label", "show");
  card.check = newElement("input");
  card.check.type = "checkbox";
  card.image = newElement("img");
  card.image.loading = "lazy";
  card.masked = newElement("span", "masked");
  card.masked.textContent = "contrast"; // the icon's name
  card.masked.title = "With a mask";
  card.masked.setAttribute("role", "img");
  card.masked.setAttribute("aria-label", "With a mask");
  show.append(card.check, card.image, card.masked);
  card.caption = newElement("textarea");
  card.caption.rows = 2;
  card.caption.maxLength = 1000;
  card.unsaved = newElement("button", "unsaved");
  card.unsaved.type = "button";
  card.unsaved.textContent = "Not saved yet: save";
  const foot = newElement("div", "foot");
  card.kind = newElement("span", "kind");
  card.open = newButton("open_in_full", "Details");
  card.take = newButton("delete", "Remove");
  foot.append(card.kind, card.open, card.take);
  card.notes = newElement("div", "notes");
  card.box.append(show, card.caption, card.unsaved, foot, card.notes);

  show.addEventListener("click", (event) => {
    if (event.shiftKey) event.preventDefault(); // or the browser marks text
  });
  show.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault());
  card.box.addEventListener("click", (event) => {
    if (event.shiftKey && event.target.closest(".show")) choosePictures(s, hash, !s.chosen.has(hash), true);
  });
  card.check.addEventListener("change", () => choosePictures(s, hash, card.check.checked, false));
  card.caption.addEventListener("input", () => keepTyped(s.data.place, hash, card.caption.value));
  card.caption.addEventListener("blur", () => sendCaption(s, card, hash));
  card.caption.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const next = s.cards.get(s.order[s.order.indexOf(hash) + (event.shiftKey ? -1 : 1)]);
      if (next) next.caption.focus();
      else card.caption.blur();
    } else if (event.key === "Escape") {
      card.caption.value = card.there;
      dropTyped(s.data.place, hash);
      card.caption.blur();
    }
    event.stopPropagation(); // letters are no shortcuts here
  });
  card.unsaved.addEventListener("click", () => sendCaption(s, card, hash));
  card.open.addEventListener("click", () => queueAction(s, { do: "open", hash }));
  card.take.addEventListener("click", () => {
    queueAction(s, { do: card.removed ? "bring back" : "remove", hash });
  });
  s.cards.set(hash, card);
  return card;
}

function fillCard(s, card, picture) {
  const longest = Math.max(picture.width, picture.height);
  const factor = Math.max(1, Math.floor(s.data.side / longest));
  if (card.url !== picture.url) {
    card.url = card.image.src = picture.url;
  }
  card.image.width = longest <= s.data.side ? picture.width * factor : s.data.side;
  card.image.classList.toggle("smooth", longest > s.data.side);
  card.image.alt = picture.caption;
  const waits = s.outbox.findLast((action) => action.do === "caption" && action.hash === picture.hash);
  card.there = waits ? waits.value : picture.caption;
  if (s.box.getRootNode().activeElement !== card.caption) showCaption(s, card, picture);
  card.caption.readOnly = !s.data.editable || picture.removed;
  card.caption.setAttribute("aria-label", `Caption of ${picture.name}`);
  card.caption.placeholder = s.data.editable ? "Say what it shows" : "No caption";
  card.caption.classList.toggle("new", picture.changed.includes("caption"));
  card.check.setAttribute("aria-label", `Choose ${picture.name}`);
  card.check.hidden = card.take.hidden = !s.data.editable;
  card.removed = picture.removed;
  card.take.textContent = picture.removed ? "undo" : "delete";
  labelButton(card.take, `${picture.removed ? "Bring back" : "Remove"} ${picture.name}`);
  labelButton(card.open, `Details of ${picture.name}`);
  card.masked.hidden = !picture.masked;
  card.kind.textContent = picture.category;
  card.kind.title = picture.name;
  card.notes.replaceChildren(
    ...picture.notes.map(([text, tone]) => {
      const note = newElement("span", tone);
      note.textContent = text;
      return note;
    }),
  );
  card.notes.hidden = !picture.notes.length;
  card.box.classList.toggle("removed", picture.removed);
  markChosen(s, card, picture.hash);
}

// What is saved, or what was being written when the page was left: that is saved when its field is.
function showCaption(s, card, picture) {
  const typed = s.data.editable && !picture.removed ? readTyped(s.data.place, picture.hash) : null;
  card.caption.value = typed ?? card.there;
  card.unsaved.hidden = typed === null || typed === card.there;
}

function markChosen(s, card, hash) {
  card.check.checked = s.chosen.has(hash);
  card.box.classList.toggle("chosen", s.chosen.has(hash));
}

function choosePictures(s, hash, on, range) {
  const here = s.order.indexOf(hash);
  const from = range && s.last ? s.order.indexOf(s.last) : here;
  for (const one of s.order.slice(Math.min(from, here), Math.max(from, here) + 1)) {
    if (on) s.chosen.add(one);
    else s.chosen.delete(one);
    markChosen(s, s.cards.get(one), one);
  }
  s.last = hash;
  s.outbox = s.outbox.filter((action) => action.do !== "choose"); // only the last one matters
  clearTimeout(s.soon);
  s.soon = setTimeout(() => queueAction(s, { do: "choose", hashes: [...s.chosen] }), 120);
}

function sendCaption(s, card, hash) {
  dropTyped(s.data.place, hash);
  card.unsaved.hidden = true;
  const value = card.caption.value.trim().replace(/\s+/g, " ");
  card.caption.value = value || card.there; // an empty caption is none: the one before stays
  if (!value || value === card.there || !s.data.editable) return;
  card.there = value;
  queueAction(s, { do: "caption", hash, value });
}

function queueAction(s, action) {
  // Not crypto.randomUUID: plain http within a company has no secure context.
  const random = crypto.getRandomValues(new Uint32Array(4));
  s.outbox.push({ id: [...random].map((n) => n.toString(36)).join(""), ...action });
  sendOutbox(s);
}

function sendOutbox(s) {
  s.component.setTriggerValue("said", [...s.outbox]);
}

function newElement(tag, name) {
  const made = document.createElement(tag);
  if (name) made.className = name;
  return made;
}

function newButton(icon, text) {
  const made = newElement("button");
  made.type = "button";
  made.textContent = icon;
  labelButton(made, text);
  return made;
}

function labelButton(made, text) {
  made.title = text;
  made.setAttribute("aria-label", text);
}
