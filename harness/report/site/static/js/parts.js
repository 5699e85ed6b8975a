/* Pieces that the pages of a case, a cell and an environment share. */

const LONG_TEXT = { characters: 8000, lines: 120 };
const COPIED_SHOWN = 2000;

/** Where the page stands: each step is [text, address]; the last is the page itself. */
function breadcrumb(...steps) {
  const items = steps.map(([text, address]) =>
    h("li", {}, address ? h("a", { href: address, text }) : h("span", { "aria-current": "page", text: shortened(text, 300) })),
  );
  return h("nav", { class: "breadcrumb", "aria-label": "Where this page stands" }, h("ol", {}, items));
}

function pageHead(steps, eyebrow, title, ...below) {
  return h(
    "header",
    { class: "page-head" },
    breadcrumb(...steps),
    h("h1", { tabindex: "-1" }, eyebrow ? [h("span", { class: "eyebrow", text: eyebrow }), " "] : null, title),
    below,
  );
}

/** A section with its heading; null where it holds nothing. */
function part(id, title, ...children) {
  const shown = children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
  if (shown.length === 0) return null;
  const heading = h("h2", { id: `part-${id}`, tabindex: "-1", text: title });
  return h("section", { class: `part part-${id}`, "aria-labelledby": `part-${id}`, dataset: { part: title } }, heading, shown);
}

/** Buttons that lead to the sections of a page: a fragment would be taken for an address. */
function onThisPage(sections) {
  const buttons = sections.filter(Boolean).map((section) =>
    h("button", { type: "button", class: "button", text: section.dataset.part, on: { click: () => showPart(section) } }),
  );
  return h("nav", { class: "on-this-page", "aria-label": "On this page" }, buttons);
}

function showPart(section) {
  section.scrollIntoView();
  section.querySelector("h2").focus({ preventScroll: true });
}

/** Terms and what is known of them, "wide" where that is long; what is not known is left out. */
function facts(...pairs) {
  const known = pairs.filter((pair) => pair && pair[1] !== null && pair[1] !== undefined && pair[1] !== "" && pair[1].length !== 0);
  return h("dl", { class: "facts" }, known.map(([term, value, size]) => h("div", { class: size }, h("dt", { text: term }), h("dd", {}, value))));
}

/** A table with caption and scopes. The first cell of every row is its heading. */
function dataTable({ caption, columns, rows, kind = "", hidden = false }) {
  const head = h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column)));
  const body = rows.map(([first, ...others]) =>
    h("tr", {}, h("th", { scope: "row" }, first), others.map((value) => h("td", {}, value))),
  );
  const title = h("caption", { class: hidden ? "visually-hidden" : null, text: caption });
  return scrollable(`Table: ${caption}`, h("table", { class: `data-table ${kind}` }, title, h("thead", {}, head), h("tbody", {}, body)));
}

/** What may be wider than the page scrolls by itself, also with the keyboard. */
function scrollable(label, ...children) {
  return h("div", { class: "scrollable", role: "region", tabindex: "0", "aria-label": label }, children);
}

function folded(summary, ...children) {
  return h("details", { class: "disclosure folded" }, h("summary", {}, summary), children);
}

/** A command to be copied. */
function command(text) {
  const code = h("code", { text });
  const copy = h("button", { type: "button", class: "button copy", "aria-label": `Copy: ${clipped(text, 200)}`, text: "Copy", on: { click: () => copyText(text, code, copy) } });
  return h("div", { class: "command" }, h("pre", {}, code), copy);
}

/** To the clipboard; where there is none, the text is selected, to be copied by hand. */
async function copyText(text, source, button) {
  try {
    await navigator.clipboard.writeText(text);
    tellCopied(button, "Copied");
  } catch {
    getSelection().selectAllChildren(source);
    tellCopied(button, "Selected");
  }
}

function tellCopied(button, word) {
  announce(word === "Copied" ? "Copied." : "Selected: copy it with the keyboard.");
  button.textContent = word;
  setTimeout(() => (button.textContent = "Copy"), COPIED_SHOWN);
}

/** Foreign text as it is, line by line; folded away where it is long, with its size. */
function foreignText(title, text) {
  const lines = text.split("\n").length;
  const block = h("pre", { class: "foreign", tabindex: "0", role: "region", dir: "ltr", "aria-label": title, text });
  const isLong = lines > LONG_TEXT.lines || text.length > LONG_TEXT.characters;
  return isLong ? folded(`${counted(lines, "line")}, ${counted(text.length, "character")}`, block) : block;
}

/** What an object of the data holds by a name, which may be that of something every object has. */
function own(object, name) {
  return Object.hasOwn(object, name) ? object[name] : null;
}

function counted(number, one, many = `${one}s`) {
  return `${number.toLocaleString("en")} ${number === 1 ? one : many}`;
}

function clipped(text, most) {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}

/** Text for a line or a cell of a table: of what is very long the beginning, and how much more there is. */
function shortened(text, most = 1200) {
  return text.length <= most ? text : `${text.slice(0, most)}… (${counted(text.length - most, "character")} more)`;
}

/** A long name that may be broken after its separators. */
function breakable(name) {
  const pieces = shortened(name, 300).split(/(?<=[.+@/-])(?=\w)|(?<=[A-Za-z0-9]_)(?=[A-Za-z0-9])/);
  return h("span", { class: "breakable" }, pieces.flatMap((piece, index) => (index === 0 ? [piece] : [h("wbr"), piece])));
}

function code(text) {
  return h("code", {}, breakable(text));
}

function joinedBy(separator, items) {
  return items.flatMap((item, index) => (index === 0 ? [item] : [separator, item]));
}

function linkToCase(subject, text = subject.id) {
  return h("a", { href: link("case", [subject.id]), text });
}

function linkToEnvironment(environment) {
  return h("a", { href: link("environment", [environment.id]) }, breakable(environment.id));
}

/** Text in which ids of cases are links. */
function withCaseLinks(text) {
  return shortened(text).split(/([\w-]+-\d+)/).map((piece) => (caseById(piece) ? linkToCase(caseById(piece)) : piece));
}

function cellAddress(subject, variant, environment, device) {
  return link("cell", [subject.id, variant, environment.id, device]);
}

/** A cell's status in a table: shape and word, with a link to its evidence. */
function linkToEvidence(subject, variant, environment, device) {
  const cell = cellAt(subject, variant, environment, device);
  if (cell === null) return h("span", { class: "blank", text: "not measured" });
  const name = subject.variants[variant].name;
  const address = cellAddress(subject, name, INDEX.environments[environment], device);
  return h("a", { class: "evidence", href: address }, markWithWord(cell.status, cell));
}

function whenUTC(text) {
  return text ? `${text.slice(0, 10)} ${text.slice(11, 19)} UTC` : null;
}

/** A variant as people name it: a remedy without its prefix. */
function remedyName(name) {
  return name.replace(/^fix_/, "");
}

/** An axis as the reader of a library's cases needs it: of another library, that is named. */
function axisWords(axis, library) {
  return axis.library === library ? axis.words : `${axis.library} ${axis.words}`;
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function sentence(text) {
  return `${capital(text)}.`;
}

/** For a shell: quoted wherever it is not plainly a word. */
function quoted(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function shellCommand(...words) {
  return words.map(quoted).join(" ");
}
