/* The same as a table, in words: for screen readers, and for everybody who prefers words. */

const OUTCOMES = ["holds", "holds in part", "refuted", "undecided"];

function caseTable() {
  const table = { rows: INDEX.cases.flatMap(tableRows) };
  const names = ["Case", "Title", "Library", "Kind", "Device", "Failure", "Remedies", "Not as the case says"];
  const body = h("tbody", {}, table.rows.map((row) => row.element));
  const head = h("thead", {}, h("tr", {}, names.map((name) => h("th", { scope: "col", text: name }))));
  table.caption = h("caption", { text: "Cases, with the history of their failure in words, over all releases of each axis" });
  table.element = h(
    "div",
    { class: "table-scroll", role: "region", tabindex: "0", "aria-label": "Table of cases" },
    h("table", { class: "case-table" }, table.caption, head, body),
  );
  return table;
}

function tableRows(subject) {
  const devices = subject.devices.length > 0 ? subject.devices : [null];
  return devices.map((device) => ({ subject, device, element: tableRow(subject, device) }));
}

function tableRow(subject, device) {
  return h(
    "tr",
    { hidden: true },
    h("th", { scope: "row" }, h("a", { class: "id", href: link("case", [subject.id]), text: subject.id })),
    h("td", { text: subject.title }),
    h("td", { text: subject.library }),
    h("td", { text: subject.kind }),
    h("td", { text: device ?? "none" }),
    h("td", {}, toldList(subject, device)),
    h("td", {}, remedyList(subject)),
    h("td", {}, unexpectedList(subject, device)),
  );
}

function toldList(subject, device) {
  const told = subject.told.filter((each) => each.variant === 0 && each.device === device);
  if (told.length === 0) return "not measured";
  const isAlone = ({ axis }) => axis !== null && INDEX.axes[axis].environments.length === 1;
  const axes = told.filter((each) => !isAlone(each)).map((each) => [axisTitle(each.axis), each.words]);
  const items = [...axes, ...aloneByStatus(subject, device, told.filter(isAlone))];
  return h("ul", { class: "plain" }, items.map(([place, words]) => h("li", {}, h("strong", { text: `${place}: ` }), words)));
}

/** Environments that stand alone on their axis, such as pairs, together by what was seen there. */
function aloneByStatus(subject, device, told) {
  const places = new Map();
  for (const { axis } of told) {
    const [place] = INDEX.axes[axis].environments;
    const cell = cellAt(subject, 0, place, device);
    const words = statusWords(cell?.status ?? null, cell ?? {});
    places.set(words, [...(places.get(words) ?? []), `${INDEX.environments[place].label} ${INDEX.axes[axis].words}`]);
  }
  return [...places].map(([words, names]) => [words, names.join(", ")]);
}

function axisTitle(axis) {
  return axis === null ? "beside the axes" : INDEX.axes[axis].words;
}

function remedyList(subject) {
  const remedies = subject.variants.slice(1);
  const groups = OUTCOMES.map((outcome) => [outcome, remedies.filter((each) => (each.remedy ?? "undecided") === outcome)]);
  const filled = groups.filter(([, found]) => found.length > 0);
  if (filled.length === 0) return "none documented";
  return h(
    "ul",
    { class: "plain" },
    filled.map(([outcome, found]) => h("li", {}, h("strong", { text: `${outcome}: ` }), found.map(remedyTitle).join(", "))),
  );
}

/** Cells of a device that are not as the case says, by variant and status. */
function unexpectedCells(subject, device) {
  const found = [];
  (subject.cells[device] ?? []).forEach((letters, variant) => {
    const byStatus = new Map();
    for (const { index, 0: letter } of letters.matchAll(/[A-Z]/g)) {
      const { status } = decoded(letter);
      byStatus.set(status, [...(byStatus.get(status) ?? []), INDEX.environments[index].id]);
    }
    for (const [status, environments] of byStatus) found.push({ subject, device, variant: subject.variants[variant].name, status, environments });
  });
  return found;
}

function unexpectedList(subject, device) {
  const found = unexpectedCells(subject, device);
  if (found.length === 0) return "none";
  return h("ul", { class: "plain" }, found.map((each) => h("li", {}, unexpectedWords(each))));
}

function unexpectedWords({ subject, device, variant, status, environments }) {
  const linked = environmentLinks(environments, (name) => cellLink(subject.id, variant, name, device, status));
  return [h("code", { text: variant }), ": ", markWithWord(status), " in ", linked];
}
