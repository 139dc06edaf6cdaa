// "Verify this": fetches checkpoint, entry, proof and statement, and checks them here, in the browser.
// RFC 6962 hashes and RFC 9162 proofs with WebCrypto; no library. Without script the page links the same files.
"use strict";
(() => {
  const place = document.getElementById("verify");
  if (!place || !globalThis.crypto?.subtle) return;
  const wanted = place.dataset;
  const base = `${wanted.hub}/federation/v1`;
  const button = document.getElementById("verify-now");
  const list = document.getElementById("verify-steps");
  const verdict = document.getElementById("verify-verdict");
  const utf8 = new TextEncoder();

  class Failed extends Error {}
  class Away extends Error {}
  class Skipped extends Error {}
  function must(holds, why) { if (!holds) throw new Failed(why); }

  const bytesOf = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const hex = (bytes) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const same = (one, other) => hex(one) === hex(other);
  async function sha256(...parts) {
    const whole = new Uint8Array(await new Blob(parts).arrayBuffer());
    return new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
  }
  const nodeHash = (left, right) => sha256(Uint8Array.of(1), left, right);

  async function fetched(url) {
    let answer;
    try {
      answer = await fetch(url, { cache: "no-cache", credentials: "omit" });
    } catch {
      throw new Away();
    }
    if (answer.status >= 500 || answer.status === 429) throw new Away();
    must(answer.ok, `HTTP ${answer.status}`);
    return answer;
  }

  /** c2sp.org/signed-note: the text before the last empty line, and the signatures below it. */
  function readNote(note) {
    const cut = note.lastIndexOf("\n\n");
    must(cut > 0 && note.endsWith("\n"), "signed note");
    const signatures = note.slice(cut + 2, -1).split("\n").map((line) => line.split(" "));
    return { text: note.slice(0, cut + 1), signatures };
  }

  async function logKey() {
    const [name, id, ...rest] = wanted.vkey.split("+");
    const raw = bytesOf(rest.join("+"));
    const own = (await sha256(utf8.encode(`${name}\n`), raw)).slice(0, 4);
    must(raw[0] === 1 && hex(own) === id, "vkey");
    return { name, id: own, raw: raw.slice(1) };
  }

  async function checkpoint(known) {
    known.key = await logKey();
    known.note = readNote(await (await fetched(`${base}/log/checkpoint`)).text());
    const [origin, size, root] = known.note.text.split("\n");
    must(origin === known.key.name, origin);
    known.size = Number(size);
    known.root = bytesOf(root);
    must(Number.isSafeInteger(known.size) && known.root.length === 32, "size, root");
    must(Number(wanted.serial) < known.size, `${wanted.serial} ≥ ${size}`);
    return `${origin} · ${size} · ${root}`;
  }

  async function signature(known) {
    const { key, note } = known;
    const verifier = await verifierOf(key.raw);
    for (const [dash, name, encoded] of note.signatures) {
      const raw = dash === "—" && name === key.name ? bytesOf(encoded) : new Uint8Array();
      if (raw.length !== 68 || !same(raw.slice(0, 4), key.id)) continue;
      if (await crypto.subtle.verify("Ed25519", verifier, raw.slice(4), utf8.encode(note.text))) return wanted.vkey;
    }
    throw new Failed(wanted.vkey);
  }

  async function entry(known) {
    const page = await (await fetched(`${base}/log/entries?from=${wanted.serial}&limit=1&bodies=true`)).json();
    const found = page.entries[0];
    must(found && String(found.serial) === wanted.serial, `#${wanted.serial}`);
    known.leaf = bytesOf(found.entry);
    known.object = found.object === null ? null : bytesOf(found.object);
    const said = JSON.parse(new TextDecoder().decode(known.leaf));
    must(said.listing === wanted.listing, said.listing);
    must(said.statement_hash === wanted.statement, said.statement_hash);
    must(said.object_hash === wanted.object, said.object_hash);
    return `#${wanted.serial} · ${said.kind} · ${said.at}`;
  }

  /** RFC 9162 §2.1.3.2: the root that the proof leads to. */
  async function inclusion(known) {
    const text = await (await fetched(`${base}/proofs/entries/${wanted.serial}?size=${known.size}`)).text();
    let [at, last] = [Number(wanted.serial), known.size - 1];
    let root = await sha256(Uint8Array.of(0), known.leaf);
    for (const line of text.split("\n").filter(Boolean)) {
      must(last > 0, "proof too long");
      const hash = bytesOf(line);
      const isRight = at % 2 === 1 || at === last;
      root = isRight ? await nodeHash(hash, root) : await nodeHash(root, hash);
      while (isRight && at % 2 === 0 && at > 0) [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
      [at, last] = [Math.floor(at / 2), Math.floor(last / 2)];
    }
    must(last === 0 && same(root, known.root), hex(root));
    return hex(root);
  }

  async function statement(known) {
    if (known.object === null) throw new Skipped(wanted.stepMissing);
    must(hex(await sha256(known.object)) === wanted.object, "object_hash");
    const envelope = JSON.parse(new TextDecoder().decode(known.object));
    const payload = bytesOf(envelope.payload);
    must(hex(await sha256(payload)) === wanted.statement, "statement_hash");
    Object.assign(known, { envelope, payload });
    known.said = JSON.parse(new TextDecoder().decode(payload));
    return `${known.said.origin} · ${known.said.op} · ${known.said.issued_at}`;
  }

  async function verifierOf(raw) {
    try {
      return await crypto.subtle.importKey("raw", raw, { name: "Ed25519" }, false, ["verify"]);
    } catch {
      throw new Skipped();
    }
  }

  /** DSSE: the signature is over the type and the payload, each with its length. */
  async function node(known) {
    if (!known.envelope) throw new Skipped(wanted.stepMissing);
    if (!wanted.key) throw new Skipped();
    const { envelope, payload } = known;
    const raw = bytesOf(wanted.key.replaceAll("-", "+").replaceAll("_", "/"));
    const head = utf8.encode(`DSSEv1 ${envelope.payloadType.length} ${envelope.payloadType} ${payload.length} `);
    const signed = new Uint8Array(await new Blob([head, payload]).arrayBuffer());
    const verifier = await verifierOf(raw);
    must(await crypto.subtle.verify("Ed25519", verifier, bytesOf(envelope.signatures[0].sig), signed), wanted.key);
    return envelope.signatures[0].keyid;
  }

  /** Whether everything that was signed is shown; what is shown beside it is a default, empty. */
  function holds(signed, shown) {
    if (signed === null || typeof signed !== "object") return String(signed) === String(shown);
    return shown !== null && typeof shown === "object"
      && Object.entries(signed).every(([name, value]) => value === null || holds(value, shown[name]));
  }

  async function terms(known) {
    if (!known.said?.body) throw new Skipped(wanted.stepMissing);
    const { items } = await (await fetched(`/api/v1/catalogue/listings/${wanted.listing}`)).json();
    const { body } = known.said;
    must(body.patent.application_number === items.number, items.number);
    must(body.patent.title === undefined || body.patent.title === items.title, "title");
    for (const name of ["fee", "period", "territory"]) must(holds(body[name], items[name]), name);
    must(holds(body.holders.map((one) => one.name), items.holders), "holders");
    return items.number;
  }

  const steps = { checkpoint, signature, entry, inclusion, statement, node, terms };

  function tell(step, state, word, detail) {
    const line = list.querySelector(`[data-step=${step}]`);
    line.className = state;
    line.querySelector(".outcome").textContent = word;
    line.querySelector(".detail").textContent = detail ?? "";
  }

  async function run() {
    button.disabled = true;
    list.hidden = false;
    verdict.className = "verdict";
    verdict.textContent = wanted.stepRunning;
    for (const step of Object.keys(steps)) tell(step, "", "");
    const known = {};
    let result = "good";
    for (const [step, check] of Object.entries(steps)) {
      tell(step, "running", wanted.stepRunning);
      try {
        tell(step, "passed", wanted.stepPassed, await check(known));
      } catch (error) {
        if (error instanceof Skipped) {
          tell(step, "skipped", error.message || wanted.stepSkipped);
          result = "partly";
          continue;
        }
        result = error instanceof Away ? "away" : "bad";
        tell(step, result === "away" ? "skipped" : "failed", result === "away" ? "—" : wanted.stepFailed, error.message);
        break;
      }
    }
    verdict.classList.add(result);
    verdict.textContent = { good: wanted.verdictGood, partly: wanted.verdictPartly, bad: wanted.verdictBad, away: wanted.verdictAway }[result];
    button.disabled = false;
  }

  button.hidden = false;
  button.addEventListener("click", run);
})();
