// Keeps an unsent form on this device, for forms that are filled in where the network is poor.
//
// `<form data-draft="sampling-form/PERSON/TASK">`: what is typed is kept in localStorage under that name, half a second
// after the last change and when the page is left. When the page opens again and a draft is there, the element
// `[data-draft-offer]` of the form is shown (it is `hidden` in the page): its `[data-draft-restore]` button fills the
// form in, `[data-draft-discard]` forgets the draft, `[data-draft-time]` shows when it was kept.
// `[data-draft-left="NAME"]` on any page is shown when such a draft is on this device.
// A draft ends only when the server says so: the page after a success carries `data-draft-done="NAME"`.
// Never kept: passwords, files, and hidden fields, except those marked `data-draft-keep` (the UUID made by the client,
// which makes sending twice harmless). The name holds the person, so that a shared telephone mixes nothing.

const PREFIX = "draft:";
const PAUSE_MS = 500;               // wait after the last key, so that typing costs nothing
const OLDEST_MS = 14 * 86_400_000;  // two weeks: longer than any sampling trip, then it is forgotten

const kept = (control) => control.name && !/^(password|file|submit|button)$/.test(control.type) &&
  (control.type !== "hidden" || control.hasAttribute("data-draft-keep"));

function read(name) {
  try {
    const draft = JSON.parse(localStorage.getItem(PREFIX + name));
    if (draft && Date.now() - draft.at < OLDEST_MS) return draft;
    localStorage.removeItem(PREFIX + name);
  } catch { /* storage refused, or not our text: there is no draft */ }
  return null;
}

function keep(form) {
  const fields = [...form.elements].filter(kept).map((control) => {
    const ticked = control.type === "checkbox" || control.type === "radio";
    return { name: control.name, value: control.value, ...(ticked && { checked: control.checked }) };
  });
  try {
    localStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify({ at: Date.now(), fields }));
  } catch { /* storage full or refused: the form works as it would without a draft */ }
}

function restore(form, draft) {
  const seen = new Map();           // several fields may share a name: they are filled in order
  for (const field of draft.fields) {
    const ticked = "checked" in field;
    const same = [...form.elements].filter((control) => kept(control) && control.name === field.name);
    const order = seen.get(field.name) ?? 0;
    const control = ticked ? same.find((one) => one.value === field.value) : same[order];
    seen.set(field.name, order + 1);
    if (!control) continue;
    if (ticked) control.checked = field.checked;
    else control.value = field.value;
    control.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

function tellTime(element, draft) {
  const time = element.querySelector("[data-draft-time]");
  if (!time) return;
  time.dateTime = new Date(draft.at).toISOString();
  time.textContent = new Date(draft.at).toLocaleString(document.documentElement.lang || undefined, { timeZone: "Asia/Shanghai", hour12: false });
}

function watch(form) {
  const name = form.dataset.draft;
  const draft = read(name);
  const offer = form.querySelector("[data-draft-offer]");
  let timer;
  let changed = false;
  form.addEventListener("input", () => {
    changed = true;
    clearTimeout(timer);
    timer = setTimeout(() => keep(form), PAUSE_MS);
  });
  addEventListener("pagehide", () => { if (changed) keep(form); });
  if (!draft || !offer) return;
  tellTime(offer, draft);
  offer.hidden = false;
  offer.querySelector("[data-draft-restore]")?.addEventListener("click", () => {
    restore(form, draft);
    changed = true;
    keep(form);
    offer.hidden = true;
  });
  offer.querySelector("[data-draft-discard]")?.addEventListener("click", () => {
    clearTimeout(timer);
    changed = false;
    localStorage.removeItem(PREFIX + name);
    offer.hidden = true;
  });
}

/** Tells on another page that a draft is left on this device. */
function tellLeft(element) {
  const draft = read(element.dataset.draftLeft);
  if (!draft) return;
  tellTime(element, draft);
  element.hidden = false;
}

for (const done of document.querySelectorAll("[data-draft-done]")) {
  try { localStorage.removeItem(PREFIX + done.dataset.draftDone); } catch { /* nothing was kept either */ }
}
document.querySelectorAll("form[data-draft]").forEach(watch);
document.querySelectorAll("[data-draft-left]").forEach(tellLeft);
