/* Light, dark, or as the system has it; remembered where the browser lets a page from disk remember. */

const THEMES = ["auto", "light", "dark"];
const THEME_KEY = "theme";

function startTheme() {
  showTheme(rememberedTheme());
  document.getElementById("theme").addEventListener("click", nextTheme);
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
