/* Elements from plain data. Text is always text: nothing here, or in any other file, parses markup. */

function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProperty(element, name, value);
  append(element, children);
  return element;
}

function setProperty(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") element.className = value;
  else if (name === "text") element.textContent = value;
  else if (name === "href") {
    if (isSafe(value)) element.setAttribute("href", value);
  } else if (name === "dataset") Object.assign(element.dataset, value);
  else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  else if (name === "style") for (const [property, text] of Object.entries(value)) element.style.setProperty(property, text);
  else element.setAttribute(name, value === true ? "" : String(value));
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

function replace(parent, ...children) {
  parent.replaceChildren();
  append(parent, children);
}

/** Only what stays in this page, lies beside it, or is plainly on the web: an address may come from anybody. */
function isSafe(address) {
  return /^(#|https:\/\/)/.test(address) || /^[A-Za-z][\w.-]*(\/[\w.+-]*)?$/.test(address);
}

/** A link to elsewhere, or its text where the address is none. */
function external(address, text) {
  if (!/^https:\/\//.test(address)) return h("span", { text: text ?? address });
  return h("a", { href: address, rel: "noreferrer noopener", text: text ?? address });
}

/** A status as a shape, with its words for those who do not see it. */
function mark(status, { expected = true, measured = true, hidden = false } = {}) {
  const words = statusWords(status, { expected, measured });
  const classes = ["mark", `mark-${shapeOf(status)}`, measured ? "" : "mark-inferred", expected ? "" : "mark-unexpected"];
  const told = hidden ? { "aria-hidden": "true" } : { role: "img", "aria-label": words, title: words };
  return h("span", { class: classes.filter(Boolean).join(" "), ...told });
}

/** A status as a shape with its word beside it. */
function markWithWord(status, told = {}) {
  return h("span", { class: "marked" }, mark(status, { ...told, hidden: true }), " ", statusWords(status, told));
}

function statusWords(status, { expected = true, measured = true } = {}) {
  if (status === null) return "not measured";
  return `${status}${measured ? "" : " (inferred, not measured)"}${expected ? "" : ", not as the case says"}`;
}

function announce(text) {
  document.getElementById("announce").textContent = text;
}
