/* What was seen in an environment: what fails first, what gave no evidence and why, all else folded away. */

/** Every cell of an environment of which something is known. */
function cellsIn(environment) {
  return INDEX.cases.flatMap((subject) =>
    subject.devices.flatMap((device) =>
      subject.variants
        .map(({ name, source }, variant) => ({ subject, device, name, source, variant, known: cellAt(subject, variant, environment.position, device) }))
        .filter(({ known }) => known !== null),
    ),
  );
}

function outcomeParts(environment, cells, reasons) {
  const measured = cells.filter(({ known }) => known.measured);
  const having = (...statuses) => measured.filter(({ known }) => statuses.includes(known.status));
  const rest = measured.filter(({ known }) => known.expected && ["fixed", "works", "rejected"].includes(known.status));
  return [
    part("fails", "What fails here", failuresPart(environment, having("failing"), measured)),
    part("refuted", "Remedies that do not work here", cellList(environment, having("refuted"))),
    part("else", "Neither the issue nor its fix", cellList(environment, having(...FAILURES_ELSE))),
    part("unexpected", "Not as the case says", cellList(environment, measured.filter(({ known }) => !known.expected && !FAILURES_ELSE.includes(known.status)))),
    part("none", "No evidence, and why", reasonsPart(reasons)),
    part("right", "All else", restPart(environment, rest, cells)),
  ].filter(Boolean);
}

function failuresPart(environment, failing, measured) {
  if (measured.length === 0) return h("p", { text: "Nothing was measured here." });
  return failing.length > 0 ? cellList(environment, failing) : h("p", { text: "No case was measured to fail here." });
}

/** A line for each case, with its cells. */
function cellList(environment, cells) {
  if (cells.length === 0) return null;
  const subjects = [...new Set(cells.map(({ subject }) => subject))];
  return h("ul", { class: "outcome-list" }, subjects.map((subject) => outcomeItem(environment, subject, cells.filter((cell) => cell.subject === subject))));
}

function outcomeItem(environment, subject, cells) {
  return h(
    "li",
    {},
    h("p", { class: "outcome-case" }, linkToCase(subject), " ", h("span", { class: "foreign-line", text: shortened(subject.title, 400) })),
    h("ul", { class: "outcome-cells" }, cells.map((cell) => h("li", {}, outcomeCell(environment, cell)))),
  );
}

function outcomeCell(environment, { subject, name, source, variant, device, known }) {
  const where = subject.devices.length > 1 ? ` on ${device}:` : "";
  const who = source ? h("span", { class: "muted", text: ` (${source})` }) : null;
  return [
    h("a", { class: "evidence", href: cellAddress(subject, name, environment, device) }, mark(known.status, { ...known, hidden: true }), " ", code(variant === 0 ? name : remedyName(name)), `${where} ${statusWords(known.status, known)}`),
    who,
  ];
}

/** Why cells gave no evidence: [{status, words, isKnown, cells}], each reason once. */
async function reasonsFor(environment, cells) {
  const without = cells.filter(({ known }) => known.measured && !isEvidence(known.status));
  const subjects = [...new Set(without.map(({ subject }) => subject))];
  const chunks = await Promise.all(subjects.map(({ id }) => chunkOf(id)));
  const groups = new Map();
  for (const cell of without) addReason(groups, cell, recordOf(chunks[subjects.indexOf(cell.subject)], cell.name, environment, cell.device));
  return [...groups.values()];
}

function addReason(groups, cell, record) {
  const words = record?.gap ?? record?.reason ?? record?.symptom ?? "the reason is not known";
  const key = JSON.stringify([cell.known.status, Boolean(record?.gap), words]);
  const group = groups.get(key) ?? { status: cell.known.status, isKnown: Boolean(record?.gap), words, cells: [] };
  group.cells.push(cell);
  groups.set(key, group);
}

function reasonsPart(reasons) {
  if (reasons.length === 0) return null;
  return h("ul", { class: "outcome-list" }, reasons.map(reasonItem));
}

function reasonItem({ status, isKnown, words, cells }) {
  const subjects = [...new Set(cells.map(({ subject }) => subject))];
  return h(
    "li",
    {},
    h("p", {}, markWithWord(status), isKnown ? ", a known gap: " : ", not a known gap: ", h("span", { class: "foreign-line" }, withCaseLinks(words))),
    h("p", { class: "muted" }, `${counted(cells.length, "cell")} of `, joinedBy(", ", subjects.map((subject) => linkToCase(subject)))),
  );
}

function restPart(environment, rest, cells) {
  const inferred = cells.filter(({ known }) => !known.measured);
  const unmeasured = INDEX.cases.filter((subject) => subject.library === environment.library && !cells.some((cell) => cell.subject === subject));
  return [
    rest.length > 0 ? folded(`${counted(rest.length, "cell")} right and as the case says`, cellList(environment, rest)) : null,
    inferred.length > 0 ? folded(`${counted(inferred.length, "cell")} not measured but inferred`, cellList(environment, inferred)) : null,
    unmeasured.length > 0 ? folded(`${counted(unmeasured.length, "case")} of which nothing is known here`, h("ul", { class: "plain" }, unmeasured.map((subject) => h("li", {}, linkToCase(subject), " ", shortened(subject.title, 400))))) : null,
  ];
}
