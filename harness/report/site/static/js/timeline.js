/* The time line of a variant: its releases in order, and beside them the intervals in words. */

const LOOSE_PLACE = "Outside all releases";

/** Everything measured of a variant: a figure for each axis and device, then what stands alone, side by side. */
function timelines(subject, chunk, variant, { isCompact = false } = {}) {
  const name = subject.variants[variant].name;
  const told = chunk.histories.filter((history) => history.variant === name);
  const figures = (found) => found.map((history) => axisFigure(subject, chunk, variant, history));
  const loose = subject.devices.map((device) => looseFigure(subject, variant, device)).filter(Boolean);
  if (told.length + loose.length === 0) return h("p", { class: "muted", text: "Measured nowhere." });
  const alone = [...figures(told.filter(isAlone)), ...loose];
  return h(
    "div",
    { class: `timelines${isCompact ? " timelines-compact" : ""}` },
    figures(told.filter((history) => !isAlone(history))),
    alone.length > 0 ? h("div", { class: "timelines-alone" }, alone) : null,
  );
}

function isAlone(history) {
  return INDEX.axes[history.axis].environments.length === 1;
}

function axisFigure(subject, chunk, variant, history) {
  const axis = INDEX.axes[history.axis];
  const isOf = (entry) => entry.variant === history.variant && entry.axis === history.axis && entry.device === history.device;
  const intervals = chunk.intervals.filter(isOf);
  return timelineFigure(
    timelineTitle(subject, capital(axisWords(axis, subject.library)), history.device),
    releaseStrip(subject, variant, axis.environments, history.device),
    intervalWords(intervals),
    changeWords(chunk.transitions.filter(isOf), history.gaps),
    unknownWords(intervals, history.gaps),
  );
}

function timelineFigure(title, strip, ...words) {
  return h("figure", { class: "timeline" }, h("figcaption", {}, title), strip, h("div", { class: "timeline-words" }, words));
}

function timelineTitle(subject, words, device) {
  const place = h("strong", { text: words });
  return subject.devices.length > 1 ? [place, h("span", { class: "device", text: `on ${device}` })] : [place];
}

function looseFigure(subject, variant, device) {
  const places = INDEX.environments
    .map((environment, index) => (environment.axis === null ? index : null))
    .filter((index) => index !== null && cellAt(subject, variant, index, device) !== null);
  if (places.length === 0) return null;
  const title = timelineTitle(subject, LOOSE_PLACE, device);
  return timelineFigure(title, releaseStrip(subject, variant, places, device));
}

/** Releases in order; one stop for the tab key, the arrow keys go on from there. */
function releaseStrip(subject, variant, places, device) {
  const stops = places.map((place) => h("li", {}, releaseStop(subject, variant, place, device)));
  const list = h("ol", { class: "release-strip" }, stops);
  roveWithin(list);
  return h("div", { class: "strip-frame" }, list);
}

function releaseStop(subject, variant, place, device) {
  const environment = INDEX.environments[place];
  const cell = cellAt(subject, variant, place, device);
  const status = cell?.status ?? null;
  const words = statusWords(status, cell ?? {});
  const date = environment.released ? h("time", { class: "stop-date", datetime: environment.released, text: environment.released }) : null;
  return h(
    "a",
    {
      class: "stop",
      href: cellAddress(subject, subject.variants[variant].name, environment, device),
      title: [environment.id, environment.released, words].filter(Boolean).join(", "),
    },
    mark(status, { ...(cell ?? {}), hidden: true }),
    h("span", { class: "visually-hidden", text: `${words} in ` }),
    h("span", { class: "stop-label", text: clipped(environment.label, 40) }),
    date ? [" ", date] : null,
  );
}

/** One stop for the tab key in a row of links; the arrow keys, Home and End move along it. */
function roveWithin(list) {
  const links = [...list.querySelectorAll("a")];
  links.forEach((each, index) => each.setAttribute("tabindex", index === 0 ? "0" : "-1"));
  list.addEventListener("keydown", (event) => {
    const next = roveTarget(event, links);
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    links.forEach((each) => each.setAttribute("tabindex", each === next ? "0" : "-1"));
    next.focus();
  });
}

function roveTarget(event, links) {
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return null;
  const at = links.indexOf(document.activeElement);
  const targets = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: links.length - 1 };
  return links[targets[event.key]] ?? null;
}

/** The intervals as a list: "failing 0.12.1 to 0.16.1", and "fixed again" where it was so before. */
function intervalWords(intervals) {
  if (intervals.length === 0) return null;
  const before = new Set();
  const items = intervals.map(({ status, words }) => {
    const again = before.has(status) ? " again" : "";
    before.add(status);
    return h("li", {}, mark(status, { hidden: true }), " ", h("strong", { text: status + again }), words.slice(status.length));
  });
  return h("ul", { class: "interval-words" }, items);
}

/** Each change with its bounds, and the releases that may as well have brought it. */
function changeWords(transitions, gaps) {
  if (transitions.length === 0) return null;
  return h("ul", { class: "change-words" }, transitions.map((transition) => changeItem(transition, gaps)));
}

function changeItem({ before, after, bounds, exact, unknown }, gaps) {
  const certainty = exact ? " (exact)" : ` (not known of ${gapsAt(unknown, gaps)}: any of them may have brought it)`;
  return h("li", {}, `${before} to ${after}: `, h("code", { class: "bounds", text: bounds }), certainty);
}

/** What the intervals leave open: ends that nobody measured, and releases within one. */
function unknownWords(intervals, gaps) {
  const [first, last] = [intervals[0], intervals.at(-1)];
  const within = intervals.flatMap((interval) => interval.unknown_within);
  const sentences = [
    intervals.length === 0 && `at all: ${gaps.map(gapWords).join(", ")}`,
    first?.unknown_before.length && `before ${first.first}: ${gapsAt(first.unknown_before, gaps)}`,
    within.length && `between: ${gapsAt(within, gaps)}`,
    last?.unknown_after.length && `after ${last.last}: ${gapsAt(last.unknown_after, gaps)}`,
  ].filter(Boolean);
  return sentences.length > 0 ? h("p", { class: "unknown-words", text: `No evidence ${sentences.join("; ")}.` }) : null;
}

/** Releases without evidence, each stretch with its reason. A stretch never goes over evidence. */
function gapsAt(releases, gaps) {
  return gaps.filter(({ first }) => releases.includes(first)).map(gapWords).join(", ");
}

function gapWords({ status, first, last }) {
  return `${first === last ? first : `${first} to ${last}`} ${status ?? "not measured"}`;
}
