// Pictures that somebody pastes or drops, sent to the studio to begin from.

const WRITES = "input, textarea, [contenteditable]";

// The picture among what was pasted or dropped; none where words are pasted into a field.
export function findPicture(from, target) {
  const picture = [...(from?.files ?? [])].find((file) => file.type.startsWith("image/"));
  const words = from?.types.includes("text/plain") && target?.matches?.(WRITES);
  return words ? undefined : picture;
}

// {start}, its hash, or {wrong}, what is wrong with it.
export async function sendPicture(file) {
  const query = new URLSearchParams({ file: file.name });
  const answer = await fetch(`/start?${query}`, { method: "PUT", body: file }).catch(() => null);
  if (!answer) return { wrong: "The studio does not answer. Paste it once more." };
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return { start: said.start, wrong: "" };
  return { wrong: `${said.message ?? "It could not be taken."} ${said.remedy ?? ""}` };
}
