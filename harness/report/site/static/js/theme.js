/* Light, dark, or as the system has it; remembered where the browser lets a page from disk remember. */

const THEMES = ["auto", "light", "dark"];
const THEME_KEY = "theme";

function startTheme() {
  showTheme(rememberedTheme());
  document.getElementById("theme").addEventListener("click", nextTheme);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintGlyphs);
}

function nextTheme() {
  const now = document.documentElement.dataset.theme ?? "auto";
  const next = THEMES[(THEMES.indexOf(now) + 1) % THEMES.length];
  showTheme(next);
  rememberTheme(next);
  announce(`Theme: ${next}`);
}

function showTheme(theme) {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  document.getElementById("theme").textContent = `Theme: ${theme}`;
  paintGlyphs();
}

/** Every shape as an image in the ink of the theme: many of them are quick to draw, which masks are not. */
function paintGlyphs() {
  const probe = document.body.appendChild(h("span", { style: { color: "var(--ink)" } }));
  for (const name of [...STATUSES, "unknown"]) {
    probe.className = `mark mark-${name}`;
    const style = getComputedStyle(probe);
    const shape = style.getPropertyValue("--shape").trim();
    document.documentElement.style.setProperty(`--glyph-${name}`, shape.replaceAll("black", encodeURIComponent(style.color)));
  }
  probe.remove();
}

function rememberedTheme() {
  try {
    const theme = localStorage.getItem(THEME_KEY);
    return THEMES.includes(theme) ? theme : "auto";
  } catch {
    return "auto";
  }
}

function rememberTheme(theme) {
  try {
    localStorage.setItem(THEME_KEY, theme);
  } catch {
    // A page from disk may have no storage: the theme then lasts as long as the page.
  }
}
