/* The source of a case with highlighting, and the commands that reproduce it. */

const TOKEN_CLASSES = new Set(["comment", "keyword", "string", "number", "name", "decorator", "builtin", "operator"]);
const RESOLUTION_RANK = ["period", "pinned", "latest"];

function sourceListing(chunk) {
  const lines = chunk.source.map((tokens) => h("span", { class: "line" }, tokens.map(sourceToken), "\n"));
  const listing = h("code", {}, lines);
  const copy = h("button", {
    type: "button",
    class: "button copy",
    text: "Copy",
    "aria-label": "Copy the source",
    on: { click: () => copyText(listing.textContent, listing, copy) },
  });
  return h(
    "div",
    { class: "source" },
    h("div", { class: "source-head" }, code(chunk.path), h("span", { class: "muted", text: counted(lines.length, "line") }), copy),
    h("pre", { tabindex: "0", role: "region", dir: "ltr", "aria-label": `Source of ${clipped(chunk.path, 200)}` }, listing),
  );
}

function sourceToken([kind, text]) {
  return TOKEN_CLASSES.has(kind) ? h("span", { class: `token-${kind}`, text }) : text;
}

/** The environment that shows the failure best: the newest release in which it was measured to fail. */
function representative(subject) {
  const found = subject.devices.flatMap((device) =>
    INDEX.environments
      .filter((environment, index) => isMeasuredAs(cellAt(subject, 0, index, device), "failing"))
      .map((environment) => ({ environment: environmentById(environment.id), device })),
  );
  return found.sort((one, other) => byFitness(subject, one, other)).at(-1) ?? null;
}

function isMeasuredAs(cell, status) {
  return cell !== null && cell.measured && cell.status === status;
}

/** Ascending: an interpreter of somebody's, then older releases, then drift, then other devices than the first. */
function byFitness(subject, one, other) {
  const fitness = ({ environment, device }) => [
    environment.resolution === "interpreter" ? 0 : 1,
    device === subject.devices[0] ? 1 : 0,
    environment.library === subject.library ? 1 : 0,
  ];
  const [left, right] = [fitness(one), fitness(other)];
  const at = left.findIndex((value, index) => value !== right[index]);
  if (at >= 0) return left[at] - right[at];
  return byRelease(one.environment, other.environment);
}

function byRelease(one, other) {
  const order = (one.version ?? "").localeCompare(other.version ?? "", "en", { numeric: true });
  return order || RESOLUTION_RANK.indexOf(other.resolution) - RESOLUTION_RANK.indexOf(one.resolution);
}

/** Exactly the versions of the lock, and nothing else: not the newest, nor a virtual environment at hand. */
function uvCommand(chunk, environment) {
  const lock = `harness/locks/${environment.id}.txt`;
  return shellCommand("uv", "run", "--isolated", "--no-project", "--python", environment.python, "--with-requirements", lock, "python", chunk.path);
}

function harnessCommand(subject, variant, environment, device) {
  const place = environment.resolution === "interpreter" ? ["--python", "PATH"] : ["--env", environment.id];
  const where = device === "cpu" ? [] : ["--device", device];
  return shellCommand("harness", "run", subject.id, ...place, "--variant", variant, ...where);
}

function reproduction(subject, chunk) {
  const best = representative(subject);
  if (best === null) return [h("p", { text: "The failure was measured in no environment, so there is none to reproduce it in." }), plainRun(chunk)];
  const { environment, device } = best;
  const canUv = environment.resolution !== "interpreter" && device === "cpu";
  const where = device === "cpu" ? "" : ` on ${device}`;
  return [
    h("p", {}, "In ", linkToEnvironment(environment), `${where}, the newest release in which it was measured to fail, from the root of the repository.`),
    canUv ? [h("h3", { text: "With uv alone" }), command(uvCommand(chunk, environment))] : null,
    h("h3", { text: "With the harness" }),
    command(harnessCommand(subject, subject.variants[0].name, environment, device)),
  ];
}

function plainRun(chunk) {
  return command(shellCommand("uv", "run", chunk.path));
}
