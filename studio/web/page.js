// On every page, before Streamlit's own scripts.
//
// A step of the browser's history is what a person did: one gesture makes one at most, what a page
// adds to its address by itself makes none, and neither does typing. Who is led to another page by
// a callback gets its address twice, first below the page that is left: that is one step. "?" shows
// the keys. And where the menu lies over the page, it goes once a page was chosen.

(() => {
  const TYPED = "NAMES OF TYPED FIELDS".split(" ");
  const WRITING = "input, textarea, select, [contenteditable=true]";
  let acted = false;
  let early = false; // a step was made since, below the page that may be left

  for (const kind of ["pointerdown", "keydown"]) {
    addEventListener(kind, () => { acted = true; early = false; }, true);
  }

  const chosen = (search) => {
    const said = new URLSearchParams(search);
    TYPED.forEach((name) => said.delete(name));
    return said.toString();
  };

  const push = history.pushState;
  history.pushState = (state, title, address) => {
    const to = new URL(address ?? "", location.href);
    const other = to.pathname !== location.pathname;
    const again = other && early && to.search === location.search;
    const chose = acted && chosen(to.search) !== chosen(location.search);
    const step = other ? !again : chose;
    early = step && !other;
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
