/* Starts the page: draws what the address names, and again whenever it changes. */

const PAGES = {
  overview: renderOverview,
  case: renderCase,
  cell: renderCell,
  environments: renderEnvironments,
  environment: renderEnvironment,
  about: renderAbout,
};
const SITE = document.title;
const SCROLLED = new Map();

let drawing = 0;
let shown = null;

async function draw({ isFirst = false } = {}) {
  const turn = ++drawing;
  const root = document.documentElement;
  const main = document.getElementById("main");
  const route = parseRoute(location.hash);
  root.dataset.ready = "false";
  if (shown !== null) SCROLLED.set(shown, window.scrollY);
  const page = document.createElement("div");
  page.className = `page page-${Object.hasOwn(PAGES, route.page) ? route.page : "missing"}`;
  const title = await rendered(page, route);
  if (turn !== drawing) return;
  replace(main, page);
  document.title = title ? `${title} · ${SITE}` : SITE;
  showWhere(route.page);
  settle(page, isFirst);
  root.dataset.ready = "true";
}

async function rendered(page, route) {
  try {
    const render = Object.hasOwn(PAGES, route.page) ? PAGES[route.page] : renderMissing;
    return await render(page, route);
  } catch (error) {
    replace(
      page,
      h("h1", { tabindex: "-1", text: "This page could not be drawn" }),
      h("p", { text: `${error}. ` }, h("a", { href: link("overview"), text: "All cases" })),
    );
    return "Error";
  }
}

function renderMissing(page, route) {
  replace(
    page,
    h("h1", { tabindex: "-1", text: "Nothing of this name" }),
    h("p", {}, `There is no ${route.page} ${route.parts.join(" ")} in this report. `, h("a", { href: link("overview"), text: "All cases" })),
  );
  return "Nothing of this name";
}

function showWhere(page) {
  const current = { case: "overview", cell: "overview", environment: "environments" }[page] ?? page;
  for (const each of document.querySelectorAll(".site-header nav a")) {
    if (each.dataset.page === current) each.setAttribute("aria-current", "page");
    else each.removeAttribute("aria-current");
  }
}

function settle(page, isFirst) {
  shown = location.hash;
  window.scrollTo(0, isBack ? (SCROLLED.get(shown) ?? 0) : 0);
  isBack = false;
  if (!isFirst) page.querySelector("h1")?.focus({ preventScroll: true });
}

let isBack = false;
window.addEventListener("popstate", () => {
  isBack = SCROLLED.has(location.hash);
});
window.addEventListener("hashchange", () => draw());
document.querySelector(".skip-link").addEventListener("click", (event) => {
  event.preventDefault(); // a fragment would be taken for an address
  document.getElementById("main").focus();
});

startTheme();
startKeys();
draw({ isFirst: true }).then(() => performance.mark("interactive"));
