/* Checks a lottery on the visitor's own machine: nothing is sent anywhere. The same steps as the page of Python in the
   README. Texts stand in the page (#verify-texts), in its language; {name} are placeholders. */

"use strict";

const encoder = new TextEncoder();

const texts = Object.fromEntries(
  [...document.getElementById("verify-texts").content.querySelectorAll("[data-key]")].map((one) => [
    one.dataset.key,
    one.textContent,
  ]),
);

function say(key, values = {}) {
  return texts[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
}

function hex(bytes) {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function fromHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

function joined(...parts) {
  const bytes = parts.map((part) => (typeof part === "string" ? encoder.encode(part) : part));
  const whole = new Uint8Array(bytes.reduce((sum, part) => sum + part.length, 0));
  bytes.reduce((offset, part) => (whole.set(part, offset), offset + part.length), 0);
  return whole;
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", joined(...parts)));
}

/* RFC 8785 for documents without fractions: JSON.stringify writes strings and integers as it demands, and sort()
   compares UTF-16 code units as it demands. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  const pairs = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${pairs.join(",")}}`;
}

function eightBytes(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

class Failed extends Error {}

function require(holds, key, values, lines) {
  lines.push({ holds, text: say(key, values) });
  if (!holds) throw new Failed();
}

async function checkDocument(content, commitment, lines) {
  require(hex(await sha256(content)) === commitment, "fingerprint", {}, lines);
  const document_ = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  require(canonical(document_) === new TextDecoder().decode(content), "canonical", {}, lines);
  const { tickets, size, leaves, pool, chances, quotas } = document_;
  const count = tickets.length;
  require(tickets.every((tokens) => tokens.length === size), "seats", { count, size }, lines);
  require(new Set(tickets.flat()).size === count * size, "tokens", {}, lines);
  require(new Set(leaves).size === pool.entries && leaves.length === pool.entries, "people", { people: leaves.length }, lines);
  const total = chances.reduce((sum, bar) => sum + bar.tickets * bar.entries, 0);
  require(total === count * size, "chances", {}, lines);
  for (const [feature, values] of Object.entries(document_.ticket_counts ?? {})) {
    const columns = Object.values(values);
    const sums = tickets.every((_, ticket) => columns.reduce((sum, column) => sum + column[ticket], 0) === size);
    require(sums, "sums", { feature }, lines);
    const holds = Object.entries(values).every(([value, column]) =>
      column.every((seats) => quotas[feature][value].lower <= seats && seats <= quotas[feature][value].upper),
    );
    require(holds, "quotas", { feature }, lines);
  }
  return document_;
}

async function drawnTicket(document_, commitment, drawn, lines) {
  const { draw } = document_.draw_rule;
  const count = document_.tickets.length;
  if (draw.kind === "digits") {
    const holds = /^[0-9]+$/.test(drawn) && drawn.length === draw.digits && Number(drawn) < count;
    require(holds, "digits", { drawn, digits: draw.digits }, lines);
    lines.push({ holds: true, text: say("ticket", { ticket: Number(drawn) }) });
    return;
  }
  const limit = 2n ** 256n - (2n ** 256n % BigInt(count)); // so that no ticket is favoured
  for (let counter = 0; ; counter += 1) {
    const bytes = await sha256("sortition/ticket/1", fromHex(commitment), drawn, eightBytes(counter));
    const number = BigInt(`0x${hex(bytes)}`);
    if (number < limit) {
      lines.push({ holds: true, text: say("ticket", { ticket: Number(number % BigInt(count)) }) });
      return;
    }
  }
}

async function checkReceipt(content, document_, commitment, lines) {
  const receipt = JSON.parse(content);
  const secret = fromHex(receipt.secret);
  const leaf = hex(await sha256("sortition/leaf/1", secret, canonical(receipt.row)));
  require(receipt.commitment === commitment && document_.leaves.includes(leaf), "receipt", {}, lines);
  const mine = [];
  for (const [ticket, tokens] of document_.tickets.entries()) {
    const token = hex((await sha256("sortition/token/1", secret, eightBytes(ticket))).slice(0, 16));
    if (tokens.includes(token)) mine.push(ticket);
  }
  const chance = ((100 * mine.length) / document_.tickets.length).toLocaleString(document.documentElement.lang);
  lines.push({ holds: true, text: say("mine", { count: mine.length, all: document_.tickets.length, chance }) });
  if (mine.length) lines.push({ holds: true, text: say("list", { tickets: mine.join(", ") }) });
}

function show(lines) {
  const list = document.getElementById("verify-result");
  const everything = lines.length > 0 && lines.every((line) => line.holds);
  list.replaceChildren(
    ...lines.map((line) => {
      const item = document.createElement("li");
      item.className = "kern-list__item";
      item.textContent = say(line.holds ? "yes" : "no", { text: line.text });
      return item;
    }),
  );
  const verdict = document.getElementById("verify-verdict");
  verdict.textContent = say(everything ? "verified" : "failed");
  verdict.focus();
}

async function verify(form) {
  const lines = [];
  try {
    const commitment = form.elements.commitment.value.trim().toLowerCase();
    const chosen = form.elements.document.files[0];
    const content = chosen ? await chosen.arrayBuffer() : await (await fetch(form.dataset.document)).arrayBuffer();
    const document_ = await checkDocument(new Uint8Array(content), commitment, lines);
    const drawn = form.elements.drawn.value.trim();
    if (drawn) await drawnTicket(document_, commitment, drawn, lines);
    const receipt = form.elements.receipt.files[0];
    if (receipt) await checkReceipt(await receipt.text(), document_, commitment, lines);
  } catch (error) {
    if (!(error instanceof Failed)) lines.push({ holds: false, text: say("unreadable") });
  }
  show(lines);
}

/* Browsers offer WebCrypto only on secure pages; without it, the page says where else to check. */
const form = document.getElementById("verify-form");
const canCompute = Boolean(globalThis.crypto?.subtle);
form.hidden = !canCompute;
document.getElementById("verify-unavailable").hidden = canCompute;
form.addEventListener("submit", (event) => {
  event.preventDefault();
  verify(form);
});
