/* Where in the page: the hash holds page, parts and state, so that every view can be linked. */

function parseRoute(hash) {
  const [path, query = ""] = split(hash.replace(/^#/, ""), "?");
  const [page = "", ...parts] = path.split("/").filter(Boolean).map(unescaped);
  return { page: page || "overview", parts, params: new URLSearchParams(query) };
}

function split(text, separator) {
  const at = text.indexOf(separator);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function unescaped(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function link(page, parts = [], params = new URLSearchParams()) {
  const path = page === "overview" ? [] : [page, ...parts.map(encodeURIComponent)];
  const query = params.toString();
  return `#/${path.join("/")}${query ? `?${query}` : ""}`;
}

function go(hash) {
  location.hash = hash;
}

/** Change the state in the address without a new entry in the history: typing must not fill it. */
function replaceParams(params) {
  const { page, parts } = parseRoute(location.hash);
  history.replaceState(history.state, "", link(page, parts, params));
  shown = location.hash;
}
