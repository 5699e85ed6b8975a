/* What became of the remedies of a case, and where its devices disagree. */

const REMEDY_GROUPS = [
  ["holds", "Holds wherever measured"],
  ["holds in part", "Holds in part"],
  ["refuted", "Refuted wherever measured"],
  ["undecided", "Undecided: no evidence"],
];
const RECOMMENDED_BY = {
  documented: "recommended in the issue or the documentation",
  upstream: "recommended by upstream",
  ours: "found by us",
};

function remedyGroups(subject, chunk) {
  const remedies = subject.variants.map((variant, index) => ({ ...variant, index })).filter(({ remedy }) => remedy !== null);
  return REMEDY_GROUPS.map(([kind, title]) => [title, remedies.filter(({ remedy }) => remedy === kind)])
    .filter(([, found]) => found.length > 0)
    .map(([title, found]) =>
      h(
        "section",
        { class: "remedy-group" },
        h("h3", {}, title, " ", h("span", { class: "count", text: String(found.length) })),
        found.map((remedy) => remedyStory(subject, chunk, remedy)),
      ),
    );
}

function remedyStory(subject, chunk, { name, claim, source, index }) {
  return h(
    "article",
    { class: "remedy" },
    h("div", { class: "remedy-head" }, h("h4", {}, code(remedyName(name))), h("p", { class: "muted", text: RECOMMENDED_BY[source] ?? source })),
    h("p", { class: "claim", text: shortened(claim) }),
    failsWith(own(chunk.symptoms, name), "Where it does not work"),
    timelines(subject, chunk, index, { isCompact: true }),
  );
}

/** How a failure shows: its types and the pattern of its message. */
function failsWith(symptom, lead) {
  if (!symptom) return null;
  const types = joinedBy(" or ", symptom.raises.map((type) => code(type)));
  return h("p", { class: "symptom" }, `${lead}: `, types, ", message matching ", h("code", { class: "pattern", text: shortened(symptom.match) }));
}

function devicesPart(subject) {
  const { devices } = subject;
  if (devices.length === 0) return h("p", { text: "Nothing was measured." });
  if (devices.length === 1) return h("p", {}, "Measured on ", h("code", { text: devices[0] }), " only: nothing is known of other devices.");
  const differing = deviceDifferences(subject);
  const apart = differing.filter((place) => doDevicesDisagree(subject, place));
  const partial = differing.filter((place) => !doDevicesDisagree(subject, place));
  return [
    deviceSummary(subject, apart.length),
    apart.length > 0 ? deviceTable(subject, "Where the devices disagree", apart) : null,
    partial.length > 0 ? folded(`${counted(partial.length, "cell")} with evidence on fewer devices`, deviceTable(subject, "Where evidence is missing", partial)) : null,
  ];
}

/** Cells that gave evidence on at least two devices. */
function comparedCells(subject) {
  const places = subject.variants.flatMap((_, variant) => INDEX.environments.map((__, environment) => ({ variant, environment })));
  return places.filter((place) => devicesWithEvidence(subject, place).length > 1);
}

function devicesWithEvidence(subject, { variant, environment }) {
  return subject.devices.filter((device) => {
    const cell = cellAt(subject, variant, environment, device);
    return cell !== null && cell.measured && isEvidence(cell.status);
  });
}

function doDevicesDisagree(subject, place) {
  const statuses = devicesWithEvidence(subject, place).map((device) => cellAt(subject, place.variant, place.environment, device).status);
  return new Set(statuses).size > 1;
}

function deviceSummary(subject, apart) {
  const verdict = apart === 0 ? "The devices agree" : `The devices disagree in ${counted(apart, "cell")}`;
  const compared = comparedCells(subject).length;
  return h("p", { class: apart === 0 ? null : "disagreement", text: `${verdict}, of ${counted(compared, "cell")} with evidence on more than one device.` });
}

/** Cells that were measured somewhere, and differ between devices in any way, missing evidence included. */
function deviceDifferences(subject) {
  const places = INDEX.environments.flatMap((_, environment) => subject.variants.map((__, variant) => ({ environment, variant })));
  return places.filter(({ environment, variant }) => {
    const cells = subject.devices.map((device) => cellAt(subject, variant, environment, device));
    return cells.some((cell) => cell?.measured) && new Set(cells.map((cell) => cell?.status)).size > 1;
  });
}

function deviceTable(subject, caption, places) {
  const rows = places.map((place) => [
    linkToEnvironment(INDEX.environments[place.environment]),
    code(remedyName(subject.variants[place.variant].name)),
    ...subject.devices.map((device) => linkToEvidence(subject, place.variant, place.environment, device)),
    doDevicesDisagree(subject, place) ? h("strong", { class: "disagreement", text: "disagree" }) : "evidence missing",
  ]);
  return dataTable({ caption, columns: ["Environment", "Variant", ...subject.devices, "Verdict"], rows });
}
