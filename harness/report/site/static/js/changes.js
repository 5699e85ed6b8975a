/* The report as a whole: its counts, what is not as its case says, and what changed since the last one. */

const CHANGES_SHOWN = 200;
const UNEXPECTED_SHOWN = 6;
const ENVIRONMENTS_SHOWN = 6;

function countsLine() {
  const { counts, measured } = INDEX;
  const many = (count, one) => `${count} ${one}${count === 1 ? "" : "s"}`;
  const dates = measured.first === measured.last ? measured.first : `${measured.first} to ${measured.last}`;
  const parts = [
    many(counts.cases, "case"),
    many(counts.environments, "environment"),
    `${many(counts.cells, "cell")}: ${counts.expected} as the cases say, ${counts.unexpected} not as the cases say, ${counts.no_evidence} without evidence`,
    measured.first === null ? "nothing measured" : `measured ${dates}`,
  ];
  return h("ul", { class: "counts" }, parts.map((part) => h("li", { text: part })));
}

function unexpectedBox() {
  const found = INDEX.cases.flatMap((subject) => subject.devices.flatMap((device) => unexpectedCells(subject, device)));
  if (found.length === 0) return null;
  const cells = found.reduce((sum, each) => sum + each.environments.length, 0);
  const items = found.map((each) => h("li", {}, caseLink(each.subject.id), " ", unexpectedWords(each), DEVICES.length > 1 && ` on ${each.device}`));
  const rest = items.slice(UNEXPECTED_SHOWN);
  const more = h("details", { class: "disclosure" }, h("summary", { text: `${rest.length} more` }), bounded(h("ul", { class: "plain" }), rest, CHANGES_SHOWN));
  return h(
    "section",
    { class: "unexpected", "aria-labelledby": "unexpected" },
    h("h2", { id: "unexpected", text: `${cells === 1 ? "1 cell is" : `${cells} cells are`} not as the case says` }),
    h("ul", { class: "plain" }, items.slice(0, UNEXPECTED_SHOWN)),
    rest.length > 0 && more,
  );
}

function changesBox() {
  const changes = INDEX.changes;
  const body = changes === null ? [h("p", { text: "No earlier report is known." })] : changesBody(changes);
  return h(
    "details",
    { class: "disclosure changes", open: false },
    h("summary", {}, h("span", { class: "disclosure-name", text: changesTitle(changes) }), " ", h("span", { class: "muted", text: changesCount(changes) })),
    h("div", { class: "disclosure-body" }, body),
  );
}

function changesTitle(changes) {
  return changes?.since ? `What changed since ${changes.since}` : "What changed since the last report";
}

function changesCount(changes) {
  if (changes === null) return "no earlier report is known";
  const cells = changes.cells.reduce((sum, each) => sum + each.environments.length, 0);
  const counts = [
    [cells, "cell", "cells"],
    [changes.cases.added.length, "new case", "new cases"],
    [changes.cases.removed.length, "case gone", "cases gone"],
    [changes.environments.added.length, "new environment", "new environments"],
    [changes.environments.removed.length, "environment gone", "environments gone"],
  ];
  return counts.filter(([count]) => count > 0).map(([count, one, many]) => `${count} ${count === 1 ? one : many}`).join(", ") || "nothing";
}

function changesBody(changes) {
  const { cases, environments, cells } = changes;
  const parts = [
    namesPart("New cases", cases.added, caseLink),
    namesPart("Cases gone", cases.removed, plainName),
    namesPart("New environments", environments.added, environmentLink),
    namesPart("Environments gone", environments.removed, plainName),
    cells.length > 0 && h("h3", { text: "Cells" }),
    cells.length > 0 && bounded(h("ul", { class: "plain" }), cells.map(changedCell), CHANGES_SHOWN),
  ].filter(Boolean);
  return parts.length > 0 ? parts : [h("p", { text: "Nothing: every cell is as it was." })];
}

function namesPart(title, names, linked) {
  if (names.length === 0) return null;
  const items = names.flatMap((name, position) => (position === 0 ? [linked(name)] : [", ", linked(name)]));
  return h("p", {}, h("strong", { text: `${title}: ` }), items.slice(0, 2 * CHANGES_SHOWN), names.length > CHANGES_SHOWN ? ` and ${names.length - CHANGES_SHOWN} more` : null);
}

/** The list with the first items only, and how many were left out. */
function bounded(list, items, most) {
  append(list, items.slice(0, most));
  if (items.length > most) list.append(h("li", { class: "muted", text: `and ${items.length - most} more` }));
  return list;
}

function changedCell({ case: id, variant, device, environments, ...sides }) {
  return h(
    "li",
    { class: "change" },
    caseLink(id),
    " ",
    h("code", { text: variant }),
    ` on ${device}: `,
    changedStatus(sides, "before", "not measured"),
    " ",
    h("span", { "aria-hidden": "true", text: "→" }),
    h("span", { class: "visually-hidden", text: " became " }),
    " ",
    changedStatus(sides, "after", "no longer measured"),
    " in ",
    environmentLinks(environments, (name) => cellLink(id, variant, name, device, sides.after)),
  );
}

function changedStatus(sides, side, otherwise) {
  if (sides[side] === null) return h("span", { class: "marked" }, mark(null, { hidden: true }), ` ${otherwise}`);
  return markWithWord(sides[side], { expected: sides[`${side}_agreement`] !== "unexpected" });
}

function environmentLinks(names, linked) {
  const shown = names.slice(0, ENVIRONMENTS_SHOWN).flatMap((name, position) => (position === 0 ? [linked(name)] : [", ", linked(name)]));
  const left = names.length - ENVIRONMENTS_SHOWN;
  return [...shown, left > 0 ? ` and ${left} more` : null];
}

function cellLink(id, variant, environment, device, status) {
  const isThere = status !== null && caseById(id) && environmentById(environment);
  return isThere ? h("a", { href: link("cell", [id, variant, environment, device]), text: environment }) : plainName(environment);
}

function caseLink(id) {
  return caseById(id) ? h("a", { class: "id", href: link("case", [id]), text: id }) : plainName(id);
}

function environmentLink(id) {
  return environmentById(id) ? h("a", { href: link("environment", [id]), text: id }) : plainName(id);
}

function plainName(name) {
  return h("span", { text: name });
}
