/* The data in the page: the index at once, what a case holds when it is asked for. */

const INDEX = await unpacked(document.getElementById("index").textContent);
const NO_EVIDENCE = new Set(["unsupported", "unbuildable", "unimportable", "invalid"]);
const LETTERS = new Map(Object.entries(INDEX.letters));

const CASES = new Map(INDEX.cases.map((each) => [each.id, each]));
const ENVIRONMENTS = new Map(INDEX.environments.map((each, position) => [each.id, { ...each, position }]));
const CHUNKS = new Map();

const DECODED = new Map([[".", null]]);
for (const [letter, status] of LETTERS) {
  DECODED.set(letter, { status, measured: true, expected: true });
  DECODED.set(letter.toUpperCase(), { status, measured: true, expected: false });
}
Object.keys(INDEX.letters).slice(0, 8).forEach((letter, digit) => {
  DECODED.set(String(digit), { status: LETTERS.get(letter), measured: false, expected: true });
});

function caseById(id) {
  return CASES.get(id) ?? null;
}

function environmentById(id) {
  return ENVIRONMENTS.get(id) ?? null;
}

function decoded(letter) {
  return DECODED.get(letter) ?? null;
}

/** What is known of a cell; null where it was neither measured nor follows from its neighbours. */
function cellAt(subject, variant, environment, device) {
  return Object.hasOwn(subject.cells, device) ? decoded(subject.cells[device][variant][environment]) : null;
}

function isEvidence(status) {
  return status !== null && !NO_EVIDENCE.has(status);
}

function shapeOf(status) {
  return status === null ? "unknown" : status;
}

/** Everything about a case; unpacked once. */
function chunkOf(id) {
  if (!CHUNKS.has(id)) CHUNKS.set(id, unpacked(document.getElementById(`chunk:${id}`).textContent));
  return CHUNKS.get(id);
}

async function unpacked(text) {
  const bytes = Uint8Array.from(atob(text.trim()), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const found = JSON.parse(await new Response(stream).text());
  return Object.fromEntries(Object.entries(found).map(([name, value]) => [name, asRows(value)]));
}

/** Records that came as columns; what a record does not have is null. */
function asRows(value) {
  if (value === null || typeof value !== "object" || !Object.hasOwn(value, "columns")) return value;
  const columns = Object.entries(value.columns);
  return Array.from({ length: value.rows }, (_, row) => Object.fromEntries(columns.map(([name, of]) => [name, of[row]])));
}
