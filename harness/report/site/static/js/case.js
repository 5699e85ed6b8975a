/* The page of a case. */

const KIND_WORDS = {
  bug: "bug",
  silent: "silent: wrong without an error",
  limitation: "limitation",
  feature: "missing feature",
  drift: "drift: broken by a newer dependency",
};

async function renderCase(page, route) {
  const subject = caseById(route.parts[0]);
  if (subject === null) return renderMissing(page, route);
  const chunk = await chunkOf(subject.id);
  const sections = caseSections(subject, chunk);
  replace(page, caseHead(subject, sections), sections);
  return `${subject.id}: ${clipped(subject.title, 200)}`;
}

function caseSections(subject, chunk) {
  const remedies = subject.variants.length - 1;
  return [
    part("symptom", "Symptom", symptomPart(subject, chunk)),
    part("timeline", "Time line", axesExplained(subject, chunk), timelines(subject, chunk, 0)),
    part("bisect", "What bisect found", chunk.findings.map(findingPart)),
    part("remedies", remedies === 1 ? "The remedy" : "Remedies", remedyGroups(subject, chunk)),
    part("reproduce", "Reproduce it", reproduction(subject, chunk)),
    part("devices", "Devices", devicesPart(subject)),
    part("deprecations", "Deprecation warnings", deprecationsTable(subject, chunk)),
    part("source", "Source of the case", sourceListing(chunk)),
    part("cells", "All cells", cellsTables(subject)),
  ].filter(Boolean);
}

function caseHead(subject, sections) {
  const library = link("overview", [], new URLSearchParams({ library: subject.library }));
  return pageHead(
    [["Cases", link("overview")], [subject.library, library], [subject.id]],
    subject.id,
    h("span", { class: "foreign-line", text: shortened(subject.title, 400) }),
    caseVerdict(subject),
    caseFacts(subject),
    onThisPage(sections),
  );
}

/** The answer before all detail: a phrase for each axis; of single environments only for those where it fails. */
function caseVerdict(subject) {
  const axes = [...new Set(subject.told.map(({ axis }) => axis))];
  const shown = axes.filter((axis) => INDEX.axes[axis].environments.length > 1 || doesFailOn(subject, axis));
  const lines = (shown.length > 0 ? shown : axes).flatMap((axis) => verdictLines(subject, axis));
  if (lines.length === 0) return h("p", { class: "verdict", text: "Measured on no release." });
  const items = lines.map(([place, words]) => h("li", {}, lines.length > 1 ? h("span", { class: "verdict-place", text: `${place}: ` }) : null, words));
  const left = shown.length > 0 ? axes.length - shown.length : 0;
  const rest = left > 0 ? h("li", { class: "verdict-rest", text: `not seen to fail in ${counted(left, "pinned environment")}` }) : null;
  return h("ul", { class: "verdict" }, items, rest);
}

function doesFailOn(subject, axis) {
  const { environments } = INDEX.axes[axis];
  return subject.devices.some((device) => environments.some((place) => cellAt(subject, 0, place, device)?.status === "failing"));
}

function verdictLines(subject, axis) {
  const told = subject.told.filter((each) => each.axis === axis);
  const words = axisWords(INDEX.axes[axis], subject.library);
  if (new Set(told.map(({ brief }) => brief)).size === 1) return [[words, told[0].brief]];
  return told.map(({ device, brief }) => [`${words} on ${device}`, brief]);
}

function caseFacts(subject) {
  return facts(
    ["Kind", filterLink("kind", subject.kind, KIND_WORDS[subject.kind] ?? subject.kind)],
    ["Library", filterLink("library", subject.library)],
    ["API", apiLinks(subject.api), "wide"],
    ["Issue", external(subject.issue, shortAddress(subject.issue))],
    ["Introduced by", originLinks(subject.introduced_by)],
    ["Fixed by", originLinks(subject.fixed_by)],
  );
}

function filterLink(key, value, text = value) {
  return h("a", { href: link("overview", [], new URLSearchParams({ [key]: value })), text });
}

function apiLinks(names) {
  if (names.length === 0) return null;
  const items = names.map((name) => h("li", {}, h("a", { href: link("overview", [], new URLSearchParams({ api: name })) }, code(name))));
  return h("ul", { class: "inline-list" }, items);
}

function originLinks(origins) {
  if (origins.length === 0) return null;
  return h("ul", { class: "inline-list" }, origins.map((origin) => h("li", {}, external(origin, shortAddress(origin)))));
}

/** An address as people say it: `pyro-ppl/numpyro#1972`. */
function shortAddress(address) {
  const found = /^https:\/\/github\.com\/([\w.-]+\/[\w.-]+)\/(?:issues|pull|commit)\/(\w+)$/.exec(address);
  if (!found) return shortened(address, 300);
  return address.includes("/commit/") ? `${found[1]}@${found[2].slice(0, 10)}` : `${found[1]}#${found[2]}`;
}

function symptomPart(subject, chunk) {
  return [
    h("p", { class: "claim" }, h("span", { class: "muted", text: "What it asserts: " }), shortened(subject.variants[0].claim)),
    failsWith(subject.symptom, "Fails with"),
    seenSymptom(subject, chunk),
    failsWith(chunk.rejected, "Counts as rejected, if upstream refuses the input with"),
  ];
}

/** A message that was really seen, of the newest release that shows it. */
function seenSymptom(subject, chunk) {
  const best = representative(subject);
  const record = best && recordOf(chunk, subject.variants[0].name, best.environment, best.device);
  if (!record?.symptom) return h("p", { class: "muted", text: "It was seen in no environment." });
  const address = cellAddress(subject, record.variant, best.environment, best.device);
  return [
    h("p", {}, "Seen in ", h("a", { href: address }, breakable(best.environment.id)), ` on ${best.device}:`),
    h("pre", { class: "foreign seen", tabindex: "0", role: "region", dir: "ltr", "aria-label": "A message that was seen", text: shortened(record.symptom) }),
  ];
}

function recordOf(chunk, variant, environment, device) {
  const isOf = (cell) => cell.variant === variant && cell.environment === environment.position && cell.device === device;
  return chunk.cells.find(isOf) ?? null;
}

function axesExplained(subject, chunk) {
  const resolutions = new Set(chunk.histories.map((history) => INDEX.axes[history.axis].resolution));
  const words = [...resolutions].map((resolution) => RESOLUTION_WORDS[resolution]).filter(Boolean);
  return words.length > 0 ? h("p", { class: "muted", text: sentence(words.join("; ")) }) : null;
}

function findingPart(finding) {
  const decided = finding.decided ? "Decided: every change is known to its neighbours." : "Not decided: the answer is a range, or a commit is missing.";
  return h(
    "div",
    { class: "finding" },
    h("p", { class: "finding-words", text: shortened(finding.words) }),
    finding.culprits.length > 0 ? h("ul", { class: "culprits" }, finding.culprits.map(culpritItem)) : null,
    h("p", { class: "muted" }, `${decided} `, finding.measured_at ? `Measured until ${whenUTC(finding.measured_at)}. ` : null, h("a", { href: finding.file, text: "The whole answer" })),
    command(finding.command),
  );
}

function culpritItem({ package: name, sha, url, subject, date }) {
  return h("li", {}, code(name), " ", external(url, sha.slice(0, 10)), date ? ` (${date})` : null, ": ", h("span", { class: "foreign-line", text: shortened(subject) }));
}

function deprecationsTable(subject, chunk) {
  if (chunk.deprecations.length === 0) return null;
  const rows = chunk.deprecations.map((warning) => [
    h("span", { class: "message" }, code(warning.category), " ", shortened(warning.message)),
    code(warning.module),
    firstSeen(subject, warning.first),
    variantNames(warning.variants),
    String(warning.environments.length),
  ]);
  return dataTable({
    caption: "Seen while the variants ran",
    columns: ["Warning", "Drawn by", "First seen in", "Variants", "Environments"],
    rows,
    kind: "deprecations",
  });
}

function firstSeen(subject, first) {
  return h("ul", { class: "plain" }, first.map(({ axis, environment }) => h("li", {}, linkToEnvironment(INDEX.environments[environment]), ` (${axisWords(INDEX.axes[axis], subject.library)})`)));
}

function variantNames(names) {
  if (names.length <= 3) return h("ul", { class: "plain" }, names.map((name) => h("li", {}, code(name))));
  return folded(counted(names.length, "variant"), h("ul", { class: "plain" }, names.map((name) => h("li", {}, code(name)))));
}

/** For each device a table: environments by variants, every measured cell a link to its evidence. */
function cellsTables(subject) {
  return subject.devices.map((device) => {
    const rows = INDEX.environments.map((_, index) => index).filter((index) => isKnownIn(subject, index, device));
    return dataTable({
      caption: subject.devices.length > 1 ? `Cells on ${device}` : `Cells, all on ${device}`,
      columns: ["Environment", ...subject.variants.map(({ name }) => code(remedyName(name)))],
      rows: rows.map((index) => [linkToEnvironment(INDEX.environments[index]), ...subject.variants.map((_, variant) => linkToEvidence(subject, variant, index, device))]),
      kind: "cells-table",
    });
  });
}

function isKnownIn(subject, environment, device) {
  return subject.variants.some((_, variant) => cellAt(subject, variant, environment, device) !== null);
}
