/* The overview: what is not as its case says, what changed, the filter, and every case by release. */

const OVERVIEW = { root: null, filter: null, key: null, table: null, timer: 0, turn: 0, scrolled: new Map() };
const AT_ONCE = 16; // rows, about what a window shows
const PER_FRAME = 32;
const ANNOUNCED_AFTER = 500; // ms without a key stroke, so that typing is not talked over

/** Draws what the address asks for. The elements are made once, and kept while other pages are shown. */
function renderOverview(page, route) {
  if (OVERVIEW.root === null) buildOverview();
  applyFilter(filterOf(route.params), { fill: true, isFromAddress: true });
  page.append(OVERVIEW.root);
  requestAnimationFrame(restoreScrolled);
  return "";
}

function buildOverview() {
  const libraries = [...KNOWN.library].sort();
  const subjects = (library) => INDEX.cases.filter((subject) => subject.library === library);
  OVERVIEW.sections = libraries.map((library) => heatSection(library, subjects(library)));
  OVERVIEW.form = filterForm(typedFilter);
  OVERVIEW.count = h("p", { class: "shown-count" });
  OVERVIEW.notes = h("div", { class: "notes" });
  OVERVIEW.empty = h("div", { class: "empty", hidden: true });
  OVERVIEW.views = viewSwitch();
  OVERVIEW.body = h("div", { class: "heat-all" }, OVERVIEW.sections.map((section) => section.element));
  OVERVIEW.tableBody = h("div", { class: "table-all", hidden: true });
  OVERVIEW.reset = h("button", { type: "button", class: "button reset", text: "Reset filters", on: { click: resetFilter } });
  const bar = h("div", { class: "result-bar" }, OVERVIEW.count, OVERVIEW.reset, legendBox(), OVERVIEW.views, keysButton());
  OVERVIEW.results = h("div", { class: "results" }, OVERVIEW.empty, OVERVIEW.body, OVERVIEW.tableBody);
  const parts = [overviewHead(), unexpectedBox(), changesBox(), OVERVIEW.form, OVERVIEW.notes, bar, OVERVIEW.results];
  OVERVIEW.root = h("div", { class: "overview" }, parts);
  showStatusChips(OVERVIEW.form, emptyFilter(), presentStatuses());
  for (const { scroller } of OVERVIEW.sections) scroller.addEventListener("scroll", () => keepScrolled(scroller), { passive: true });
}

function keepScrolled(scroller) {
  if (scroller.isConnected) OVERVIEW.scrolled.set(scroller, [scroller.scrollLeft, scroller.scrollTop]);
}

/** An element that was out of the page has forgotten where it was scrolled to. */
function restoreScrolled() {
  for (const [scroller, [left, top]] of OVERVIEW.scrolled) scroller.scrollTo({ left, top, behavior: "instant" });
}

/* The head. */

function overviewHead() {
  return h("div", { class: "overview-head" }, h("h1", { tabindex: "-1", text: "Which documented issues fail in which release" }), countsLine());
}

/** Statuses that a cell has, on any device. */
function presentStatuses() {
  const letters = new Set(INDEX.cases.flatMap((subject) => Object.values(subject.cells).flatMap((rows) => [...new Set(rows.join(""))])));
  return new Set([...letters].map((letter) => decoded(letter)?.status).filter(Boolean));
}

function legendBox() {
  const present = presentStatuses();
  const brief = legendEntries(STATUSES.filter((status) => present.has(status)));
  const names = brief.map(([shape, words, meaning]) => h("span", { class: meaning === INDEX.meanings[words] ? "marked legend-status" : "marked" }, shape, words));
  const summary = h("summary", {}, h("span", { class: "legend-name", text: "Legend" }), " ", names);
  return h("details", { class: "legend" }, summary, legendList(legendEntries(STATUSES)));
}

function legendEntries(statuses) {
  return [
    ...statuses.map((status) => [mark(status, { hidden: true }), status, INDEX.meanings[status]]),
    [mark("failing", { measured: false, hidden: true }), "inferred", "not measured: the nearest measured releases on both sides agree"],
    [mark(null, { hidden: true }), "not measured", "this cell was not run, and nothing is known of it"],
    [mark("failing", { expected: false, hidden: true }), "not as the case says", "a second mark: measured, and the case says otherwise"],
  ];
}

function legendList(entries) {
  const items = entries.map(([shape, words, meaning]) => h("div", {}, h("dt", { class: "marked" }, shape, words), h("dd", { text: meaning })));
  return h("dl", { class: "legend-list" }, items);
}

function keysButton() {
  return h("button", { type: "button", class: "button quiet keys-button", on: { click: showKeys } }, "Keys ", h("kbd", { "aria-hidden": "true", text: "?" }));
}

function viewSwitch() {
  const button = (view, text) =>
    h("button", { type: "button", class: "view", dataset: { view }, text, on: { click: () => changeFilter({ ...OVERVIEW.filter, view }, {}) } });
  return h("div", { class: "views", role: "group", "aria-label": "Shown as" }, button("", "Heat map"), button("table", "Table"));
}

/* The filter at work. */

/** A change by hand: shown at once, then put into the address. */
function changeFilter(filter, { fill = false } = {}) {
  performance.mark("filter-start");
  applyFilter(filter, { fill });
  replaceParams(paramsOf(filter));
  performance.measure("filter", "filter-start");
}

/** The form knows neither the view nor what was not understood. */
function typedFilter(typed) {
  const { view, ignored } = OVERVIEW.filter;
  changeFilter({ ...typed, view, ignored });
}

function resetFilter() {
  changeFilter({ ...emptyFilter(), view: OVERVIEW.filter.view }, { fill: true });
  OVERVIEW.form.elements.q.focus();
}

function applyFilter(filter, { fill = false, isFromAddress = false }) {
  OVERVIEW.filter = filter;
  if (fill) fillForm(OVERVIEW.form, filter);
  const range = rangeOf(releaseByName(filter.from), releaseByName(filter.to));
  const key = `${filter.device} ${filter.from}..${filter.to}`;
  for (const section of OVERVIEW.sections) showColumns(section, range, key);
  const asked = askedFor(filter);
  showView(filter.view);
  showRows(filter.view === "table" ? dueInTable(asked, filter.device) : dueInHeat(asked, filter, key));
  showNotes(filter);
  showCount(asked.size, filter, isFromAddress);
}

function showColumns(section, range, key) {
  if (section.drawn === key) return;
  section.drawn = key;
  section.shown = groupsWithin(section.groups, range);
  drawHead(section);
}

/** The cases that match; each section tells how many of its own do. */
function askedFor(filter) {
  const matches = matcherOf(filter);
  const asked = new Set();
  for (const section of OVERVIEW.sections) {
    const here = section.rows.filter((row) => matches(row.subject, section.shown));
    for (const row of here) asked.add(row.subject);
    section.element.hidden = here.length === 0;
    section.count.textContent = countWords(here.length, section.rows.length);
  }
  return asked;
}

/** Hides what is not asked for, at once; what is to be drawn or shown comes back as steps. */
function dueInHeat(asked, filter, key) {
  const due = [];
  for (const row of OVERVIEW.sections.flatMap((section) => section.rows)) {
    if (!asked.has(row.subject)) hideRow(row.element);
    else if (row.element.hidden || row.drawn !== key) {
      due.push(() => {
        drawRow(row, deviceFor(row.subject, filter), key);
        row.element.hidden = false;
      });
    }
  }
  return due;
}

function dueInTable(asked, chosen) {
  const due = [];
  for (const { subject, device, element } of OVERVIEW.table.rows) {
    const isAsked = asked.has(subject) && (!chosen || device === chosen);
    if (!isAsked) hideRow(element);
    else if (element.hidden) due.push(() => (element.hidden = false));
  }
  return due;
}

function hideRow(element) {
  if (!element.hidden) element.hidden = true;
}

function showRows(due) {
  OVERVIEW.turn += 1;
  showDue(due, AT_ONCE);
}

/** Rows that fill the window at once, the others in the next frames: a key stroke must not wait for them. */
function showDue(due, most) {
  for (const show of due.splice(0, most)) show();
  OVERVIEW.results.setAttribute("aria-busy", String(due.length > 0));
  const { turn } = OVERVIEW;
  const next = () => turn === OVERVIEW.turn && showDue(due, PER_FRAME);
  if (due.length > 0) requestAnimationFrame(() => setTimeout(next));
}

function showView(view) {
  if (view === "table" && OVERVIEW.table === null) {
    OVERVIEW.table = caseTable();
    OVERVIEW.tableBody.append(OVERVIEW.table.element);
  }
  OVERVIEW.body.hidden = view === "table";
  OVERVIEW.tableBody.hidden = view !== "table";
  for (const button of OVERVIEW.views.children) button.setAttribute("aria-pressed", String(button.dataset.view === view));
}

function showNotes(filter) {
  const notes = filter.ignored.map((each) => {
    const remove = () => changeFilter({ ...filter, ignored: filter.ignored.filter((other) => other !== each) }, { fill: true });
    return h(
      "p",
      { class: "note" },
      h("span", {}, "Unknown filter, ignored: ", h("code", { text: each.join("=") })),
      h("button", { type: "button", class: "button quiet", "aria-label": `Remove the unknown filter ${each.join("=")}`, text: "Remove", on: { click: remove } }),
    );
  });
  if (notes.length > 0 || OVERVIEW.notes.hasChildNodes()) replace(OVERVIEW.notes, notes);
}

function showCount(shown, filter, isFromAddress) {
  const total = INDEX.cases.length;
  const words = countWords(shown, total);
  OVERVIEW.count.textContent = words;
  OVERVIEW.views.hidden = shown === 0;
  OVERVIEW.reset.hidden = !isFiltering(filter) && filter.ignored.length === 0;
  showEmpty(shown, total);
  clearTimeout(OVERVIEW.timer);
  if (!isFromAddress) OVERVIEW.timer = setTimeout(() => announce(`${words} shown`), ANNOUNCED_AFTER);
}

function countWords(shown, total) {
  const cases = total === 1 ? "case" : "cases";
  return shown === total ? `${total} ${cases}` : `${shown} of ${total} ${cases}`;
}

function showEmpty(shown, total) {
  OVERVIEW.empty.hidden = shown > 0;
  if (shown > 0 || OVERVIEW.empty.hasChildNodes()) return;
  const words = total === 0 ? "This report has no cases." : "No case matches all of these filters.";
  append(OVERVIEW.empty, [h("p", { text: words }), total > 0 && h("button", { type: "button", class: "button", text: "Reset filters", on: { click: resetFilter } })]);
}

/* About. */

const FEEDS = [
  ["README.md", "the same report as text, with every release"],
  ["compatibility.json", "everything that is shown here, as data"],
  ["compatibility.schema.json", "its JSON Schema"],
  ["compatibility.csv", "a row for each cell"],
  ["junit.xml", "for what reads test results"],
  ["summary.md", "for the job page of a CI"],
  ["changes.json", "what changed since the last report"],
  ["history.svg", "open and fixed cases over releases"],
  ["badges/", "a badge for each library, as shields reads it"],
];
const WORDS = [
  ["Case", "A documented issue as a minimal program: its failure, and each documented remedy."],
  ["Variant", "The failure of a case, or one of its remedies. Who recommended a remedy: its documentation, upstream, or we (ours)."],
  ["Environment", "Exact versions of every package, and a Python."],
  ["Period, latest, pinned", "How an environment was resolved: with what there was three weeks after the release came out; with the newest that its requirements admit today, which shows drift; or with one package held at a release."],
  ["Axis", "Environments that differ in the release of one library only, in the order of its releases."],
  ["Cell", "A variant, run in an environment on a device. It holds a status and its evidence."],
  ["Evidence", "What the run itself attests: outcome, traceback, log, and the versions that were really imported. A cell whose run did not get that far is no evidence, and never counts as good."],
  ["As the case says", "A case names the releases in which it fails. A cell with any other status is marked: somebody must look."],
  ["Inferred", "Not measured, but the nearest measured releases before and after it on the axis agree. It is drawn hatched, and counts for nothing else."],
];

function renderAbout(page) {
  const definitions = WORDS.map(([word, meaning]) => [h("dt", { text: word }), h("dd", { text: meaning })]);
  append(page, [
    h("h1", { tabindex: "-1", text: "About this report" }),
    h("p", { class: "lead", text: "Documented issues of libraries and their documented remedies, each run in many environments. What is shown was measured, or is marked as not measured." }),
    aboutPart("Legend", legendList(legendEntries(STATUSES))),
    aboutPart("Words", h("dl", { class: "words" }, definitions)),
    aboutPart("How it was measured", measuredWords()),
    plotPart(),
    aboutPart("For machines", feedsPart()),
  ]);
  return "About";
}

function aboutPart(title, ...children) {
  return h("section", { class: "about-part" }, h("h2", { text: title }), children);
}

function measuredWords() {
  const paragraphs = [
    "Each cell ran in a process of its own, with fixed seeds, and was judged by the symptom that its case describes. What was imported was compared with what was asked for. The page of a cell shows all of this, and the two commands that run it again.",
    "Between two neighbouring releases that differ, a commit or a package was searched where that was possible: the page of a case names it.",
  ];
  return [...paragraphs.map((text) => h("p", { text })), countsLine()];
}

function feedsPart() {
  const items = FEEDS.map(([name, words]) => h("li", {}, h("a", { href: name, text: name }), `: ${words}`));
  return [h("p", { text: "These files are beside this page." }), h("ul", {}, items)];
}

function plotPart() {
  if (!/^data:image\/svg\+xml;base64,/.test(INDEX.plot ?? "")) return null;
  const words = "Open and fixed cases over the releases of each library. The same numbers are in the heat maps of the overview.";
  return aboutPart("Open and fixed cases", h("img", { class: "plot", src: INDEX.plot, alt: words }));
}
