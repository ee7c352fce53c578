// Fields whose drafts are kept send what stands in them shortly after the last key: Streamlit
// itself sends a text only when its field is left. What was typed just before the person went away
// is held by the browser, and put in again when the field is back. (Sent at that very moment, it
// would call the page back that is being left.)

const QUIET_MS = 400;
const DRAFT = '[class*="st-key-draft-"]';
const SHELF = "housestyle typed ";

let field = null;
let timer = 0;
let listening = false;

export function mount() {
  setTimeout(putBack, QUIET_MS); // the fields come after this
  if (listening) return;
  listening = true;
  document.addEventListener("input", note, true);
  addEventListener("popstate", hold, true);
  addEventListener("pagehide", hold, true);
}

function note(event) {
  if (!event.target.closest?.(DRAFT)) return;
  field = event.target;
  clearTimeout(timer);
  timer = setTimeout(sendTyped, QUIET_MS);
}

// The field believes that it was left, and entered again; the person notices nothing.
function sendTyped() {
  const left = field;
  field = null;
  if (!left?.isConnected) return;
  sessionStorage.removeItem(SHELF + nameOf(left));
  left.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  if (document.activeElement === left) left.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
}

function hold() {
  if (field) sessionStorage.setItem(SHELF + nameOf(field), field.value);
}

function putBack() {
  for (const box of document.querySelectorAll(DRAFT)) {
    const into = box.querySelector("textarea, input");
    const typed = into && sessionStorage.getItem(SHELF + nameOf(into));
    if (typed === null || into === field) continue;
    sessionStorage.removeItem(SHELF + nameOf(into));
    // As React sees it: by the element's own setter, and an event.
    Object.getOwnPropertyDescriptor(Object.getPrototypeOf(into), "value").set.call(into, typed);
    into.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

function nameOf(one) {
  return [...one.closest(DRAFT).classList].find((name) => name.startsWith("st-key-draft-"));
}
