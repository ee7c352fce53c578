// Drawings that are not saved yet, in this browser's own store. Without one nothing is kept, and
// nothing fails.

const SHELF = "housestyle masks";

function askStore(mode, ask) {
  return new Promise((answer) => {
    const asked = indexedDB.open(SHELF, 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("masks");
    asked.onerror = () => answer(undefined); // a private window may have none
    asked.onsuccess = () => {
      const going = asked.result.transaction("masks", mode);
      const got = ask(going.objectStore("masks"));
      going.oncomplete = () => (asked.result.close(), answer(got.result));
      going.onerror = going.onabort = () => (asked.result.close(), answer(undefined));
    };
  }).catch(() => undefined);
}

export const getDraft = (name) => askStore("readonly", (store) => store.get(name));
export const putDraft = (name, kept) => askStore("readwrite", (store) => store.put(kept, name));
export const deleteDraft = (name) => askStore("readwrite", (store) => store.delete(name));
