// Everything by keyboard.
//
// `data-key="F8"` (or "Ctrl+Enter", "Alt+1") on a link, button or field: the key presses or focuses it. The keys of a
// page are listed in `[data-keys-list]`. Single letters are not offered: they belong to the scan box.
//
// `data-grid` on a table: arrow keys move between the controls of its cells, Enter goes down (Shift+Enter up, at the
// last row to the top of the next column), Home and End with Ctrl go to the corners, Escape gives back the value that
// the page came with. `data-focus` on an element gives it the focus when the page opens.
//
// A menu that is open closes with Escape, and when something beside it is pressed.
//
// The problems above a form lead to their fields; each begins with what its field is called.

function keyOf(event) {
  const held = [event.ctrlKey && "Ctrl", event.altKey && "Alt", event.shiftKey && "Shift"].filter(Boolean);
  return [...held, event.key.length === 1 ? event.key.toUpperCase() : event.key].join("+");
}

function labelOf(element) {
  const text = element.getAttribute("aria-label") || element.labels?.[0]?.textContent || element.textContent;
  return text.replace(element.querySelector("kbd")?.textContent ?? "", "").trim();
}

function press(event) {
  if (event.defaultPrevented || event.isComposing) return;
  const element = document.querySelector(`[data-key="${CSS.escape(keyOf(event))}"]`);
  if (!element || element.disabled) return;
  event.preventDefault();
  if (element.matches("a, button, summary")) {
    element.click();
  } else {
    element.focus();
    element.select?.();
  }
}

function listKeys() {
  const list = document.querySelector("[data-keys-list]");
  for (const element of document.querySelectorAll("[data-key]")) {
    element.setAttribute("aria-keyshortcuts", element.dataset.key.replace("Ctrl", "Control"));
    if (!list) continue;
    const entry = document.createElement("span");
    const key = document.createElement("kbd");
    key.textContent = element.dataset.key.replace("+", " ");
    entry.append(key, " ", labelOf(element));
    list.append(entry);
  }
}

const controlIn = (cell) => cell?.querySelector("input:not([type=hidden]):not(:disabled), select, textarea, button, a");

/** The nearest cell with a control from (row, column), stepping by (down, right); null at the edge. */
function find(table, row, column, down, right) {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  for (let r = row + down, c = column + right; rows[r]?.cells[c]; r += down, c += right) {
    const control = controlIn(rows[r].cells[c]);
    if (control) return control;
  }
  return null;
}

/** The first control of the next column to the right that has one. */
function nextColumn(table, column) {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const width = Math.max(...rows.map((row) => row.cells.length));
  for (let c = column + 1; c < width; c += 1) {
    for (const row of rows) {
      const control = controlIn(row.cells[c]);
      if (control) return control;
    }
  }
  return null;
}

function atEdge(control, key) {
  if (!(control instanceof HTMLInputElement) || control.selectionStart === null) return true;
  const whole = control.selectionStart === 0 && control.selectionEnd === control.value.length;
  if (key === "ArrowLeft") return whole || control.selectionEnd === 0;
  return whole || control.selectionStart === control.value.length;
}

function move(event) {
  const table = event.target.closest?.("table[data-grid]");
  const cell = event.target.closest?.("td, th");
  if (!table || !cell || event.isComposing || event.altKey || event.target.matches("textarea")) return;
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  const row = rows.indexOf(cell.parentElement);
  const column = cell.cellIndex;
  const isSelect = event.target.matches("select");
  let to = null;
  if (event.key === "Enter" && !event.ctrlKey && event.target.matches("input, select")) {
    event.preventDefault();                                  // Enter must not send a half-filled worksheet
    to = event.shiftKey ? find(table, row, column, -1, 0) : find(table, row, column, 1, 0) ?? nextColumn(table, column);
  } else if (event.key === "ArrowDown" && !isSelect) to = find(table, row, column, 1, 0);
  else if (event.key === "ArrowUp" && !isSelect) to = find(table, row, column, -1, 0);
  else if (event.key === "ArrowRight" && atEdge(event.target, event.key)) to = find(table, row, column, 0, 1);
  else if (event.key === "ArrowLeft" && atEdge(event.target, event.key)) to = find(table, row, column, 0, -1);
  else if (event.key === "Home" && event.ctrlKey) to = nextColumn(table, -1);
  else if (event.key === "End" && event.ctrlKey) to = [...table.querySelectorAll("tbody :is(td, th)")].reverse().map(controlIn).find(Boolean);
  else if (event.key === "Escape" && event.target.matches("input")) {
    event.target.value = event.target.defaultValue;
    event.target.dispatchEvent(new Event("input", { bubbles: true }));
  }
  if (!to) return;
  event.preventDefault();
  to.focus();
  to.select?.();
}

function closeMenus(event) {
  if (event.type === "keydown" && event.key !== "Escape") return;
  for (const menu of document.querySelectorAll(".menu[open], .nav details[open]")) {
    const isInside = menu.contains(event.target);
    if (event.type === "click" && isInside) continue;
    menu.open = false;
    if (isInside) menu.querySelector("summary").focus();
  }
}

function nameProblems() {
  const colon = document.documentElement.lang.startsWith("zh") ? "：" : ": ";
  for (const link of document.querySelectorAll('[data-focus] li > a[href^="#f-"]')) {
    const field = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    const label = field?.labels?.[0] ?? field?.querySelector("legend");
    const name = label?.textContent.replace("*", "").trim();
    if (name) link.prepend(name + colon);
  }
}

document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);
document.addEventListener("keydown", move);
document.addEventListener("keydown", press);
listKeys();
nameProblems();
document.querySelector("[data-focus]")?.focus();
