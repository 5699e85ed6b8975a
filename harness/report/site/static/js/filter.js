/* What is asked for: read from the address, written to it, shown in the form, and held against every case. */

const MANY = ["library", "kind", "status"];
const REMEDY_STATUSES = new Set(["works", "refuted"]);
const STATUSES = Object.values(INDEX.letters);
const DEVICES = [...new Set(INDEX.cases.flatMap((subject) => subject.devices))].sort();
const KNOWN = {
  library: new Set(INDEX.cases.map((subject) => subject.library)),
  kind: new Set(INDEX.cases.map((subject) => subject.kind)),
  status: new Set(STATUSES),
};

function emptyFilter() {
  return { q: "", api: "", device: "", from: "", to: "", view: "", library: new Set(), kind: new Set(), status: new Set(), ignored: [] };
}

function filterOf(params) {
  const filter = emptyFilter();
  for (const [name, value] of params) {
    if (value === "") continue;
    if (!accepted(filter, name, value)) filter.ignored.push([name, value]);
  }
  return filter;
}

/** Takes a value into the filter; false where it means nothing here. */
function accepted(filter, name, value) {
  if (MANY.includes(name)) return KNOWN[name].has(value) && Boolean(filter[name].add(value));
  if (!isKnownValue(filter, name, value) || filter[name] !== "") return false;
  filter[name] = value;
  return true;
}

function isKnownValue(filter, name, value) {
  if (name === "q" || name === "api") return true;
  if (name === "device") return DEVICES.includes(value);
  if (name === "view") return value === "table";
  if (name !== "from" && name !== "to") return false;
  const release = releaseByName(value);
  const other = releaseByName(name === "from" ? filter.to : filter.from);
  return release !== null && (other === null || other.library === release.library);
}

function paramsOf(filter) {
  const params = new URLSearchParams();
  for (const name of ["q", ...MANY, "api", "device", "from", "to", "view"]) {
    const values = MANY.includes(name) ? [...filter[name]].sort() : [filter[name]];
    for (const value of values) if (value !== "") params.append(name, value);
  }
  for (const [name, value] of filter.ignored) params.append(name, value);
  return params;
}

function isFiltering(filter) {
  return [...paramsOf({ ...filter, view: "", ignored: [] })].length > 0;
}

const SEARCHED = new Map(
  INDEX.cases.map((subject) => {
    const variants = subject.variants.flatMap((variant) => [variant.name, variant.claim]);
    return [subject, [subject.id, subject.title, subject.kind, ...subject.api, ...variants].join("\n").toLowerCase()];
  }),
);
const SEARCHED_API = new Map(INDEX.cases.map((subject) => [subject, subject.api.join("\n").toLowerCase()]));

/** A question made once per change of the filter: is this case, shown with these groups, asked for? */
function matcherOf(filter) {
  const words = filter.q.toLowerCase().split(/\s+/).filter(Boolean);
  const api = filter.api.trim().toLowerCase();
  const range = filter.from || filter.to ? `${filter.from}..${filter.to}` : "";
  return (subject, groups) => {
    if (!words.every((word) => SEARCHED.get(subject).includes(word))) return false;
    if (filter.library.size > 0 && !filter.library.has(subject.library)) return false;
    if (filter.kind.size > 0 && !filter.kind.has(subject.kind)) return false;
    if (api && !SEARCHED_API.get(subject).includes(api)) return false;
    if (filter.device && !(filter.device in subject.cells)) return false;
    if (range === "" && filter.status.size === 0) return true;
    const seen = statusesIn(subject, deviceFor(subject, filter), groups, range);
    if (range !== "" && !seen.any) return false;
    return filter.status.size === 0 || [...filter.status].some((each) => seen[REMEDY_STATUSES.has(each) ? "remedies" : "failure"].has(each));
  };
}

/** The device that a case is shown on: the one asked for, or the processor, or what there is. */
function deviceFor(subject, filter) {
  return filter.device || (subject.devices.includes("cpu") ? "cpu" : (subject.devices[0] ?? null));
}

const SEEN = new Map();

function statusesIn(subject, device, groups, range) {
  const key = `${subject.id} ${device} ${range}`;
  if (!SEEN.has(key)) SEEN.set(key, seenStatuses(subject.cells[device] ?? [], groups));
  return SEEN.get(key);
}

function seenStatuses(rows, groups) {
  const columns = groups.flatMap((group) => group.columns);
  const letters = (row) => new Set(columns.map((each) => decoded(row[each])?.status).filter(Boolean));
  const failure = rows.length > 0 ? letters(rows[0]) : new Set();
  const remedies = new Set(rows.slice(1).flatMap((row) => [...letters(row)]));
  return { failure, remedies, any: failure.size + remedies.size > 0 };
}

/* The form. */

function filterForm(typed) {
  const search = h("input", { type: "search", name: "q", id: "q", placeholder: "Words of a title, an id, an api, a remedy", spellcheck: "false" });
  const more = h("div", { class: "filter-more", id: "filter-more" }, moreFields(), allChips());
  const form = h("form", { class: "filter", role: "search", "aria-label": "Cases", autocomplete: "off" }, field("Search", search), moreToggle(more), more);
  form.addEventListener("input", (event) => typed(readForm(form, event.target)));
  form.addEventListener("submit", (event) => event.preventDefault());
  return form;
}

function moreFields() {
  return [apiField(), deviceField(), releaseField("From release", "from"), releaseField("To release", "to")];
}

function allChips() {
  const sorted = (name) => [...KNOWN[name]].sort();
  return [chips("Library", "library", sorted("library")), chips("Kind", "kind", sorted("kind")), chips("Status", "status", STATUSES)];
}

/** On narrow screens, where only this button and the search are shown at first. */
function moreToggle(more) {
  const toggle = h("button", { type: "button", class: "button more-toggle", "aria-expanded": "false", "aria-controls": more.id, text: "More filters" });
  toggle.addEventListener("click", () => setMore(toggle, toggle.getAttribute("aria-expanded") === "false"));
  return toggle;
}

function setMore(toggle, isOpen) {
  toggle.setAttribute("aria-expanded", String(isOpen));
}

function field(label, control) {
  return h("div", { class: `field field-${control.name}` }, h("label", { for: control.id, text: label }), control);
}

function chips(legend, name, values) {
  return h(
    "fieldset",
    { class: `chips chips-${name}` },
    h("legend", { text: legend }),
    h("div", { class: "chip-row" }, values.map((value) => chip(name, value))),
  );
}

function chip(name, value) {
  const shape = name === "status" ? mark(value, { hidden: true }) : null;
  const box = h("input", { type: "checkbox", class: "chip-box", name, value });
  return h("label", { class: "chip" }, box, h("span", { class: "chip-face" }, shape, value));
}

function apiField() {
  const names = [...new Set(INDEX.cases.flatMap((subject) => subject.api))].sort();
  const known = h("datalist", { id: "apis" }, names.map((name) => h("option", { value: name })));
  const box = field("API", h("input", { type: "text", name: "api", id: "api", list: "apis", spellcheck: "false" }));
  box.append(known);
  return box;
}

function deviceField() {
  const options = DEVICES.map((device) => h("option", { value: device, text: device }));
  return field("Device", h("select", { name: "device", id: "device" }, h("option", { value: "", text: "any" }), options));
}

function releaseField(label, name) {
  const groups = [...RELEASES].map(([library, releases]) =>
    h("optgroup", { label: library }, releases.map((each) => h("option", { value: each.name, text: releaseText(each) }))),
  );
  return field(label, h("select", { name, id: name }, h("option", { value: "", text: "any" }), groups));
}

function releaseText({ library, version, released }) {
  return `${library} ${version}${released ? ` (${released})` : ""}`;
}

function readForm(form, touched) {
  const filter = emptyFilter();
  for (const [name, value] of new FormData(form)) {
    if (MANY.includes(name)) filter[name].add(value);
    else filter[name] = value;
  }
  dropOtherLibrary(filter, form, touched?.name);
  return filter;
}

/** A range is of one library: what was chosen last says which. */
function dropOtherLibrary(filter, form, touched) {
  const [from, to] = [releaseByName(filter.from), releaseByName(filter.to)];
  if (from === null || to === null || from.library === to.library) return;
  const dropped = touched === "to" ? "from" : "to";
  filter[dropped] = "";
  form.elements[dropped].value = "";
}

/** Shows in the form what was read from the address. */
function fillForm(form, filter) {
  for (const name of ["q", "api", "device", "from", "to"]) form.elements[name].value = filter[name];
  for (const box of form.querySelectorAll("input[type=checkbox]")) box.checked = filter[box.name].has(box.value);
  if (isFiltering({ ...filter, q: "" })) setMore(form.querySelector(".more-toggle"), true);
}

/** Statuses that no cell has are offered only while they are asked for. */
function showStatusChips(form, filter, present) {
  for (const box of form.querySelectorAll("input[name=status]")) {
    box.closest("label").hidden = !present.has(box.value) && !filter.status.has(box.value);
  }
}
