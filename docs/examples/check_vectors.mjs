#!/usr/bin/env node
// Holds log_forms.mjs and verify_log.mjs against the vectors of the contract: all that must verify, and all that must be refused.
//   node check_vectors.mjs tests/vectors/golden
// Ends with 0, or with 1 and the names of what failed. Vectors of requests and receipts to be refused are for peers, not readers.
import { createPrivateKey, createPublicKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import {
  base64, hexHash, KEY_CHANGE, leafHash, must, openCheckpoint, parseJson, readKey, readProof, readText, readVkey,
  rootOfInclusion, rootsOfConsistency, sha256, STATEMENT, treeRoot, verifyEnvelope, verifyKeyChange, grouped,
} from "./log_forms.mjs";
import { LogReader, readAnchor, readPage } from "./verify_log.mjs";

const same = isDeepStrictEqual;

function* anchorVectors({ anchor }) {
  const read = readAnchor(Buffer.from(anchor.file));
  yield ["canonical form", read.canonical === anchor.canonical];
  yield ["fingerprint", read.fingerprint === anchor.fingerprint];
}

function* enrolmentVectors({ enrolment, log }) {
  const { body, fingerprint, fingerprint_of: lines } = enrolment;
  yield ["lines", [body.node, ...body.keys.map((key) => `${key.use} ${key.key_id}`).sort()].join("\n") === lines];
  yield ["fingerprint", grouped(lines) === fingerprint];
  yield ["thumbprints", body.keys.every((key) => key.algorithm === "ed25519" && readKey(key.public_key).id === key.key_id)];
  const { at, kind, v, ...enrolled } = JSON.parse(log.entries[1]);
  yield ["the log's node_enrolled entry says the same", kind === "node_enrolled" && v === 1 && Boolean(at) && same(enrolled, body)];
}

function* statementVectors({ statement, enrolment, anchor }) {
  for (const [use, { seed_hex: seed, jwk }] of Object.entries(statement.keys)) {
    const pkcs8 = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.from(seed, "hex")]);
    const made = createPublicKey(createPrivateKey({ key: pkcs8, format: "der", type: "pkcs8" })).export({ format: "jwk" });
    yield [`${use} key of its seed, thumbprint`, same({ ...made, kid: readKey(made.x).id }, { ...jwk })];
    const enrolled = enrolment.body.keys.find((key) => key.use === use)?.public_key;
    const expected = use === "hub" ? readAnchor(Buffer.from(anchor.file)).vkey.key.raw.toString("base64url") : enrolled;
    yield [`${use} key is the anchor's or the enrolment's`, expected === jwk.x];
  }
  yield ["payload type", statement.payload_type === STATEMENT];
  const signer = readKey(statement.keys.statement.jwk.x);
  let previous = null;
  for (const [at, each] of statement.statements.entries()) {
    const { payload, signed } = verifyEnvelope(Buffer.from(each.envelope), signer);
    yield [`statement ${at}: envelope signature`, true];
    yield [`statement ${at}: payload`, payload.toString() === each.payload && parseJson(payload).prev === previous];
    yield [`statement ${at}: statement hash`, hexHash(payload) === each.payload_hash];
    yield [`statement ${at}: signed bytes`, hexHash(signed) === each.signed_bytes_sha256];
    yield [`statement ${at}: object hash`, hexHash(each.envelope) === each.object_hash];
    previous = each.payload_hash;
  }
}

function* keyChangeVectors({ key_change: vectors, enrolment }) {
  const keys = new Map(enrolment.body.keys.map(({ key_id: id, public_key: x, use }) => [id, { node: enrolment.body.node, use, key: readKey(x) }]));
  yield ["payload type", vectors.payload_type === KEY_CHANGE];
  for (const [at, each] of vectors.changes.entries()) {
    const { payload, signed, signers } = verifyKeyChange(Buffer.from(each.envelope), keys);
    yield [`change ${at}: signatures`, same(signers, each.signers)];
    yield [`change ${at}: payload`, payload.toString() === each.payload];
    yield [`change ${at}: change hash`, hexHash(payload) === each.change_hash];
    yield [`change ${at}: signed bytes`, hexHash(signed) === each.signed_bytes_sha256];
  }
}

function* logVectors({ log, anchor }) {
  const { anchor: trusted, vkey } = readAnchor(Buffer.from(anchor.file));
  const entries = log.entries.map((entry) => Buffer.from(entry));
  const leaves = entries.map(leafHash);
  const roots = [...leaves.keys(), leaves.length].map((size) => treeRoot(leaves, 0, size));
  yield ["leaf hashes", same(leaves.map((leaf) => leaf.toString("hex")), log.leaf_hashes)];
  yield ["tree roots", same(roots.map((root) => root.toString("hex")), log.roots)];
  const { serial, size, proof } = log.inclusion;
  yield ["inclusion proof", roots[size].equals(rootOfInclusion(leaves[serial], serial, size, readProof(proof)))];
  const { from, to, proof: growth } = log.consistency;
  yield ["consistency proof", same(rootsOfConsistency(from, to, roots[from], readProof(growth)), [roots[from], roots[to]])];
  const checkpoint = openCheckpoint(log.checkpoint, vkey);
  yield ["checkpoint signature", true];
  yield ["checkpoint size and root", checkpoint.size === leaves.length && checkpoint.root.equals(roots.at(-1))];
  yield ["offline proof", log.offline_proof === `c2sp.org/tlog-proof@v1\nindex ${serial}\n${proof}\n${log.checkpoint}`];
  yield ["growth proof", log.growth_proof === `old ${from}\n${growth}\n${log.checkpoint}`];
  yield ["tile", log.tile.path === `tile/0/000.p/${leaves.length}` && base64(log.tile.base64).equals(Buffer.concat(leaves))];
  const bundle = entries.flatMap((entry) => [Buffer.of(entry.length >> 8, entry.length & 0xff), entry]);
  yield ["bundle", log.bundle.path === `tile/entries/000.p/${leaves.length}` && base64(log.bundle.base64).equals(Buffer.concat(bundle))];
  const reader = new LogReader(trusted);
  const page = readPage(Buffer.from(log.page), reader, checkpoint.size);
  yield ["page: form", page.tree_size === checkpoint.size && same(reader.leaves, leaves)];
  yield ["page: root and statements", reader.finish(checkpoint).statements === 2];
}

/** The signature base of RFC 9421 §2.5, from the message and, for `;req`, the request it answers. */
function signatureBase(message, request) {
  const input = fieldOf(message, "signature-input").replace(/^kaixu=/, "");
  const covered = input.slice(1, input.indexOf(")")).split(" ");
  const valueOf = (name, { method, target_uri: uri, status, ...rest }) =>
    ({ "@method": method, "@target-uri": uri, "@status": status })[name] ?? fieldOf(rest, name);
  const lines = covered.map((item) => `${item}: ${valueOf(item.split('"')[1], item.endsWith(";req") ? request : message)}`);
  return [...lines, `"@signature-params": ${input}`].join("\n");
}

function fieldOf({ headers }, name) {
  const found = headers.filter(([known]) => known === name);
  must(found.length === 1, `${name} does not stand there once`);
  return found[0][1];
}

function* messageVectors({ message, statement, log }) {
  const { request, receipt, stored_receipt: stored } = message;
  const [offer] = statement.statements;
  for (const [what, each, signer] of [["request", request, "statement"], ["receipt", receipt, "hub"]]) {
    const key = readKey(statement.keys[signer].jwk.x);
    const base = signatureBase(each, request);
    const [, signature] = fieldOf(each, "signature").match(/^kaixu=:(.*):$/) ?? [];
    yield [`${what}: signature base`, base === each.signature_base && base.includes(`keyid="${key.id}"`)];
    yield [`${what}: signature`, key.verifies(base64(signature), Buffer.from(base))];
    yield [`${what}: content digest`, fieldOf(each, "content-digest") === `sha-256=:${sha256(each.body).toString("base64")}:`];
  }
  const body = parseJson(Buffer.from(receipt.body));
  yield ["request: body", request.body === offer.envelope];
  yield ["receipt: hashes", body.statement_hash === offer.payload_hash && body.object_hash === offer.object_hash];
  yield ["stored receipt", same(parseJson(Buffer.from(stored)), {
    schema: "stored-receipt/1", method: request.method, target_uri: request.target_uri, request_headers: request.headers,
    status: receipt.status, headers: receipt.headers, body: Buffer.from(receipt.body).toString("base64"),
  })];
  yield ["receipt is of what the log holds", log.entries.some((entry) => JSON.parse(entry).object_hash === body.object_hash)];
}

/** What must be refused; a reader's own words for the reason are its own affair, the case's code is the hub's. */
function* refusalVectors({ refusals }) {
  const { checkpoints, proofs, tiles, statements, logs } = refusals;
  const vkey = readVkey(checkpoints.vkey);
  for (const { name, note } of checkpoints.cases) {
    yield [name, refuses(() => openCheckpoint(readText(base64(note)), vkey))];
  }
  for (const each of proofs) yield [each.name, refuses(() => checkProof(each))];
  for (const { name, kind, width, bytes } of tiles) {
    yield [name, refuses(() => (kind === "tile" ? readTile : readBundle)(base64(bytes), width))];
  }
  const signer = readKey(statements.jwk.x);
  for (const { name, envelope } of statements.cases) {
    yield [name, refuses(() => parseJson(verifyEnvelope(base64(envelope), signer).payload))];
  }
  for (const { name, code, anchor, serial, entries, objects } of logs) {
    if (code.startsWith("statement_malformed")) continue; // the terms of a declaration are not judged here
    const reader = new LogReader(anchor);
    entries.forEach((entry, at) => reader.add(base64(entry), objects[at] === null ? null : base64(objects[at])));
    yield [name, reader.problems.length === 1 && reader.problems[0].startsWith(`entry ${serial}:`)];
  }
}

function refuses(act) {
  try {
    act();
    return false;
  } catch {
    return true;
  }
}

function checkProof({ proof: text, ...claim }) {
  const hex = (name) => Buffer.from(claim[name], "hex");
  const proof = readProof(text);
  if ("leaf" in claim) must(rootOfInclusion(hex("leaf"), claim.index, claim.size, proof).equals(hex("root")), "another root");
  else {
    const [earlier, later] = rootsOfConsistency(claim.first, claim.second, hex("first_root"), proof);
    must(earlier.equals(hex("first_root")) && later.equals(hex("second_root")), "another root");
  }
}

const readTile = (raw, width) => must(raw.length === width * 32, "a tile of another width");

function readBundle(raw, width) {
  let [at, count] = [0, 0];
  for (; at < raw.length; count += 1) at += 2 + raw.readUInt16BE(at);
  must(at === raw.length && count === width, "a bundle that is cut, or of another width");
}

function verifyVectors(folder) {
  const checks = {
    anchor: anchorVectors, enrolment: enrolmentVectors, statement: statementVectors, key_change: keyChangeVectors, log: logVectors, message: messageVectors,
    refusals: refusalVectors,
  };
  const files = {};
  let failed = 0;
  const attempt = (name, act) => {
    try {
      act();
    } catch (error) {
      failed += 1;
      console.error(`FAILED ${name}.json: ${error.message}`);
    }
  };
  for (const name of Object.keys(checks)) attempt(name, () => { files[name] = parseJson(readFileSync(join(folder, `${name}.json`))); });
  if (failed) return 1;
  for (const [name, check] of Object.entries(checks)) {
    attempt(name, () => {
      for (const [what, holds] of check(files)) {
        console[holds ? "log" : "error"](`${holds ? "ok" : "FAILED"} ${name}.json: ${what}`);
        failed += holds ? 0 : 1;
      }
    });
  }
  return failed ? 1 : 0;
}

if (process.argv.length === 3) process.exitCode = verifyVectors(process.argv[2]);
else {
  console.error("usage: check_vectors.mjs DIR");
  process.exitCode = 1;
}
