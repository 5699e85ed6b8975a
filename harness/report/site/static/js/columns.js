/* Columns of the heat map: environments by axis, releases in their order, and what a range of releases leaves. */

const RESOLUTIONS = {
  period: { name: "Period", about: "with the packages of the time of its release" },
  latest: { name: "Latest", about: "with the newest packages that its requirements admit: drift" },
  pinned: { name: "Pinned pairs", about: "with one other package held at a release" },
  interpreter: { name: "Interpreters", about: "an installation at hand, about no release in particular" },
};
const PHASES = ["dev", "a", "b", "rc", "", "post"];
const NUMERIC = new Intl.Collator("en", { numeric: true });
const OWN_GROUP = 3; // A pinned axis of fewer releases has no room for a heading of its own.

function compareVersions(one, other) {
  const [a, b] = [versionKey(one), versionKey(other)];
  return NUMERIC.compare(a.base, b.base) || a.phase - b.phase || a.number - b.number;
}

function versionKey(version) {
  const [, base, phase = "", number = ""] = /^([\d.]*\d)\.?(dev|a|b|rc|post)?(\d*)/.exec(version) ?? [null, version];
  return { base, phase: PHASES.indexOf(phase), number: Number(number) };
}

/** Every library's releases in order, each with the name that addresses use. */
const RELEASES = new Map();
for (const each of INDEX.environments) {
  if (each.library === null || each.version === null) continue;
  if (!RELEASES.has(each.library)) RELEASES.set(each.library, new Map());
  const known = RELEASES.get(each.library);
  const name = `${each.library}-${each.version}`;
  known.set(name, { name, library: each.library, version: each.version, released: each.released ?? known.get(name)?.released ?? null });
}
for (const [library, known] of RELEASES) {
  RELEASES.set(library, [...known.values()].sort((a, b) => compareVersions(a.version, b.version)));
}

function releaseByName(name) {
  for (const known of RELEASES.values()) {
    const found = known.find((each) => each.name === name);
    if (found) return found;
  }
  return null;
}

/** A range of releases of one library, open at an end that is not given; null where both are. */
function rangeOf(from, to) {
  if (!from && !to) return null;
  const library = (from ?? to).library;
  const [first, last] = from && to ? [from, to].sort((a, b) => compareVersions(a.version, b.version)) : [from, to];
  return { library, first: first?.version ?? null, last: last?.version ?? null };
}

function isWithin(environment, range) {
  if (range === null) return true;
  if (environment.library !== range.library || environment.version === null) return false;
  if (range.first !== null && compareVersions(environment.version, range.first) < 0) return false;
  return range.last === null || compareVersions(environment.version, range.last) <= 0;
}

/** The groups of columns for cases of a library: its own axes, others that its cases were measured on, and the rest. */
function groupsFor(library, subjects) {
  const used = usedEnvironments(subjects);
  const axes = INDEX.axes.map((axis, position) => ({ ...axis, position }));
  const isShown = (axis) => axis.library === library || axis.environments.some((each) => used.has(each));
  const own = axes.filter((axis) => axis.library === library);
  const others = axes.filter((axis) => axis.library !== library && isShown(axis));
  return [...mergedAxes([...own, ...others], library).map(inOrder), ...groupsBesideAxes(used)];
}

function usedEnvironments(subjects) {
  const used = new Set();
  for (const subject of subjects) {
    for (const rows of Object.values(subject.cells)) {
      for (const row of rows) for (let i = 0; i < row.length; i++) if (row[i] !== ".") used.add(i);
    }
  }
  return used;
}

function mergedAxes(axes, library) {
  const groups = [];
  for (const axis of axes) {
    const isSmall = axis.resolution === "pinned" && axis.environments.length < OWN_GROUP;
    const last = groups.at(-1);
    if (isSmall && last?.isSmall && last.library === axis.library) {
      last.axes.push(axis.position);
      last.columns.push(...axis.environments);
    } else groups.push({ ...groupOfAxis(axis, library, isSmall), isSmall, library: axis.library });
  }
  return groups;
}

/** Columns of several axes by release, then by what is held beside it; such columns need wider labels. */
function inOrder(group) {
  if (group.axes.length === 1) return group;
  const label = (each) => columnLabels(INDEX.environments[each], group).slice(1).join();
  const version = (each) => INDEX.environments[each].version;
  const columns = [...group.columns].sort((a, b) => compareVersions(version(a), version(b)) || NUMERIC.compare(label(a), label(b)));
  return { ...group, columns, isWide: true };
}

function groupOfAxis(axis, library, isSmall) {
  const words = RESOLUTIONS[axis.resolution] ?? { name: axis.resolution, about: axis.words };
  const python = axis.python ? `, Python ${axis.python}` : "";
  const own = isSmall || axis.resolution !== "pinned" ? words.name : axis.words;
  const name = `${axis.library === library ? "" : `${axis.library}: `}${own}${python}`;
  return { name, about: words.about, axes: [axis.position], columns: [...axis.environments] };
}

function groupsBesideAxes(used) {
  const beside = [...used].sort((a, b) => a - b).filter((each) => INDEX.environments[each].axis === null);
  const interpreters = beside.filter((each) => INDEX.environments[each].resolution === "interpreter");
  const others = beside.filter((each) => INDEX.environments[each].resolution !== "interpreter");
  const groups = [
    { ...RESOLUTIONS.interpreter, axes: [], columns: interpreters },
    { name: "Others", about: "environments that stand on no axis", axes: [], columns: others },
  ];
  return groups.filter((group) => group.columns.length > 0);
}

/** The groups with the columns that a range leaves; groups without any are gone. */
function groupsWithin(groups, range) {
  if (range === null) return groups;
  return groups
    .map((group) => ({ ...group, columns: group.columns.filter((each) => isWithin(INDEX.environments[each], range)), isLimited: true }))
    .filter((group) => group.columns.length > 0);
}

/** Neighbouring columns with the same letter. */
function runsOf(letters, columns) {
  const runs = [];
  columns.forEach((environment, at) => {
    const letter = letters[environment];
    const last = runs.at(-1);
    if (last !== undefined && last.letter === letter) last.length += 1;
    else runs.push({ letter, at, length: 1 });
  });
  return runs;
}

/** Where a column stands, in a few words: `0.16.1, period`. */
function columnWords(environment) {
  const axis = environment.axis === null ? environment.resolution : INDEX.axes[environment.axis].words;
  return `${environment.version ?? environment.label}, ${axis}`;
}

/** What is drawn over a column: its release, and what is held beside it where the group does not say so. */
function columnLabels(environment, group) {
  if (environment.version === null) return [environment.label];
  const axis = environment.axis === null ? null : INDEX.axes[environment.axis];
  const pins = axis && group.axes.length > 1 ? Object.entries(axis.pins) : [];
  return [environment.version, ...pins.map(([name, version]) => `${name} ${version}`)];
}

function columnTitle(environment) {
  const name = environment.library === null ? environment.label : `${environment.library} ${environment.version ?? environment.label}`;
  const about = environment.axis === null ? environment.resolution : INDEX.axes[environment.axis].words;
  const released = environment.released ? `, released ${environment.released}` : "";
  return `${name}, ${about}${released}, Python ${environment.python}`;
}

function cellWords(cell) {
  if (cell === null) return "not measured";
  if (!cell.measured) return `${cell.status}, inferred from its neighbours, not measured`;
  if (!isEvidence(cell.status)) return `${cell.status}, no evidence`;
  return `${cell.status}, ${cell.expected ? "as the case says" : "not as the case says"}, measured`;
}

/** A row of a group in words, from its cells alone. */
function runWords(letters, group) {
  const label = (at) => columnLabels(INDEX.environments[group.columns[at]], group).join(" with ");
  const told = runsOf(letters, group.columns).map(({ letter, at, length }) => {
    const cell = decoded(letter);
    const where = length === 1 ? label(at) : `${label(at)} to ${label(at + length - 1)}`;
    return `${statusWords(cell?.status ?? null, cell ?? {})} ${where}`;
  });
  return told.join(", ");
}
