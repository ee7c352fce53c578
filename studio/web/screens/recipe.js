// How something was made, line by line; what can be used again is copied by a button. Texts are
// only ever set as text, never as HTML.

export function mount({ parentElement: root, data }) {
  const told = root.querySelector("[data-part=told]");
  const rows = data.rows.map(({ name, value, copied }) => {
    const row = document.createElement("div");
    row.appendChild(document.createElement("dt")).textContent = name;
    const held = row.appendChild(document.createElement("dd"));
    held.appendChild(document.createElement("span")).textContent = value;
    if (copied) {
      const button = held.appendChild(document.createElement("button"));
      button.type = "button";
      button.textContent = "Copy";
      button.setAttribute("aria-label", `Copy ${name.toLowerCase()}`);
      button.addEventListener("click", async () => {
        told.textContent = (await copyText(value)) ? `${name} copied.` : "Mark it and press Ctrl+C.";
      });
    }
    return row;
  });
  root.querySelector("[data-part=rows]").replaceChildren(...rows);
}

// Where the clipboard is kept from pages (plain http) the older way does for text.
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}
