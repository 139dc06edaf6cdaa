#!/usr/bin/env node
// A second reader of the hub's log, from docs/wire-contract.md alone: Node's built-in modules only.
//   node verify_log.mjs ANCHOR.json   prove a hub's whole log; believes the anchor and nothing else
// Ends with 0, or with 1 and the reason.
import { createHash, createPublicKey, verify } from "node:crypto";
import { readFileSync, realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";

export const STATEMENT = "application/vnd.kaixu.statement+json";
export const KEY_CHANGE = "application/vnd.kaixu.key-change+json";
// Whose signature lets a new key in, by the new key's use.
const ANSWERS_FOR = {
  statement: ["statement", "recovery"], cosigner: ["statement", "cosigner", "recovery"], recovery: ["recovery"],
};
const MAX_PAGE_BYTES = 16 * 1024 * 1024;
const OPERATION = {
  listing_offered: "offer", listing_withdrawn: "withdraw", listing_suspended: "suspend", listing_resumed: "resume",
};
const STATE = { listing_offered: "open", listing_resumed: "open", listing_suspended: "suspended", listing_withdrawn: "withdrawn" };
const NODE_MOVES = {
  node_suspended: [["active"], "suspended"],
  node_resumed: [["suspended"], "active"],
  node_retired: [["active", "suspended"], "retired"],
};
// For each kind of entry the members this reader knows; `crit` may name no other.
const CHANGE = "origin listing version application_number by reason statement_hash object_hash prev_statement_hash key_id";
const KINDS = {
  log_opened: "federation log_origin log_vkey hash_algorithm",
  listing_offered: "origin listing version application_number statement_hash object_hash prev_statement_hash key_id"
    + " standing primary decision",
  listing_withdrawn: CHANGE, listing_suspended: CHANGE, listing_resumed: CHANGE,
  conflict_decided: "application_number primary others rule decision",
  node_enrolled: "node names keys scope", key_added: "node key change",
  key_revoked: "node key_id reason by change suspect_from",
  node_suspended: "node reason", node_resumed: "node reason", node_retired: "node reason",
  object_erased: "object_hash reason listing", hub_notice: "code notice",
};
// Under a key of small order one signature fits many messages: y coordinates, sign bit cleared.
const WEAK = new Set([
  "00".repeat(32), `01${"00".repeat(31)}`, `ec${"ff".repeat(30)}7f`, `ed${"ff".repeat(30)}7f`, `ee${"ff".repeat(30)}7f`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

class Refused extends Error {}
export function must(holds, reason) { if (!holds) throw new Refused(reason); }

// --- bytes, JSON, keys -------------------------------------------------------------------------
export function sha256(...parts) {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
export const hexHash = (bytes) => sha256(bytes).toString("hex");
export const grouped = (bytes) => hexHash(bytes).match(/.{4}/g).join(" ");

export function base64(text, spelling = "base64") {
  const raw = Buffer.from(String(text), spelling);
  must(raw.toString(spelling) === text, `not ${spelling} in its one spelling`);
  return raw;
}

export const readText = (raw) => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);

const countMembers = (value) => value === null || typeof value !== "object" ? 0
  : Object.values(value).reduce((sum, each) => sum + countMembers(each), Array.isArray(value) ? 0 : Object.keys(value).length);

/** JSON from outside: UTF-8, no BOM, integers only, no repeated members (JSON.parse would keep the last one silently). */
export function parseJson(raw) {
  const text = readText(raw);
  const value = JSON.parse(text);
  const written = [...text.matchAll(/"(?:[^"\\]|\\.)*"[ \t\r\n]*(:?)/g)].filter((found) => found[1]).length;
  must(written === countMembers(value), "a JSON member is repeated");
  must(!/[0-9][.eE]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, "")), "a number is not an integer");
  return value;
}

/** An Ed25519 key from its JWK coordinate, named by its RFC 7638 thumbprint. */
export function readKey(x) {
  const raw = base64(x, "base64url");
  const folded = Buffer.from(raw);
  if (raw.length === 32) folded[31] &= 0x7f;
  must(raw.length === 32 && !WEAK.has(folded.toString("hex")), "not an Ed25519 key, or a weak one");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const id = sha256(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).toString("base64url");
  return { id, raw, verifies: (signature, message) => verify(null, message, key, signature) };
}

// --- C2SP signed notes and checkpoints -----------------------------------------------------------
export function readVkey(vkey) {
  const [name, id, ...rest] = vkey.split("+");
  const raw = base64(rest.join("+"));
  must(raw[0] === 1, "the log key is not Ed25519");
  const own = sha256(name, "\n", raw).subarray(0, 4);
  must(own.toString("hex") === id, "the log key's id is not that of its name and key");
  return { name, id: own, key: readKey(raw.subarray(1).toString("base64url")) };
}

export function openCheckpoint(note, vkey) {
  const cut = note.lastIndexOf("\n\n");
  must(cut > 0 && note.endsWith("\n"), "the checkpoint is not a signed note");
  const text = note.slice(0, cut + 1);
  let signed = false;
  for (const line of note.slice(cut + 2, -1).split("\n")) {
    const [dash, name, encoded, ...more] = line.split(" ");
    must(dash === "—" && encoded && !more.length, "a signature line is malformed");
    const raw = base64(encoded);
    if (name !== vkey.name || !raw.subarray(0, 4).equals(vkey.id)) continue; // another key: means nothing
    must(vkey.key.verifies(raw.subarray(4), Buffer.from(text)), "the checkpoint's signature is not the log key's");
    signed = true;
  }
  must(signed, "the checkpoint is not signed by the log key: if that was changed, this needs the newer anchor");
  const [origin, size, root, ...more] = text.split("\n");
  must(origin === vkey.name, "the checkpoint is another log's");
  must(/^(0|[1-9][0-9]{0,14})$/.test(size) && more.pop() === "" && more.every(Boolean), "the checkpoint's lines are malformed");
  must(base64(root).length === 32, "the checkpoint's root is not a hash");
  must(size !== "0" || base64(root).equals(sha256()), "an empty log has another root");
  return { size: Number(size), root: base64(root) };
}

// --- RFC 6962 tree, RFC 9162 proofs ----------------------------------------------------------------
export const leafHash = (leaf) => sha256(Buffer.of(0), leaf);
const nodeHash = (left, right) => sha256(Buffer.of(1), left, right);
const half = (number) => Math.floor(number / 2);
export const readProof = (text) => text.split("\n").slice(0, -1).map((line) => base64(line));

export function treeRoot(leaves, from = 0, to = leaves.length) {
  if (from === to) return sha256();
  if (to - from === 1) return leaves[from];
  let split = 1;
  while (split * 2 < to - from) split *= 2;
  return nodeHash(treeRoot(leaves, from, from + split), treeRoot(leaves, from + split, to));
}

/** RFC 9162 §2.1.3.2: the root that the proof leads to. */
export function rootOfInclusion(leaf, index, size, proof) {
  must(index < size, "no such leaf in a tree of this size");
  let [at, last, root] = [index, size - 1, leaf];
  for (const hash of proof) {
    must(last > 0, "the proof is too long");
    const isRight = at % 2 === 1 || at === last;
    root = isRight ? nodeHash(hash, root) : nodeHash(root, hash);
    while (isRight && at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
    [at, last] = [half(at), half(last)];
  }
  must(last === 0, "the proof is too short");
  return root;
}

/** RFC 9162 §2.1.4.2: the earlier and the later root that the proof leads to. */
export function rootsOfConsistency(first, second, firstRoot, proof) {
  must(first > 0 && first < second, "no such proof");
  const hashes = Number.isInteger(Math.log2(first)) ? [firstRoot, ...proof] : [...proof];
  must(hashes.length > 0, "the proof is empty");
  let [at, last] = [first - 1, second - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  let [earlier, later] = [hashes[0], hashes[0]];
  for (const hash of hashes.slice(1)) {
    must(last > 0, "the proof is too long");
    const isRight = at % 2 === 1 || at === last;
    if (isRight) earlier = nodeHash(hash, earlier);
    later = isRight ? nodeHash(hash, later) : nodeHash(later, hash);
    while (isRight && at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
    [at, last] = [half(at), half(last)];
  }
  must(last === 0, "the proof is too short");
  return [earlier, later];
}

// --- statements (DSSE) --------------------------------------------------------------------------
function readEnvelope(raw, type = STATEMENT) {
  const envelope = parseJson(raw);
  must(isDeepStrictEqual(Object.keys(envelope).sort(), ["payload", "payloadType", "signatures"]), "the envelope has other members");
  must(envelope.payloadType === type, `not of type ${type}`);
  must(type !== STATEMENT || envelope.signatures.length === 1, "not a statement with one signature");
  const signatures = new Map();
  for (const signature of envelope.signatures) {
    must(isDeepStrictEqual(Object.keys(signature).sort(), ["keyid", "sig"]), "the signature has other members");
    must(!signatures.has(signature.keyid), "one key signs twice");
    signatures.set(signature.keyid, base64(signature.sig));
  }
  const payload = base64(envelope.payload);
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
  const [[keyId, signature]] = signatures;
  return { payload, signed, keyId, signature, signatures };
}

/** A node's own key change, signed by exactly the key that answers for it and, if one is added, by the new key. */
export function verifyKeyChange(raw, keys) {
  const { payload, signed, signatures } = readEnvelope(raw, KEY_CHANGE);
  const change = parseJson(payload);
  const signer = keys.get(change.authorised_by);
  must(signer?.node === change.node && signer.key, "the key change is authorised by no key of the node");
  const signers = new Map([[change.authorised_by, signer.key]]);
  if (change.action === "add") {
    must(ANSWERS_FOR[change.key.use].includes(signer.use), "the authorising key may not add this key");
    const replaced = keys.get(change.replaces);
    must(!change.replaces || (replaced?.node === change.node && replaced.use === change.key.use), "it replaces another node's or use's key");
    signers.set(change.key.key_id, readKey(change.key.public_key));
  } else {
    must(change.action === "revoke" && signer.use === "recovery" && change.key_id !== change.authorised_by, "only the recovery key revokes, and not itself");
  }
  must(signatures.size === signers.size, "the key change is signed by others");
  for (const [id, key] of signers) {
    must(signatures.has(id) && key.id === id && key.verifies(signatures.get(id), signed), "a signature of the key change does not verify");
  }
  return { change, payload, signed, signers: [...signers.keys()] };
}

export function verifyEnvelope(raw, key) {
  const envelope = readEnvelope(raw);
  must(envelope.keyId === key.id, "the statement is signed by another key than the entry names");
  must(key.verifies(envelope.signature, envelope.signed), "the statement's signature does not verify");
  return envelope;
}

// --- the log, entry by entry --------------------------------------------------------------------
export class LogReader {
  constructor(anchor) {
    Object.assign(this, { anchor, leaves: [], problems: [], nodes: new Map(), keys: new Map(), heads: new Map() });
    Object.assign(this, { statements: 0, unread: 0, missing: [], erased: new Set() });
  }

  /** Hash the leaf, whatever it says; then judge it by all that came before. Nothing is thrown: see `problems`. */
  add(leaf, object) {
    const serial = this.leaves.push(leafHash(leaf)) - 1;
    try {
      this.judge(serial, parseJson(leaf), object);
    } catch (error) {
      this.problems.push(`entry ${serial}: ${error.message}`);
    }
  }

  judge(serial, entry, object) {
    must(typeof entry.kind === "string" && Number.isSafeInteger(entry.v), "not an entry");
    const known = `v kind at crit ${Object.hasOwn(KINDS, entry.kind) ? KINDS[entry.kind] : ""}`.split(" ");
    const readable = entry.v === 1 && Object.hasOwn(KINDS, entry.kind) && (entry.crit ?? []).every((name) => known.includes(name));
    must(serial > 0 || (readable && entry.kind === "log_opened"), "the log does not begin with its opening");
    if (!readable) this.unread += 1; // needs a newer reader; counted and hashed all the same
    else if (entry.kind === "log_opened") this.opened(serial, entry);
    else if (entry.kind === "object_erased") this.erased.add(entry.object_hash);
    else if (entry.node !== undefined) this.directory(entry);
    else if (entry.kind in OPERATION) this.change(serial, entry, object);
  }

  opened(serial, entry) {
    const same = ["federation", "log_origin", "log_vkey"].every((name) => entry[name] === this.anchor[name]);
    must(serial === 0 && same && (entry.hash_algorithm ?? "sha256") === "sha256", "the log opened is not the anchor's");
  }

  directory(entry) {
    const state = this.nodes.get(entry.node);
    if (entry.kind === "node_enrolled") {
      must(state === undefined, "the node is enrolled already");
      for (const key of entry.keys) this.addKey(entry.node, key);
      this.nodes.set(entry.node, "active");
    } else if (entry.kind === "key_added") {
      must(state !== undefined && state !== "retired", "no such node, or it has retired");
      const { change } = this.keyChange(entry, (record) => !record.revoked);
      must(change.action === "add" && isDeepStrictEqual(change.key, entry.key), "the entry adds another key than the key change");
      this.addKey(entry.node, entry.key);
    } else if (entry.kind === "key_revoked") {
      const record = this.keys.get(entry.key_id);
      must(record?.node === entry.node && !record.revoked, "the node has no such key, or it is revoked already");
      must((entry.by ?? "hub") === (entry.change ? "origin" : "hub"), "who revoked the key is not what is proven");
      if (entry.change) this.ownRevocation(entry);
      record.revoked = true;
    } else {
      const [from, to] = NODE_MOVES[entry.kind];
      must(from.includes(state), `${entry.kind} of a node that is ${state ?? "not enrolled"}`);
      this.nodes.set(entry.node, to);
    }
  }

  keyChange(entry, counts) {
    const keys = new Map([...this.keys].filter(([, record]) => record.node === entry.node && counts(record)));
    const proven = verifyKeyChange(base64(entry.change), keys);
    must(proven.change.node === entry.node, "the key change is another node's");
    return proven;
  }

  /** By the recovery key now; or the end of an overlap, which was authorised when the new key was added. */
  ownRevocation(entry) {
    const { action, key } = parseJson(readEnvelope(base64(entry.change), KEY_CHANGE).payload);
    must(action === "revoke" || this.keys.get(key?.key_id)?.node === entry.node, "the new key was never added");
    const { change } = this.keyChange(entry, (record) => action === "add" || !record.revoked);
    must((change.key_id ?? change.replaces) === entry.key_id, "the entry revokes another key than the key change");
  }

  addKey(node, { key_id: id, algorithm, public_key: x, use }) {
    must(!this.keys.has(id), "the key was enrolled before");
    const key = algorithm === "ed25519" ? readKey(x) : null; // a key of another algorithm verifies nothing here
    must(key === null || key.id === id, "the key is not named by its thumbprint");
    this.keys.set(id, { node, use, key, revoked: false });
  }

  change(serial, entry, object) {
    const head = this.heads.get(entry.listing);
    const offered = entry.kind === "listing_offered";
    must(head || offered, "a listing is changed before it was ever offered");
    must(!head?.withdrawn, "the listing was withdrawn before");
    must(!head || head.origin === entry.origin, "the listing is another node's");
    must(!head || (entry.application_number ?? head.number) === head.number, "the listing's patent changed");
    must(Number.isSafeInteger(entry.version) && entry.version > 0, "the version is not a number");
    const isStated = offered || entry.by === "origin";
    const said = isStated ? this.stated(serial, entry, object) : null;
    if (!isStated) must(entry.by === "hub" && !entry.statement_hash && entry.version <= head.version, "the hub speaks as a node, or of no known version");
    const { origin, version, statement_hash: hash, application_number: number } = entry;
    const withdrawn = entry.kind === "listing_withdrawn";
    const stays = entry.by === "hub";
    const known = { state: STATE[entry.kind], terms: offered ? said?.body : head?.terms, withdrawn };
    this.heads.set(entry.listing, stays ? { ...head, ...known } : { ...known, origin, version, hash, number: number ?? head.number });
  }

  /** A node's own statement: key active here, hashes, signature, same content, chained to the version before. */
  stated(serial, entry, object) {
    const record = this.keys.get(entry.key_id);
    must(record?.node === entry.origin && record.use === "statement" && record.key, "the key is unknown here, or not this node's for statements");
    must(!record.revoked, "the key was revoked before");
    must(this.nodes.get(entry.origin) === "active", `the node is ${this.nodes.get(entry.origin)}`);
    const head = this.heads.get(entry.listing);
    must(!head || entry.version > head.version, "the version is not later than the one before");
    must(entry.version !== (head?.version ?? 0) + 1 || (entry.prev_statement_hash ?? null) === (head?.hash ?? null), "prev is not the version before");
    if (object === null) {
      this.missing.push([serial, entry.object_hash]);
      return null;
    }
    must(hexHash(object) === entry.object_hash, "other bytes than the entry names (object_hash)");
    const { payload } = verifyEnvelope(object, record.key);
    must(hexHash(payload) === entry.statement_hash, "another statement than the entry names (statement_hash)");
    const said = parseJson(payload);
    const pairs = [
      [said.op, OPERATION[entry.kind]], [said.origin, entry.origin], [said.listing, entry.listing], [said.version, entry.version],
      [said.prev ?? null, entry.prev_statement_hash ?? null],
      [said.subject.application_number, entry.application_number ?? said.subject.application_number],
    ];
    must(pairs.every(([one, other]) => one === other), "the statement says something else than the entry");
    this.statements += 1;
    return said;
  }

  /** The verdict under a verified checkpoint. */
  finish({ size, root }) {
    must(this.leaves.length === size, `${this.leaves.length} entries, but the checkpoint says ${size}`);
    const found = treeRoot(this.leaves);
    const absent = this.missing.filter(([, hash]) => !this.erased.has(hash)).map(([serial]) => `entry ${serial}: its statement was not delivered, and not erased`);
    const problems = [...this.problems, ...absent];
    if (!found.equals(root)) problems.unshift(`the root of ${size} entries is ${found.toString("hex")}, but the checkpoint says ${root.toString("hex")}`);
    must(problems.length === 0, problems.slice(0, 20).join("\n"));
    return { size, root: root.toString("hex"), statements: this.statements, erased: this.missing.length, unread: this.unread, ok: true };
  }
}

export function readAnchor(raw) {
  const anchor = parseJson(raw);
  const vkey = readVkey(anchor.log_vkey);
  must(anchor.schema === "federation-anchor/1" && vkey.name === anchor.log_origin, "not a federation anchor of one log");
  const url = new URL(anchor.hub_url);
  const loopback = ["localhost", "127.0.0.1", "[::1]"].includes(url.hostname);
  must(url.origin === anchor.hub_url && (url.protocol === "https:" || loopback), "hub_url is not an https origin");
  const canonical = JSON.stringify(anchor, Object.keys(anchor).sort());
  return { anchor, vkey, canonical, fingerprint: grouped(canonical) };
}

export function readPage(raw, reader, size) {
  const page = parseJson(raw);
  const from = reader.leaves.length;
  must(page.from === from && page.next === from + page.entries.length, `the page does not begin at entry ${from} or end where it says`);
  must(page.next > from, `the hub signed ${size} entries and does not give entry ${from}`);
  page.entries.slice(0, size - from).forEach((row, at) => {
    must(row.serial === from + at, `entry ${from + at} is missing or misplaced`);
    reader.add(base64(row.entry), row.object === null ? null : base64(row.object));
  });
  return page;
}

/** The hub's whole log proven: what it says of each listing (`heads`), and the verdict. Throws where it cannot be. */
export async function verifyHub(path) {
  const { anchor, vkey } = readAnchor(readFileSync(path));
  const ask = async (place) => {
    const url = `${anchor.hub_url}/federation/v1/log/${place}`;
    const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(60_000) }).catch((error) => {
      throw new Refused(`no answer from ${url}: ${error.cause?.message ?? error.message}`);
    });
    must(answer.status === 200, `${url} answers ${answer.status}`);
    const body = Buffer.from(await answer.arrayBuffer());
    must(body.length <= MAX_PAGE_BYTES, `${url} answers ${body.length} bytes`);
    return body;
  };
  const checkpoint = openCheckpoint(readText(await ask("checkpoint")), vkey);
  const reader = new LogReader(anchor);
  while (reader.leaves.length < checkpoint.size) {
    readPage(await ask(`entries?from=${reader.leaves.length}&limit=1000&bodies=true`), reader, checkpoint.size);
  }
  return { heads: reader.heads, verdict: reader.finish(checkpoint) };
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  try {
    must(process.argv.length === 3, "usage: verify_log.mjs ANCHOR.json");
    console.log(JSON.stringify((await verifyHub(process.argv[2])).verdict));
  } catch (error) {
    console.error(`not ok: ${error.message}`);
    process.exitCode = 1;
  }
}
