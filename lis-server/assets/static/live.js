// Parts of a page that follow the laboratory as values arrive.
//
// `<section id="cells" data-live="/worksheets/7/cells" data-live-every="5">` is asked for every 5 seconds (default 10)
// while the page is in view. With `data-live-events="/worksheets/7/events"` the server says by an event stream when to
// ask. The answer is HTML that holds an element with the same id: the whole page or the part alone; 204 means unchanged.
//
// Nodes stay in place and only differences are applied, so the focus, the caret and the scroll position stay. Input that
// a person has not sent is never touched, and neither are the hidden fields beside it: saving then still names the state
// that the person saw. If the server's value has moved meanwhile, the cell gets `data-newer` with that value. A cell
// with `data-value` that changed gets the class `arrived`. `data-live-say` in the answer is spoken to screen readers.
// `[data-live-state]` with `data-ok` and `data-lost` tells whether the connection stands. Without script: reload.

const GROUP = "td, th, .field, .check-row, fieldset, form";   // what one unsent input protects

function edited(control) {
  if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
  if (control instanceof HTMLSelectElement) return control.dataset.touched === "yes";
  // `data-unsent`: what was typed and came back with the page is the value of the page now, but not of the server.
  const unsent = control.dataset.unsent !== undefined && control.value !== "";
  return "defaultValue" in control && control.type !== "hidden" && (unsent || control.value !== control.defaultValue);
}

function protectedGroup(element) {
  const group = element.closest(GROUP);
  return group && [...group.querySelectorAll("input, select, textarea")].some(edited) ? group : null;
}

function copyAttributes(from, to) {
  for (const { name } of [...to.attributes]) {
    if (!from.hasAttribute(name) && name !== "class" && name !== "open") to.removeAttribute(name);   // open: a person's own
  }
  for (const { name, value } of [...from.attributes]) {
    if (to.getAttribute(name) !== value) to.setAttribute(name, value);
  }
}

function mergeControl(from, to) {
  const group = protectedGroup(to);
  if (group) {
    const value = from.getAttribute("value") ?? from.textContent;
    if (edited(to) && to.type !== "radio" && to.type !== "checkbox" && value !== (to.getAttribute("value") ?? to.textContent)) {
      group.dataset.newer = value;
    }
    return;
  }
  copyAttributes(from, to);
  if (to instanceof HTMLTextAreaElement) to.value = to.defaultValue = from.defaultValue;
  else if (to instanceof HTMLSelectElement) {
    if (to.innerHTML !== from.innerHTML) to.innerHTML = from.innerHTML;
  } else if (to.type === "checkbox" || to.type === "radio") to.checked = from.checked;
  else if (to.type !== "file") to.value = from.value;
}

/** Makes `to` equal to `from`, keeping every node that can stay. */
function merge(from, to) {
  if (to.matches("input, select, textarea")) {
    mergeControl(from, to);
    return;
  }
  if (from.isEqualNode(to) && !to.querySelector("input, select, textarea")) return;
  const moved = to.dataset.value !== undefined && from.dataset.value !== to.dataset.value;
  copyAttributes(from, to);
  to.classList.toggle("arrived", moved);
  const byId = new Map([...to.children].filter((child) => child.id).map((child) => [child.id, child]));
  let place = to.firstChild;
  for (const wanted of [...from.childNodes]) {
    let found = wanted.id ? byId.get(wanted.id) : null;
    if (!found && place && place.nodeName === wanted.nodeName && !place.id === !wanted.id && !wanted.id) found = place;
    if (!found) {
      to.insertBefore(document.importNode(wanted, true), place);
      continue;
    }
    if (found !== place) to.insertBefore(found, place);
    else place = place.nextSibling;
    if (wanted.nodeType === Node.ELEMENT_NODE) merge(wanted, found);
    else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
  }
  while (place) {
    const next = place.nextSibling;
    // A row that vanished on the server stays as long as it holds unsent input.
    const holds = place.nodeType === Node.ELEMENT_NODE && [...place.querySelectorAll("input, select, textarea")].some(edited);
    if (!holds) place.remove();
    place = next;
  }
}

function tell(ok) {
  for (const element of document.querySelectorAll("[data-live-state]")) {
    element.dataset.liveState = ok ? "ok" : "lost";
    const word = element.querySelector("[data-word]") ?? element;
    const text = ok ? element.dataset.ok : element.dataset.lost;
    if (text && word.textContent !== text) word.textContent = text;
  }
}

async function refresh(part) {
  if (part.dataset.liveBusy) return;
  part.dataset.liveBusy = "yes";
  try {
    const answer = await fetch(part.dataset.live, { headers: { Accept: "text/html" }, redirect: "error", cache: "no-cache" });
    if (answer.status === 204 || answer.status === 304) return tell(true);
    if (!answer.ok) return tell(false);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(part.id);
    if (!fresh) return tell(false);
    fresh.dataset.liveBusy = "yes";                          // so that merging does not end the guard
    merge(fresh, part);
    const said = document.querySelector("[data-live-said]");
    if (said && fresh.dataset.liveSay) said.textContent = fresh.dataset.liveSay;
    tell(true);
  } catch {
    tell(false);                                             // no network: the page keeps what it shows and says so
  } finally {
    delete part.dataset.liveBusy;
  }
}

document.addEventListener("change", (event) => {
  if (event.target instanceof HTMLSelectElement) event.target.dataset.touched = "yes";
});

for (const part of document.querySelectorAll("[data-live][id]")) {
  const seconds = Math.max(Number(part.dataset.liveEvery) || 10, 2);
  if (part.dataset.liveEvents) {
    const events = new EventSource(part.dataset.liveEvents);
    events.onmessage = () => refresh(part);
    events.onopen = () => refresh(part);
    events.onerror = () => tell(false);                      // the browser connects again by itself
    addEventListener("pagehide", () => events.close());
  } else {
    setInterval(() => { if (!document.hidden) refresh(part); }, seconds * 1000);
    document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(part); });
  }
}
