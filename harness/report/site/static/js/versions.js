/* Versions: of a cell as requested and attested, of an environment beside the one before it. */

function versionsPart(environment, attested) {
  const requested = Object.entries(environment.packages);
  if (attested === null) return [h("p", { text: "Nothing was attested." }), folded(`Requested: ${counted(requested.length, "package")}`, packageTable("Requested packages", requested))];
  const different = Object.entries(attested.different);
  const all = folded(`All ${counted(requested.length, "requested package")}`, requestedTable(environment, attested.different));
  if (different.length === 0) return [h("p", { text: `All ${attested.count} as requested.` }), all];
  return [
    h("p", { class: "disagreement", text: `${counted(different.length, "package differs", "packages differ")} from what was requested; ${attested.count} were attested.` }),
    dataTable({ caption: "Packages that differ", columns: ["Package", "Requested", "Attested", "Difference"], rows: different.map(([name, pair]) => attestedRow(name, ...pair)) }),
    all,
  ];
}

function attestedRow(name, requested, attested) {
  return [code(name), versionOr(requested, "not requested"), versionOr(attested, "not there"), h("strong", { class: "disagreement", text: attestedWords(requested, attested) })];
}

function attestedWords(requested, attested) {
  if (requested === null) return "not requested";
  return attested === null ? "missing" : "another version";
}

function versionOr(version, words) {
  return version === null ? h("span", { class: "muted", text: words }) : code(version);
}

function requestedTable(environment, different) {
  const rows = Object.entries(environment.packages).map(([name, version]) => [code(name), code(version), versionOr((own(different, name) ?? [version, version])[1], "not there")]);
  return dataTable({ caption: "Requested and attested", columns: ["Package", "Requested", "Attested"], rows });
}

function packageTable(caption, packages) {
  return dataTable({ caption, columns: ["Package", "Version"], rows: packages.map(([name, version]) => [code(name), code(version)]) });
}

/** What differs between two environments, the earlier first: [name, before, after], with null where it is absent. */
function packageChanges(earlier, later) {
  const names = [...new Set([...Object.keys(earlier.packages), ...Object.keys(later.packages)])].sort();
  return names
    .map((name) => [name, own(earlier.packages, name), own(later.packages, name)])
    .filter(([, before, after]) => before !== after);
}

function changesTable(earlier, later) {
  const changes = packageChanges(earlier, later);
  if (changes.length === 0) return h("p", { text: "No package differs." });
  const rows = changes.map(([name, before, after]) => [code(name), versionOr(before, "absent"), versionOr(after, "absent"), packageChangeWords(before, after)]);
  return dataTable({ caption: changesCaption(changes), columns: ["Package", clipped(earlier.id, 80), clipped(later.id, 80), "Change"], rows });
}

function changesCaption(changes) {
  const count = (word) => changes.filter(([, before, after]) => packageChangeWords(before, after) === word).length;
  return ["changed", "added", "removed"].filter((word) => count(word) > 0).map((word) => `${count(word)} ${word}`).join(", ");
}

function packageChangeWords(before, after) {
  if (before === null) return "added";
  return after === null ? "removed" : "changed";
}
