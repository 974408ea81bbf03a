// A form is sent once, however often the button is pressed.
//
// The server is safe by itself: every form that changes something carries a hidden field `once`, and the same key twice
// changes nothing. This module only spares the second request and shows that the first is under way: the form gets
// `aria-busy`, and a button with `data-busy="Saving…"` shows that text. A form whose answer is a download stays on the
// page: it says `data-once="no"`.

function release(form) {
  form.removeAttribute("aria-busy");
  for (const button of form.querySelectorAll("[data-idle]")) {
    button.textContent = button.dataset.idle;
    delete button.dataset.idle;
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.dataset.once === "no") return;
  if (form.getAttribute("aria-busy") === "true") {
    event.preventDefault();
    return;
  }
  form.setAttribute("aria-busy", "true");
  const button = event.submitter;
  if (button?.dataset.busy) {
    button.dataset.idle = button.textContent;
    button.textContent = button.dataset.busy;
  }
});

// Coming back with the browser's back button shows the page as it was left: the form may be sent again.
addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[aria-busy]").forEach(release);
});
