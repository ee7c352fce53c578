// The key R: a finished picture gives way to the raw one that it came from, and back.

import { isTyping } from "./sitting.js";

// Calls `press` for each R that is not typed; it returns whether there is something to show. What
// it returns to its caller ends that. Streamlit runs the page anew for R, so it must not hear it.
export function listenForRaw(press) {
  const heard = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.key.toLowerCase() !== "r" || isTyping(event)) return;
    if (document.querySelector('[role="dialog"]') || !press()) return;
    event.preventDefault();
    event.stopImmediatePropagation();
  };
  addEventListener("keydown", heard, true);
  return () => removeEventListener("keydown", heard, true);
}
