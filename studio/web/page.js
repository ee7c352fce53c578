// On every page, before Streamlit's own scripts.
//
// A step of the browser's history is what a person did: one gesture makes one at most, what a page
// adds to its address by itself makes none, and neither does typing. What a page that was left by
// Back still says of its address is passed over. "?" shows the keys. And where the menu lies over
// the page, it goes once a page was chosen.

(() => {
  const TYPED = "NAMES OF TYPED FIELDS".split(" ");
  const WRITING = "input, textarea, select, [contenteditable=true]";
  let acted = false;
  let wentBack = false;

  const gesture = () => { acted = true; wentBack = false; };
  for (const kind of ["pointerdown", "keydown"]) addEventListener(kind, gesture, true);
  // A screen reader presses without either.
  addEventListener("click", (event) => { if (event.detail === 0) gesture(); }, true);
  addEventListener("popstate", () => { acted = false; wentBack = true; }, true);

  const chosen = (search) => {
    const said = new URLSearchParams(search);
    TYPED.forEach((name) => said.delete(name));
    return said.toString();
  };

  // What a page adds to its address by itself takes nothing out of it.
  const loses = (search) => {
    const said = new URLSearchParams(search);
    return [...new URLSearchParams(location.search)].some(([name, value]) =>
      said.get(name) !== value);
  };

  const push = history.pushState;
  history.pushState = (state, title, address) => {
    const to = new URL(address ?? "", location.href);
    const other = to.pathname !== location.pathname;
    if (wentBack && (other || loses(to.search))) return;
    const step = acted && (other || chosen(to.search) !== chosen(location.search));
    acted = false;
    (step ? push : history.replaceState).call(history, state, title, address);
  };

  addEventListener("keydown", (event) => {
    const at = event.composedPath()[0];
    if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey) return;
    if (at instanceof Element && at.closest(WRITING)) return;
    if (document.querySelector('[role="dialog"]')) return;
    document.querySelector(".st-key-keys button")?.click();
  }, true);

  addEventListener("click", (event) => {
    const at = event.target;
    if (innerWidth > 768 || !(at instanceof Element)) return;
    if (!at.closest('[data-testid="stSidebar"] a[data-testid="stPageLink-NavLink"]')) return;
    document.querySelector('[data-testid="stSidebarCollapseButton"] button')?.click();
  });
})();
