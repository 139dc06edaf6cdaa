#!/usr/bin/env node
// A second reader of the hub's log, from docs/wire-contract.md alone: Node's built-in modules only.
//   node verify_log.mjs ANCHOR.json   prove a hub's whole log; believes the anchor and nothing else
// Ends with 0, or with 1 and the reason. Keys, signatures and proofs are in log_forms.mjs.
import { readFileSync, realpathSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { isDeepStrictEqual } from "node:util";
import {
  base64, grouped, hexHash, KEY_CHANGE, leafHash, must, openCheckpoint, parseJson, readEnvelope, readKey, readText, readVkey, Refused,
  treeRoot, verifyEnvelope, verifyKeyChange,
} from "./log_forms.mjs";

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
