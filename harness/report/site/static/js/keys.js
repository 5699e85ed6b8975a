/* The keyboard: rows with j and k, cells with the arrows, and what the keys are. Never while a field is typed in. */

const KEYS = [
  ["/", "search"],
  ["j, k", "next and previous row (in a row also ↓ and ↑)"],
  ["←, →", "cells of the row"],
  ["Enter", "open the cell that is marked, or the case"],
  ["o", "show or hide the remedies of the row"],
  ["Escape", "unmark the cell; in the search: empty it"],
  ["t", "theme: auto, light, dark"],
  ["?", "this list"],
];
const CURSOR = { row: null, strip: null, at: 0, link: null };

function startKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (document.querySelector("dialog[open]")) return;
    const act = isTyping(event.target) ? typingKey(event) : keyAction(event);
    if (act !== null && act() !== false) event.preventDefault();
  });
  document.addEventListener("focusin", (event) => {
    if (CURSOR.strip !== null && event.target !== CURSOR.link) clearCursor();
  });
}

function isTyping(target) {
  return Boolean(target.closest?.("input:not([type=checkbox]), textarea, select, [contenteditable]"));
}

function typingKey(event) {
  return event.key === "Escape" && event.target.name === "q" ? () => leaveSearch(event.target) : null;
}

/** Empties the search; leaves it when it is empty. */
function leaveSearch(box) {
  if (box.value === "") return box.blur();
  box.value = "";
  box.dispatchEvent(new Event("input", { bubbles: true }));
}

function keyAction({ key, target }) {
  const everywhere = { "?": showKeys, t: nextTheme, "/": focusSearch, j: () => moveRow(1), k: () => moveRow(-1), Escape: clearCursor };
  if (Object.hasOwn(everywhere, key)) return everywhere[key];
  const row = target.closest?.(".heat-row");
  if (!row) return null;
  const inRow = {
    ArrowDown: () => moveRow(1),
    ArrowUp: () => moveRow(-1),
    ArrowRight: () => moveCell(row, 1),
    ArrowLeft: () => moveCell(row, -1),
    Enter: openCell,
    o: () => openRemedies(row),
  };
  return Object.hasOwn(inRow, key) ? inRow[key] : null;
}

function focusSearch() {
  const box = document.getElementById("q");
  if (box !== null) return selectAll(box);
  window.addEventListener("hashchange", () => setTimeout(() => selectAll(document.getElementById("q"))), { once: true });
  go(link("overview"));
  return true;
}

function selectAll(box) {
  box?.focus();
  box?.select();
  return true;
}

/* Rows. */

function shownRows() {
  return [...document.querySelectorAll(".heat .row-link, .case-table th .id")].filter((each) => each.checkVisibility());
}

function moveRow(step) {
  const rows = shownRows();
  if (rows.length === 0) return false;
  const now = document.activeElement?.closest(".heat-row, tr")?.querySelector(".row-link, .id") ?? null;
  const at = rows.indexOf(now);
  const kept = rows.indexOf(CURSOR.row);
  const next = at >= 0 ? at + step : Math.max(0, kept);
  focusRow(rows[Math.min(rows.length - 1, Math.max(0, next))]);
  return true;
}

function focusRow(target) {
  clearCursor();
  CURSOR.row = target;
  target.focus({ preventScroll: true });
  target.closest(".heat-row, tr").scrollIntoView({ block: "nearest", inline: "nearest" });
}

function openRemedies(row) {
  const opener = row.querySelector(".opener");
  opener?.click();
  return opener !== null;
}

/* Cells. */

function moveCell(row, step) {
  const places = [...row.querySelectorAll(".strip")].flatMap((strip) => STRIPS.get(strip).group.columns.map((_, at) => ({ strip, at })));
  if (places.length === 0) return false;
  const now = places.findIndex((each) => each.strip === CURSOR.strip && each.at === CURSOR.at);
  const next = now < 0 ? (step > 0 ? 0 : places.length - 1) : Math.min(places.length - 1, Math.max(0, now + step));
  const target = row.querySelector(".row-link");
  if (document.activeElement !== target) target.focus();
  markCell(places[next], target);
  return true;
}

function markCell({ strip, at }, target) {
  clearCursor();
  Object.assign(CURSOR, { row: target, strip, at, link: target });
  const place = placeIn(strip, at);
  const cursor = h("span", { class: "cursor", style: { "--at": String(at) } });
  strip.append(cursor);
  cursor.scrollIntoView({ block: "nearest", inline: "nearest" });
  const box = cursor.getBoundingClientRect();
  showTip(place, box.right, box.bottom);
  announce(`${columnWords(place.environment)}: ${cellWords(place.cell)}`);
}

function clearCursor() {
  hideTip();
  if (CURSOR.strip === null) return false;
  CURSOR.strip.querySelector(".cursor")?.remove();
  Object.assign(CURSOR, { strip: null, at: 0, link: null });
  return true;
}

function openCell() {
  if (CURSOR.strip === null) return false;
  const target = placeLink(placeIn(CURSOR.strip, CURSOR.at));
  clearCursor();
  go(target);
  return true;
}

/* The list of keys. */

function showKeys() {
  if (document.getElementById("keys") === null) document.body.append(keysDialog());
  document.getElementById("keys").showModal();
  return true;
}

function keysDialog() {
  const dialog = h("dialog", { id: "keys", "aria-labelledby": "keys-title" });
  const rows = KEYS.map(([key, words]) => [h("dt", {}, h("kbd", { text: key })), h("dd", { text: words })]);
  append(dialog, [
    h("h2", { id: "keys-title", text: "Keys" }),
    h("dl", { class: "keys" }, rows),
    h("button", { type: "button", class: "button", text: "Close", on: { click: () => dialog.close() } }),
  ]);
  return dialog;
}
