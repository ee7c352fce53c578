// Fields whose drafts are kept send what stands in them shortly after the last key, and at once
// when the person goes back: Streamlit itself sends a text only when its field is left.

const QUIET_MS = 400;
const DRAFT = '[class*="st-key-draft-"]';

let field = null;
let timer = 0;
let listening = false;

export function mount() {
  if (listening) return;
  listening = true;
  document.addEventListener("input", note, true);
  // Before Streamlit's own listeners, which leave the page.
  addEventListener("popstate", sendTyped, true);
  addEventListener("pagehide", sendTyped, true);
}

function note(event) {
  if (!event.target.closest?.(DRAFT)) return;
  field = event.target;
  clearTimeout(timer);
  timer = setTimeout(sendTyped, QUIET_MS);
}

// The field believes that it was left, and entered again; the person notices nothing.
function sendTyped() {
  clearTimeout(timer);
  if (!field) return;
  const left = field;
  field = null;
  left.dispatchEvent(new FocusEvent("focusout", { bubbles: true }));
  if (left.ownerDocument.activeElement === left) {
    left.dispatchEvent(new FocusEvent("focusin", { bubbles: true }));
  }
}
