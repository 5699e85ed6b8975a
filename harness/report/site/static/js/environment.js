/* The pages of the environments: all of them, and one. */

const RESOLUTION_WORDS = {
  period: "period: the release with what existed three weeks after it came out",
  latest: "latest: the release with the newest of everything that it admits, which is where drift shows",
  pinned: "pinned: the release with a chosen version of another package",
  interpreter: "an interpreter at hand, which was only looked at",
};
const KEY_PACKAGES = ["numpyro", "pyro-ppl", "jax", "jaxlib", "flax", "torch", "numpy"];
const FAILURES_ELSE = ["changed", "timeout", "crashed"];

function resolutionWords(environment) {
  return RESOLUTION_WORDS[environment.resolution] ?? environment.resolution;
}

function renderEnvironments(page) {
  const sections = environmentGroups().map(([title, resolution, found], index) =>
    part(`group-${index}`, title, h("p", { class: "muted", text: sentence(RESOLUTION_WORDS[resolution] ?? resolution) }), environmentsTable(title, found)),
  );
  const lede = "An environment is a set of exact versions with one Python. Those that differ in the release of one library stand on one axis, in order.";
  replace(page, pageHead([["Environments"]], null, "Environments", h("p", { class: "lede", text: lede })), sections);
  return "Environments";
}

/** [title, resolution, environments] for each axis; those alone on theirs stand together. */
function environmentGroups() {
  const axes = INDEX.axes.filter(({ environments }) => environments.length > 1);
  const alone = INDEX.axes.filter(({ environments }) => environments.length === 1);
  const libraries = [...new Set(INDEX.axes.map(({ library }) => library))];
  const at = (found) => found.flatMap(({ environments }) => environments).map((place) => INDEX.environments[place]);
  const groups = libraries.flatMap((library) => [
    ...axes.filter((axis) => axis.library === library).map((axis) => [`${library}: ${axis.words}`, axis.resolution, at([axis])]),
    [`${library}: single releases`, "pinned", at(alone.filter((axis) => axis.library === library)).sort(byRelease)],
  ]);
  const loose = INDEX.environments.filter((environment) => environment.axis === null);
  return [...groups, [LOOSE_PLACE, "interpreter", loose]].filter(([, , found]) => found.length > 0);
}

function environmentsTable(caption, environments) {
  return dataTable({
    caption,
    hidden: true,
    kind: "environments",
    columns: ["Environment", "Released", "Index as of", "Python", "Key packages", "Cells", "Failing"],
    rows: environments.map((environment) => [
      linkToEnvironment(environment),
      dateOr(environment.released),
      dateOr(environment.as_of, environment.resolution === "latest" ? "no limit" : "not known"),
      environment.python,
      keyPackages(environment),
      environment.measured > 0 ? String(environment.measured) : "not measured",
      failingCount(environment),
    ]),
  });
}

function dateOr(date, words = "not known") {
  return date ? h("time", { datetime: date, text: date }) : h("span", { class: "muted", text: words });
}

function keyPackages(environment) {
  const found = KEY_PACKAGES.filter((name) => Object.hasOwn(environment.packages, name) && environment.packages[name] !== environment.version);
  return found.length > 0 ? h("span", { class: "key-packages" }, joinedBy(", ", found.map((name) => h("span", { class: "nowrap", text: clipped(`${name} ${environment.packages[name]}`, 60) })))) : null;
}

function failingCount({ failing, measured }) {
  if (measured === 0) return "";
  return failing > 0 ? h("span", { class: "marked" }, mark("failing", { hidden: true }), ` ${failing}`) : "0";
}

async function renderEnvironment(page, route) {
  const environment = environmentById(route.parts[0]);
  if (environment === null) return renderMissing(page, route);
  const cells = cellsIn(environment);
  const reasons = await reasonsFor(environment, cells);
  const sections = [...outcomeParts(environment, cells, reasons), part("difference", "Difference to the one before", differencePart(environment)), part("versions", "Versions", versionsOf(environment))].filter(Boolean);
  replace(page, environmentHead(environment, cells, sections), sections.slice(0, -2), h("div", { class: "part-pair" }, sections.slice(-2)));
  return environment.id;
}

function environmentHead(environment, cells, sections) {
  return pageHead(
    [["Environments", link("environments")], [environment.id]],
    null,
    breakable(environment.id),
    h("p", { class: "lede", text: sentence(resolutionWords(environment)) }),
    facts(
      ["Library", environment.library ? `${environment.library} ${environment.version}` : null],
      ["Released", environment.released],
      ["Index as of", environment.as_of],
      ["Python", environment.python],
      ["Packages", String(Object.keys(environment.packages).length)],
      ["Cells", `${cells.filter(({ known }) => known.measured).length}`],
      ["Note", environment.note ? h("span", { class: "foreign-line", text: shortened(environment.note) }) : null, "wide"],
    ),
    environmentNeighbours(environment),
    onThisPage(sections),
  );
}

function environmentNeighbours(environment) {
  const links = [[-1, "Previous"], [1, "Next"]].map(([step, words]) => {
    const place = beside(environment, step);
    const other = INDEX.environments[place];
    return place === null ? null : h("a", { class: step < 0 ? "neighbour" : "neighbour neighbour-next", href: link("environment", [other.id]), rel: step < 0 ? "prev" : "next" }, h("span", { class: "neighbour-way", text: `${words}: ` }), breakable(other.id));
  });
  return links.some(Boolean) ? h("nav", { class: "neighbours", "aria-label": "Neighbouring environments" }, links) : null;
}

/** The environment to compare with: before it on its axis, or else the same release as it came out. */
function earlierOf(environment) {
  const place = beside(environment, -1);
  if (place !== null) return INDEX.environments[place];
  const isSameRelease = (each) => each.library === environment.library && each.version === environment.version && each.resolution === "period";
  return INDEX.environments.find((each) => each.id !== environment.id && environment.library && isSameRelease(each)) ?? null;
}

function differencePart(environment) {
  const earlier = earlierOf(environment);
  if (earlier === null) return h("p", { text: "There is none before it on its axis." });
  const isBefore = beside(environment, -1) !== null;
  const words = isBefore ? ["To ", linkToEnvironment(earlier), ", the one before it on its axis:"] : ["It is the first on its axis. To ", linkToEnvironment(earlier), ", the same release as it came out:"];
  return [h("p", {}, words), changesTable(earlier, environment)];
}

function versionsOf(environment) {
  const packages = Object.entries(environment.packages);
  if (packages.length === 0) return h("p", { text: "No package is known of it." });
  return packageTable(counted(packages.length, "package"), packages);
}
