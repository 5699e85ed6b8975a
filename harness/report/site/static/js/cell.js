/* The page of a cell: its evidence, or what is to be done to get it. */

async function renderCell(page, route) {
  const [id, name, place, device] = route.parts;
  const subject = caseById(id);
  const environment = environmentById(place);
  const variant = subject?.variants.findIndex((each) => each.name === name) ?? -1;
  if (variant < 0 || environment === null || device === undefined) return renderMissing(page, route);
  const chunk = await chunkOf(id);
  const cell = { subject, variant, name, environment, device, known: cellAt(subject, variant, environment.position, device) };
  const record = recordOf(chunk, name, environment, device);
  replace(page, cellHead(cell, record), record ? evidenceParts(cell, record, chunk) : unmeasuredParts(cell));
  return `${id} ${name} in ${environment.id} on ${device}`;
}

function cellHead(cell, record) {
  const { subject, name, environment, device } = cell;
  const steps = [["Cases", link("overview")], [subject.id, link("case", [subject.id])], [`${remedyName(name)} in ${environment.id} on ${device}`]];
  const title = [code(name), " in ", breakable(environment.id), ` on ${device}`];
  const claim = h("p", {}, h("span", { class: "muted", text: "Claim: " }), shortened(subject.variants[cell.variant].claim));
  return pageHead(steps, subject.id, title, h("p", { class: "muted", text: shortened(subject.title, 400) }), claim, cellVerdict(cell, record), neighbours(cell));
}

/** What was measured, and whether the case says so; said loudly where it does not. */
function cellVerdict(cell, record) {
  if (record === null) return unmeasuredVerdict(cell);
  const [kind, words] = agreementWords(record);
  return h(
    "div",
    { class: `banner banner-${kind}` },
    h("p", { class: "banner-status" }, mark(record.status, { hidden: true }), " ", h("strong", { text: record.status })),
    h("p", { text: sentence(INDEX.meanings[record.status]) }),
    h("p", { class: "agreement foreign-line" }, words),
  );
}

function agreementWords({ status, expected, reason, gap }) {
  if (!isEvidence(status)) {
    const why = gap ? ["A known gap: ", withCaseLinks(gap), ". "] : [h("strong", { text: "Not a known gap: " }), "a person must look. "];
    return [gap ? "none" : "unexpected", [why, reason && reason !== gap ? `Reason: ${shortened(reason)}. ` : null, `The case says ${expected}.`]];
  }
  if (status === expected) return ["expected", ["As the case says."]];
  return ["unexpected", [h("strong", { text: "Not as the case says: " }), `it says ${expected}, ${status} was measured.`]];
}

function unmeasuredVerdict({ known }) {
  const words = known
    ? `Not measured. Inferred to be ${known.status}: it was measured so in the releases before and after, with no other evidence between.`
    : "Not measured: nothing is known here.";
  return h(
    "div",
    { class: "banner banner-none" },
    h("p", { class: "banner-status" }, mark(known?.status ?? null, { ...(known ?? {}), hidden: true }), " ", h("strong", { text: known ? `${known.status}, inferred` : "not measured" })),
    h("p", { text: words }),
  );
}

/** The releases before and after on the same axis. */
function neighbours(cell) {
  const links = [[-1, "Previous release"], [1, "Next release"]].map(([step, words]) => neighbour(cell, step, words)).filter(Boolean);
  return links.length > 0 ? h("nav", { class: "neighbours", "aria-label": "Neighbouring releases" }, links) : null;
}

function neighbour({ subject, variant, name, environment, device }, step, words) {
  const place = beside(environment, step);
  if (place === null) return null;
  const other = INDEX.environments[place];
  const seen = cellAt(subject, variant, place, device);
  return h(
    "a",
    { class: step < 0 ? "neighbour" : "neighbour neighbour-next", href: cellAddress(subject, name, other, device), rel: step < 0 ? "prev" : "next" },
    h("span", { class: "neighbour-way", text: `${words}: ` }),
    breakable(other.id),
    ", ",
    markWithWord(seen?.status ?? null, seen ?? {}),
  );
}

/** The environment some steps further on the axis; null at its ends and outside of all. */
function beside(environment, step) {
  if (environment.axis === null) return null;
  const places = INDEX.axes[environment.axis].environments;
  return places[places.indexOf(environment.position) + step] ?? null;
}

function unmeasuredParts({ subject, name, environment, device }) {
  const options = ["--case", subject.id, ...matrixPlace(environment), "--device", device];
  return [
    part("measure", "Measure it", [
      h("p", { text: "This runs every variant of the case there, and stores what happens:" }),
      command(shellCommand("harness", "matrix", ...options)),
      h("p", { text: "This runs only this variant, in the foreground, and stores nothing:" }),
      command(harnessCommand(subject, name, environment, device)),
    ]),
    part("environment", "Environment", h("p", {}, linkToEnvironment(environment), ". ", sentence(resolutionWords(environment)))),
  ];
}

function matrixPlace(environment) {
  return environment.resolution === "interpreter" ? ["--python", "PATH", "--as", environment.id] : ["--env", environment.id];
}

function evidenceParts(cell, record, chunk) {
  const attested = chunk.attested[record.attested] ?? null;
  return [
    part("seen", "What was seen", seenParts(record, chunk)),
    part("run", "The run", runFacts(cell, record, attested)),
    part("versions", "Versions, requested and attested", versionsPart(cell.environment, attested)),
    part("deprecations", "Deprecation warnings", cellDeprecations(record.deprecations ?? [])),
    part("rerun", "Run it again", rerunParts(cell)),
  ];
}

function seenParts(record, chunk) {
  const traceback = chunk.texts[record.traceback];
  const log = chunk.texts[record.log];
  const symptom = record.symptom ? [h("h3", { text: "Symptom" }), foreignText("Symptom", record.symptom)] : null;
  const nothing = h("p", { class: "muted", text: "It raised nothing." });
  return [
    symptom ?? (record.reason ? h("p", { class: "foreign-line", text: shortened(record.reason) }) : nothing),
    traceback ? [h("h3", { text: "Traceback" }), foreignText("Traceback", traceback)] : null,
    log ? [h("h3", { text: "Log" }), foreignText("Log", log)] : h("p", { class: "muted", text: "It wrote no log." }),
  ];
}

function runFacts({ environment, device }, record, attested) {
  return facts(
    ["When", h("time", { datetime: record.measured_at, text: whenUTC(record.measured_at) })],
    ["Environment", linkToEnvironment(environment)],
    ["Device", attested?.device ? `${device}, used: ${attested.device}` : `${device}; nothing says that it was used`],
    ["Precision", attested?.precision],
    ["Python", attested ? `${attested.python}, requested ${environment.python}` : `requested ${environment.python}`],
    ["Platform", attested?.platform ?? record.platform],
    ["Outcome", record.outcome],
    ["Duration", `${(record.seconds ?? 0).toFixed(2)} s`],
    ["Peak memory", record.peak_mib ? `${Math.round(record.peak_mib)} MiB` : null],
    ["Seed", String(record.seed ?? 0)],
    ["Isolation", record.isolation],
    ["JAX cache", record.jax_cache ? "on" : "off"],
    ["Imported from", originsList(attested?.origins ?? {}), "wide"],
  );
}

function originsList(origins) {
  const items = Object.entries(origins).map(([module, file]) => h("li", {}, code(module), ": ", code(file)));
  return items.length > 0 ? h("ul", { class: "plain" }, items) : null;
}

function cellDeprecations(warnings) {
  if (warnings.length === 0) return null;
  const rows = warnings.map(({ category, message, module }) => [code(category), code(module), shortened(message)]);
  return dataTable({ caption: "Seen while this cell ran", columns: ["Category", "Drawn by", "Message"], rows });
}

function rerunParts({ subject, name, environment, device }) {
  const again = ["--case", subject.id, ...matrixPlace(environment), "--device", device, "--rerun"];
  return [
    h("p", { text: "In the foreground, storing nothing:" }),
    command(harnessCommand(subject, name, environment, device)),
    h("p", { text: "Again, with all variants of the case, storing what happens:" }),
    command(shellCommand("harness", "matrix", ...again)),
    h("p", { text: "This evidence as one text, fit to paste upstream:" }),
    command(shellCommand("harness", "evidence", subject.id, environment.id, "--variant", name, "--device", device)),
  ];
}
