/* The heat map: a row for each case, a strip of runs for each group of columns, and where the pointer is. */

const STRIPS = new WeakMap();
const TOLD = new Map(INDEX.cases.map((subject) => [subject, toldByAxis(subject)]));

function toldByAxis(subject) {
  const failure = subject.told.filter((each) => each.variant === 0);
  return new Map(failure.map((each) => [`${each.device} ${each.axis}`, each.words]));
}

function heatSection(library, subjects) {
  const groups = groupsFor(library, subjects);
  const section = { library, groups, shown: groups, drawn: null };
  section.head = h("div", { class: "heat-head", role: "group", "aria-label": `Environments of the columns for ${library}` });
  section.column = h("div", { class: "heat-column", hidden: true });
  section.list = h("ul", { class: "heat-rows" });
  section.count = h("span", { class: "muted heat-count" });
  section.rows = subjects.map((subject) => heatRow(section, subject));
  section.list.append(...section.rows.map((row) => row.element));
  section.grid = h("div", { class: "heat-grid" }, section.column, section.head, section.list);
  section.scroller = h("div", { class: "heat-scroll", role: "region", tabindex: "0", "aria-label": `Heat map of ${library}` }, section.grid);
  const id = `library-${encodeURIComponent(library)}`;
  section.corner = h("div", { class: "heat-corner" }, h("h2", { id }, library, " ", section.count));
  section.element = h("section", { class: "heat", "aria-labelledby": id }, section.scroller);
  followPointer(section);
  return section;
}

/* Rows. */

function heatRow(section, subject) {
  const row = { section, subject, drawn: null, remedies: null, device: null };
  row.strips = h("div", { class: "strips" });
  row.opener = subject.variants.length > 1 ? remedyOpener(row) : null;
  row.failure = h("div", { class: "heat-row" }, rowName(row), row.strips);
  row.element = h("li", { class: "heat-case", hidden: true, dataset: { case: subject.id } }, row.failure);
  return row;
}

function rowName({ subject, opener }) {
  return h(
    "div",
    { class: "heat-name" },
    h(
      "div",
      { class: "heat-id" },
      h("a", { class: "row-link", href: link("case", [subject.id]), text: subject.id }),
      h("span", { class: "kind", text: subject.kind }),
      rowFlags(subject),
    ),
    opener,
    h("div", { class: "heat-title", title: subject.title, text: subject.title }),
  );
}

function rowFlags(subject) {
  const flags = [];
  const unexpected = unexpectedCount(subject);
  if (unexpected > 0) flags.push(h("span", { class: "flag flag-unexpected", text: `${unexpected} not as the case says` }));
  if (disagreeingDevices(subject)) flags.push(h("span", { class: "flag", text: "devices disagree" }));
  return flags;
}

function unexpectedCount(subject) {
  const found = Object.values(subject.cells).flatMap((rows) => rows.map((row) => row.match(/[A-Z]/g)?.length ?? 0));
  return found.reduce((sum, each) => sum + each, 0);
}

/** Whether two devices gave different evidence in the same environment. */
function disagreeingDevices(subject) {
  const [first, ...others] = Object.values(subject.cells);
  return others.some((rows) => rows.some((row, variant) => [...row].some((letter, at) => isDisagreement(first[variant][at], letter))));
}

function isDisagreement(one, other) {
  const [a, b] = [decoded(one), decoded(other)];
  return Boolean(a?.measured && b?.measured && isEvidence(a.status) && isEvidence(b.status) && a.status !== b.status);
}

function remedyOpener(row) {
  const count = row.subject.variants.length - 1;
  const words = `${count} ${count === 1 ? "remedy" : "remedies"}`;
  const click = () => toggleRemedies(row);
  return h("button", { type: "button", class: "opener", "aria-expanded": "false", "aria-label": `${words} of ${row.subject.id}`, text: words, on: { click } });
}

function toggleRemedies(row) {
  const isOpen = row.opener.getAttribute("aria-expanded") === "true";
  row.opener.setAttribute("aria-expanded", String(!isOpen));
  if (row.remedies === null) {
    row.remedies = row.subject.variants.slice(1).map((variant, position) => remedyRow(row, variant, position + 1));
    row.list = h("ul", { class: "remedies", "aria-label": `Remedies of ${row.subject.id}` }, row.remedies.map((each) => each.element));
    row.element.append(row.list);
  }
  row.list.hidden = isOpen;
  if (!isOpen) drawRemedies(row);
}

function remedyRow(row, variant, position) {
  const strips = h("div", { class: "strips" });
  const told = [variant.source, variant.remedy].filter(Boolean).join(", ");
  const name = h(
    "div",
    { class: "heat-name remedy-name" },
    h(
      "div",
      { class: "heat-id" },
      h("a", { class: "row-link remedy-link", href: link("case", [row.subject.id]), text: remedyTitle(variant) }),
      h("span", { class: "kind", text: told }),
    ),
    h("div", { class: "heat-title", title: variant.claim, text: variant.claim }),
  );
  return { position, strips, element: h("li", { class: "heat-row" }, name, strips) };
}

function remedyTitle(variant) {
  return variant.name.replace(/^fix_/, "");
}

/** Draws a case's strips for a device and the groups of its section, unless they stand already. */
function drawRow(row, device, key) {
  if (row.drawn === key) return;
  row.drawn = key;
  row.device = device;
  replace(row.strips, stripsOf(row, 0));
  if (row.opener?.getAttribute("aria-expanded") === "true") drawRemedies(row);
}

function drawRemedies(row) {
  for (const remedy of row.remedies) replace(remedy.strips, stripsOf(row, remedy.position));
}

function stripsOf({ subject, device, section }, variant) {
  const letters = subject.cells[device]?.[variant] ?? "";
  return section.shown.map((group) => {
    const strip = stripOf(letters, group);
    strip.setAttribute("aria-label", stripWords(subject, variant, device, group, letters));
    STRIPS.set(strip, { subject, variant, device, group });
    return strip;
  });
}

/** One element per run of equal cells: an element per cell would be slow for many cases. */
function stripOf(letters, { columns, isWide }) {
  const strip = document.createElement("div");
  strip.className = isWide ? "strip is-wide" : "strip";
  strip.setAttribute("role", "img");
  strip.style.setProperty("--columns", columns.length);
  for (const { letter, at, length } of runsOf(letters, columns)) {
    const cell = decoded(letter);
    if (cell === null) continue;
    const run = document.createElement("span");
    run.className = `run mark-${shapeOf(cell.status)}${cell.measured ? "" : " mark-inferred"}${cell.expected ? "" : " mark-unexpected"}`;
    run.style.setProperty("--at", at);
    run.style.setProperty("--length", length);
    strip.append(run);
  }
  return strip;
}

function stripWords(subject, variant, device, group, letters) {
  const told = variant === 0 && !group.isLimited ? toldWords(subject, device, group) : "";
  return `${group.name}: ${told || runWords(letters, group)}`;
}

function toldWords(subject, device, group) {
  const histories = group.axes.map((axis) => [INDEX.axes[axis], TOLD.get(subject).get(`${device} ${axis}`)]).filter(([, words]) => words);
  return histories.map(([axis, words]) => (group.axes.length > 1 ? `${axis.words}: ${words}` : words)).join("; ");
}

/* The head. */

function drawHead(section) {
  replace(section.head, section.corner, h("div", { class: "strips" }, section.shown.map(headGroup)));
  const width = ({ columns, isWide }) => `max(${columns.length} * var(${isWide ? "--wide" : "--cell"}), var(--least)) + var(--gap)`;
  const widths = section.shown.map(width);
  section.grid.style.setProperty("--strips", `(${["0px", ...widths].join(" + ")})`);
}

function headGroup(group) {
  const environments = group.columns.map((each) => INDEX.environments[each]);
  return h(
    "div",
    { class: group.isWide ? "head-group is-wide" : "head-group", style: { "--columns": String(environments.length) } },
    h("div", { class: "head-name", title: `${group.name}: ${group.about}`, text: group.name }),
    h("div", { class: "head-years" }, yearTicks(environments)),
    h("div", { class: "head-labels" }, environments.map((each) => headLabel(each, group))),
  );
}

function headLabel(environment, group) {
  const props = { class: "head-label", href: link("environment", [environment.id]), title: columnTitle(environment), tabindex: "-1" };
  return h("a", props, columnLabels(environment, group).map((text) => h("span", { text })));
}

/** The years of release over the columns, each once per run of columns. */
function yearTicks(environments) {
  const years = environments.map((each) => (each.released ?? "").slice(0, 4));
  return runsOf(years, [...years.keys()]).map(({ letter: year, length }) =>
    h("span", { class: year ? "head-year" : "head-year head-undated", style: { "--length": String(length) }, text: length > 1 ? year : year.slice(2) && `’${year.slice(2)}` }),
  );
}

/* The pointer. */

function followPointer(section) {
  section.scroller.addEventListener("pointermove", (event) => showPlace(section, placeAt(event), event));
  section.scroller.addEventListener("pointerleave", () => hidePlace(section));
  section.scroller.addEventListener("scroll", () => hidePlace(section), { passive: true });
  section.scroller.addEventListener("click", (event) => {
    const place = placeAt(event);
    if (place !== null) go(placeLink(place));
  });
}

/** The cell under the pointer; null beside the strips. */
function placeAt(event) {
  const strip = event.target.closest?.(".strip");
  if (!strip) return null;
  const { left, width } = strip.getBoundingClientRect();
  const { columns } = STRIPS.get(strip).group;
  const at = Math.min(columns.length - 1, Math.max(0, Math.floor(((event.clientX - left) / width) * columns.length)));
  return placeIn(strip, at);
}

function placeIn(strip, at) {
  const { subject, variant, device, group } = STRIPS.get(strip);
  const cell = decoded(subject.cells[device]?.[variant]?.[group.columns[at]]);
  return { strip, at, subject, variant, device, cell, environment: INDEX.environments[group.columns[at]] };
}

function placeLink({ subject, variant, device, cell, environment }) {
  if (!cell?.measured) return link("case", [subject.id]);
  return link("cell", [subject.id, subject.variants[variant].name, environment.id, device]);
}

function showPlace(section, place, { clientX, clientY }) {
  if (place === null) return hidePlace(section);
  const cell = place.strip.offsetWidth / STRIPS.get(place.strip).group.columns.length;
  const left = place.strip.getBoundingClientRect().left - section.grid.getBoundingClientRect().left + place.at * cell;
  section.column.hidden = false;
  section.column.style.setProperty("left", `${left}px`);
  section.column.style.setProperty("width", `${cell}px`);
  showTip(place, clientX, clientY);
}

function hidePlace(section) {
  section.column.hidden = true;
  hideTip();
}

/* What is said beside the pointer; the same is announced for the keyboard. */

function showTip({ variant, subject, device, cell, environment }, x, y) {
  const tip = document.getElementById("tip") ?? document.body.appendChild(h("div", { id: "tip", class: "tip", "aria-hidden": "true" }));
  const status = cell?.status ?? null;
  const known = status === null ? "" : INDEX.meanings[status];
  replace(
    tip,
    h("p", { class: "tip-name", text: columnTitle(environment) }),
    h("p", { class: "marked" }, mark(status, { ...cell, hidden: true }), ` ${cellWords(cell)}`),
    known && h("p", { text: known }),
    h("p", { text: `${subject.id} ${subject.variants[variant].name} on ${device ?? "no device"}` }),
  );
  tip.hidden = false;
  const left = Math.max(8, Math.min(x + 14, window.innerWidth - tip.offsetWidth - 8));
  const below = y + 18 + tip.offsetHeight < window.innerHeight;
  tip.style.setProperty("left", `${left}px`);
  tip.style.setProperty("top", `${below ? y + 18 : Math.max(8, y - tip.offsetHeight - 12)}px`);
}

function hideTip() {
  const tip = document.getElementById("tip");
  if (tip !== null) tip.hidden = true;
}
