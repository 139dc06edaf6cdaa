// What the log is made of: bytes and JSON, keys, signed notes, proofs, envelopes. Node's built-in modules only.
// verify_log.mjs puts it together; docs/wire-contract.md says what each form must be.
import { createHash, createPublicKey, verify } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

export const STATEMENT = "application/vnd.kaixu.statement+json";
export const KEY_CHANGE = "application/vnd.kaixu.key-change+json";
// Whose signature lets a new key in, by the new key's use.
const ANSWERS_FOR = {
  statement: ["statement", "recovery"], cosigner: ["statement", "cosigner", "recovery"], recovery: ["recovery"],
};
// Under a key of small order one signature fits many messages: y coordinates, sign bit cleared.
const WEAK = new Set([
  "00".repeat(32), `01${"00".repeat(31)}`, `ec${"ff".repeat(30)}7f`, `ed${"ff".repeat(30)}7f`, `ee${"ff".repeat(30)}7f`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

export class Refused extends Error {}
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
export function readEnvelope(raw, type = STATEMENT) {
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
