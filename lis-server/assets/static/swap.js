// A part of a page that follows the buttons of its form without a reload.
//
// `<form data-swap="bench">`: a button with `data-part` sends the form in the background; the element with that id in the
// answer takes the place of the one here, and the address becomes the one that the answer came from. So reloading and going
// back do what they do without script. What a person changes within `[data-sends]` presses the button there. Fields beside
// the part, focus and scroll positions stay. When the network fails the form is sent as usual, and the browser says so.

const form = document.querySelector("form[data-swap]");
const part = () => document.getElementById(form.dataset.swap);

/** What finds a control again after the swap. */
function mark(control) {
  if (!control?.name || !part().contains(control)) return null;
  const value = control.matches("button, [type=radio]") ? `[value="${CSS.escape(control.value)}"]` : "";
  return `[name="${CSS.escape(control.name)}"]${value}`;
}

/** Where boxes with an id were scrolled to. */
function scrolled() {
  return [...part().querySelectorAll("[id]")].filter((box) => box.scrollTop || box.scrollLeft).map((box) => [box.id, box.scrollTop, box.scrollLeft]);
}

async function send(button) {
  const fields = new URLSearchParams(new FormData(form));
  fields.append(button.name, button.value);
  const focused = mark(document.activeElement);
  const answer = await fetch(form.action, { method: "POST", body: fields, headers: { Accept: "text/html" } });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.getElementById(form.dataset.swap);
  if (!fresh) throw new Error(`no part in the answer ${answer.status}`);
  const boxes = scrolled();
  part().replaceWith(document.adoptNode(fresh));
  for (const [id, top, left] of boxes) document.getElementById(id)?.scrollTo(left, top);
  const problem = part().querySelector("[data-focus]");
  (problem ?? (focused && part().querySelector(focused)))?.focus();
  if (answer.redirected) history.pushState(null, "", answer.url);
}

form.addEventListener("submit", async (event) => {
  const button = event.submitter;
  if (!button?.matches("[data-part]")) return;
  event.preventDefault();
  if (part().getAttribute("aria-busy") === "true") return;   // one step after the other
  part().setAttribute("aria-busy", "true");
  try {
    await send(button);
  } catch {
    delete button.dataset.part;
    form.requestSubmit(button);
  } finally {
    part().removeAttribute("aria-busy");
  }
});

form.addEventListener("change", (event) => {
  const button = event.target.closest("[data-sends]")?.querySelector("button[data-part]");
  if (button) form.requestSubmit(button);
});

// `[data-arrows]`: a row of buttons with one stop for the Tab key; the arrows go on from there.
form.addEventListener("keydown", (event) => {
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const row = step && event.target.closest("[data-arrows]");
  const next = row && [...row.children][[...row.children].indexOf(event.target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus();
});

addEventListener("popstate", () => location.reload());
