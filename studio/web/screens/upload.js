// Files go straight to the studio's disk, several at a time; 5,000 of them are no more trouble
// than five. `data` is {token, most_bytes, most_files, hint}, and for files
// that are no pictures `lead` and `to`, the route below /upload; the answer is the trigger `said`,
// {token, sent}, once all have arrived. A file that the studio refuses is noted there, with why.

const AT_ONCE = 6;
const TRIES = 4;

export function mount(component) {
  const root = component.parentElement;
  const s = (root.hsUpload ??= begin(root));
  s.component = component;
  s.data = component.data;
  s.$("hint").textContent = s.data.hint;
  if (s.data.lead) s.$("lead").textContent = s.data.lead;
}

function begin(root) {
  const s = { root, going: null };
  s.$ = (name) => root.querySelector(`[data-part="${name}"]`);
  const drop = s.$("drop");
  for (const way of ["files", "folder"]) {
    const input = s.$(`${way}-input`);
    s.$(way).addEventListener("click", () => input.click());
    input.addEventListener("change", () => {
      const chosen = [...input.files].map((file) => [file, file.webkitRelativePath || file.name]);
      input.value = ""; // the same folder may be chosen again
      sendFiles(s, chosen);
    });
  }
  s.$("stop").addEventListener("click", () => s.going?.stop());
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    // The list is empty once this function waits for anything, so entries are taken first.
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.());
    const loose = [...event.dataTransfer.files].map((file) => [file, file.name]);
    const known = entries.every(Boolean) && entries.length;
    sendFiles(s, known ? (await Promise.all(entries.map(listFiles))).flat() : loose);
  });
  window.addEventListener("beforeunload", (event) => s.going && event.preventDefault());
  return s;
}

// The files of a dropped entry with their paths; a folder tells a hundred of them at a time.
export async function listFiles(entry) {
  if (entry.isFile) {
    const file = await new Promise((yes, no) => entry.file(yes, no));
    return [[file, entry.fullPath.replace(/^\//, "")]];
  }
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    const some = await new Promise((yes, no) => reader.readEntries(yes, no));
    if (!some.length) return found;
    for (const one of some) found.push(...(await listFiles(one)));
  }
}

async function sendFiles(s, chosen) {
  if (s.going || !chosen.length) return;
  const files = chosen.filter(([, name]) => !name.split("/").some((part) => part.startsWith(".")));
  const total = files.reduce((sum, [file]) => sum + file.size, 0);
  const wrong = explainExcess(s.data, files, total);
  showMessage(s, wrong);
  if (wrong || !files.length) return;
  const going = (s.going = { stopped: false, requests: new Set(), sent: 0, failed: 0 });
  going.stop = () => {
    going.stopped = true;
    for (const request of going.requests) request.abort();
  };
  s.$("going").hidden = false;
  let done = 0;
  const under = new Map();
  const show = () => {
    const bytes = done + [...under.values()].reduce((sum, part) => sum + part, 0);
    s.$("bar").value = total ? bytes / total : 1;
    const count = `${going.sent.toLocaleString()} of ${files.length.toLocaleString()} files`;
    s.$("count").textContent = `${count}, ${formatBytes(bytes)} of ${formatBytes(total)}`;
  };
  show();
  try {
    const token = s.data.token || (await fetchToken());
    const queue = [...files];
    const lane = async () => {
      for (let next = queue.shift(); next && !going.stopped; next = queue.shift()) {
        const [file, name] = next;
        const there = await sendFile(going, s.data.to ?? "", token, file, name, (part) => {
          under.set(name, part);
          show();
        });
        under.delete(name);
        done += file.size;
        going.sent += 1;
        if (!there && !going.stopped) going.failed += 1;
        show();
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    if (going.failed) showMessage(s, `${going.failed} files did not arrive. Drop them once more.`);
    s.component.setTriggerValue("said", { token, sent: going.sent });
  } catch (error) {
    showMessage(s, error.message);
  } finally {
    s.going = null;
    s.$("going").hidden = true;
  }
}

async function fetchToken() {
  const answer = await fetch("/upload", { method: "POST", headers: { "X-Housestyle": "1" } });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(`${said.message ?? "The studio does not answer."} ${said.remedy ?? ""}`);
  return said.token;
}

// True when the studio has the file, or has said that it can't use it.
async function sendFile(going, to, token, file, name, part) {
  const query = new URLSearchParams({ name, size: file.size });
  for (let tries = 1; tries <= TRIES && !going.stopped; tries += 1) {
    const status = await new Promise((answer) => {
      const request = new XMLHttpRequest();
      request.open("PUT", `/upload/${to}${token}?${query}`);
      request.upload.onprogress = (event) => part(event.loaded);
      request.onloadend = () => {
        going.requests.delete(request);
        answer(request.status);
      };
      going.requests.add(request);
      request.send(file);
    });
    if (status >= 200 && status < 500) return status < 300 || status === 422;
    await new Promise((later) => setTimeout(later, 300 * tries * tries));
  }
  return false;
}

export function explainExcess(data, files, total) {
  if (files.length > data.most_files) {
    const most = data.most_files.toLocaleString();
    return `These are ${files.length.toLocaleString()} files; one upload takes up to ${most}. Send them in parts.`;
  }
  if (total > data.most_bytes) {
    const what = files.length === 1 ? `${files[0][1]} has` : "Together these files have";
    return `${what} ${formatBytes(total)}; one upload takes up to ${formatBytes(data.most_bytes)}. ${data.instead}`;
  }
  return "";
}

function showMessage(s, text) {
  s.$("wrong").textContent = text;
  s.$("wrong").hidden = !text;
}

export function formatBytes(bytes) {
  return bytes >= 2 ** 30 ? `${(bytes / 2 ** 30).toFixed(1)} GB` : `${(bytes / 2 ** 20).toFixed(1)} MB`;
}
