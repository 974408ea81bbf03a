// The scan box of laboratory pages (`input[data-scan]` in a GET form to /scan).
//
// A barcode scanner is a keyboard: its characters come a few milliseconds apart and end with Enter. Wherever the focus
// stands, such a burst opens /scan?code=…, unless the field with the focus asks for a code itself (`data-scan-here`).
// A burst that fell into another field is taken out of it again; a form with unsaved input is never left behind a
// person's back: then the code waits in the scan box. Without script the box has the focus and Enter sends the form.

const GAP_MS = 40;    // scanners send a character every 1-20 ms; the fastest typists need about 60
const SHORTEST = 6;   // shortest code that counts as a scan; label codes have 10 digits

const box = document.querySelector("input[data-scan]");
let burst = "";
let last = 0;
let before = null;    // the field and its text before the burst began

function takesText(element) {
  return element instanceof HTMLTextAreaElement || element.isContentEditable ||
    (element instanceof HTMLInputElement && !/^(checkbox|radio|button|submit|reset|file|range|color)$/.test(element.type));
}

function unsaved() {
  return [...document.querySelectorAll("form[method=post] :is(input, textarea, select)")].some((control) => {
    if (control.type === "hidden" || control.type === "password") return false;
    if (control.type === "checkbox" || control.type === "radio") return control.checked !== control.defaultChecked;
    if (control instanceof HTMLSelectElement) {
      const first = [...control.options].findIndex((option) => option.defaultSelected);
      return control.selectedIndex !== Math.max(first, 0);
    }
    return control.value !== control.defaultValue;
  });
}

function open(code) {
  box.value = code;
  if (unsaved()) {
    box.focus();
    box.select();
  } else {
    box.form.requestSubmit();
  }
}

function onKey(event) {
  if (event.isComposing || event.ctrlKey || event.altKey || event.metaKey) return;
  const target = event.target;
  if (target === box || target.hasAttribute?.("data-scan-here")) return;
  const quick = event.timeStamp - last < GAP_MS;
  if (event.key === "Enter") {
    if (quick && burst.length >= SHORTEST) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (before) before.field.value = before.text;
      open(burst);
    }
    burst = "";
    return;
  }
  if (event.key.length !== 1) return;                       // Shift and its like
  last = event.timeStamp;
  if (quick && burst !== "") {
    burst += event.key;
    return;
  }
  burst = event.key;
  before = takesText(target) ? { field: target, text: target.value } : null;
}

if (box) {
  document.addEventListener("keydown", onKey, true);
  // A page that came back with problems shows those first; an address with a #part keeps its own focus.
  if (!location.hash && !document.querySelector("[data-focus]") && document.activeElement === document.body) box.focus();
}
