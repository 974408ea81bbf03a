// A long list of choices is sifted by what is typed above it: a choice that does not hold every word is hidden; one that is
// chosen stays in sight. The field says whose choices they are: `data-sift="id"`. Without scripts the style sheet hides it.

function sift(field) {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const choice of document.getElementById(field.dataset.sift)?.children ?? []) {
    const text = choice.textContent.toLowerCase();
    choice.hidden = !choice.querySelector(":checked") && !words.every((word) => text.includes(word));
  }
}

document.addEventListener("input", (event) => {
  if (event.target.dataset?.sift) sift(event.target);
});

// Enter looks for something here; it does not send the form around it.
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && event.target.dataset?.sift) event.preventDefault();
});

// A page that comes back keeps what was typed.
addEventListener("pageshow", () => document.querySelectorAll("[data-sift]").forEach(sift));
