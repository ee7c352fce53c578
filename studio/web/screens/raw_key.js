// The key R: a finished picture gives way to the raw one that it came from, and back.

const TYPING = "input:not([type=range], [type=checkbox]), textarea, select, [contenteditable=true]";

// Calls `press` with each R that is not typed; it returns whether there is something to show. What
// this returns ends it. Streamlit runs the page anew for R, so it must not hear it, nor that it is
// held.
export function listenForRaw(press) {
  let ours = false;
  const heard = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "r") return;
    const at = event.composedPath()[0];
    if ((at instanceof Element && at.closest(TYPING)) || document.querySelector('[role="dialog"]')) return;
    if (!event.repeat) ours = press(event);
    if (!ours) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener("keydown", heard, true);
  return () => removeEventListener("keydown", heard, true);
}
