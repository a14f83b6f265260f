import { describe, expect, it } from "vitest";
import type { InclusionProof, LogEntry } from "#claims/logEntry.ts";
import { readNote, writeNote } from "#ledger/note.ts";
import { noteKeyHash, noteKeyId } from "#ledger/noteKey.ts";
import { isFault } from "#trust/fault.ts";
import { verifyLogEntry } from "#trust/logProof.ts";
import type { VerifiedLogEntry } from "#trust/logProof.ts";
import { createSigner, writeBody } from "../../test/fakes/logBodies.ts";
import { createTestLog, LOGGED_AT } from "../../test/fakes/testLog.ts";

const PAYLOAD = Buffer.from("a message");
const signer = createSigner("p256");

const demand = (verdict: ReturnType<typeof verifyLogEntry>): VerifiedLogEntry => {
  if (isFault(verdict)) throw new Error(`${verdict.code}: ${verdict.reason}`);
  return verdict;
};
const codeOf = (verdict: ReturnType<typeof verifyLogEntry>): string => (isFault(verdict) ? verdict.code : "accepted");

describe("who vouches for a log entry", () => {
  const thing = signer.message(PAYLOAD);
  const body = writeBody("hashedrekord 0.0.1", thing);
  const log = createTestLog();
  const entry = log.log(body);
  const proof = entry.proof as InclusionProof;
  const verify = (changed: Partial<LogEntry>, roots = [log.root], times?: readonly Date[]): string =>
    codeOf(verifyLogEntry({ ...entry, ...changed }, thing, roots, times));
  const withProof = (changed: Partial<InclusionProof>): string => verify({ proof: { ...proof, ...changed } });

  it("is a log that is trusted", () => {
    const stranger = createTestLog();
    expect(verify({}, [])).toBe("log-unknown");
    expect(verify({}, [stranger.root])).toBe("log-unknown");
    expect(verify({ logId: undefined })).toBe("log-unknown");
    expect(verify({ logId: stranger.trusted.logId }, [stranger.root])).toBe("log-promise");
    expect(verify({}, [stranger.root, log.root])).toBe("accepted");
  });

  it("is a log by a promise or by a proof, and by nothing less", () => {
    expect(demand(verifyLogEntry({ ...entry, proof: undefined }, thing, [log.root]))).toMatchObject({
      promise: true,
      inclusionProof: false,
      witnesses: [],
    });
    const proven = demand(verifyLogEntry({ ...entry, promise: undefined }, thing, [log.root]));
    // Nobody vouches for the time then, nor for the index in the whole log.
    expect(proven).toMatchObject({
      promise: false,
      inclusionProof: true,
      index: proof.index,
      integratedTime: undefined,
    });
    expect(verify({ promise: undefined, proof: undefined })).toBe("log-unproven");
    expect(verify({ promise: undefined, proof: { ...proof, checkpoint: undefined } })).toBe("log-unproven");
    const bare = verifyLogEntry({ ...entry, proof: { ...proof, checkpoint: undefined } }, thing, [log.root]);
    expect(demand(bare)).toMatchObject({ promise: true, inclusionProof: false });
  });

  it("promised exactly this", () => {
    const signed = (changed: Partial<LogEntry>): Uint8Array => log.promise({ ...entry, ...changed });
    expect(verify({ promise: signed({}) })).toBe("accepted");
    expect(verify({ promise: signed({ index: entry.index + 1n }) })).toBe("log-promise");
    expect(verify({ promise: signed({ integratedTime: 1_780_000_000n }) })).toBe("log-promise");
    expect(verify({ promise: signed({ body: Buffer.from("{}") }) })).toBe("log-promise");
    expect(verify({ promise: signed({ logId: Buffer.alloc(32) }) })).toBe("log-promise");
    expect(verify({ integratedTime: 1_780_000_000n })).toBe("log-promise");
    expect(verify({ integratedTime: undefined })).toBe("log-promise");
    expect(verify({ index: entry.index + 1n })).toBe("log-promise");
    expect(verify({ promise: createTestLog().promise(entry) })).toBe("log-promise");
    expect(verify({ promise: Buffer.from("no signature") })).toBe("log-promise");
    const never = { integratedTime: 2n ** 63n - 1n };
    expect(verify({ ...never, promise: signed(never) })).toBe("log-promise");
  });

  it("proved exactly this", () => {
    expect(withProof({ index: proof.index + 1n })).toBe("log-proof");
    expect(withProof({ index: proof.treeSize })).toBe("log-proof");
    expect(withProof({ treeSize: proof.treeSize * 2n })).toBe("log-proof");
    // Trees of some sizes have proofs of one shape: there the checkpoint decides.
    expect(withProof({ treeSize: proof.treeSize + 1n })).toBe("log-checkpoint");
    expect(withProof({ rootHash: undefined })).toBe("log-proof");
    expect(withProof({ rootHash: Buffer.alloc(32) })).toBe("log-proof");
    expect(withProof({ hashes: proof.hashes.slice(1) })).toBe("log-proof");
    expect(withProof({ hashes: proof.hashes.with(0, Buffer.alloc(32)) })).toBe("log-proof");
    // What is wrong is refused even where it would count as nothing.
    expect(withProof({ checkpoint: undefined, hashes: [] })).toBe("log-proof");
  });

  it("signed a checkpoint of this very tree", () => {
    const later = log.log(Buffer.from(`{"kind":"x","apiVersion":"1"}`));
    expect(withProof({ checkpoint: later.proof?.checkpoint })).toBe("log-checkpoint");
    expect(withProof({ checkpoint: createTestLog().checkpoint() })).toBe("log-checkpoint");
    expect(withProof({ checkpoint: "no note" })).toBe("log-checkpoint");
    const note = readNote(proof.checkpoint ?? "");
    const edited = (text: string): string => withProof({ checkpoint: writeNote({ ...note, text }) });
    expect(edited(note.text)).toBe("accepted");
    expect(edited(note.text.replace("2605", "2606"))).toBe("log-checkpoint");
    expect(edited("text\n")).toBe("log-checkpoint");
    const unsigned = note.signatures.map((one) => ({ ...one, name: "witness.example" }));
    expect(withProof({ checkpoint: writeNote({ ...note, signatures: unsigned }) })).toBe("log-checkpoint");
  });

  it("is called by the name of the log", () => {
    const fresh = createTestLog();
    const own = fresh.log(body);
    const named = (wish: { readonly name?: string; readonly origin?: string }, trusted = fresh.trusted): string => {
      const changed = { ...own, proof: { ...(own.proof as InclusionProof), checkpoint: fresh.checkpoint(wish) } };
      return codeOf(verifyLogEntry(changed, thing, [{ ...fresh.root, logs: [trusted] }]));
    };
    expect(named({})).toBe("accepted");
    expect(named({ name: "other.example" })).toBe("log-checkpoint");
    expect(named({ origin: "other.example - 1" })).toBe("log-checkpoint");
    expect(named({ origin: "log.example" })).toBe("log-checkpoint");
    expect(named({ origin: "log.example - 1\u00a0" })).toBe("log-checkpoint");
    expect(named({ origin: "log.example - x" })).toBe("log-checkpoint");
    // A key that was given alone has no name.
    expect(named({ name: "other.example" }, { ...fresh.trusted, origin: "" })).toBe("accepted");
    // A port may be part of the name or not.
    expect(named({}, { ...fresh.trusted, origin: "log.example:8000" })).toBe("accepted");
    expect(named({ name: "log.example:8000" }, { ...fresh.trusted, origin: "log.example:8000" })).toBe("accepted");
  });

  it("did so while its key counted, both ends included", () => {
    const within = (
      start: Date | undefined,
      end: Date | undefined,
      changed: Partial<LogEntry>,
      times?: readonly Date[],
    ) => verify(changed, [{ ...log.root, logs: [{ ...log.trusted, window: { start, end } }] }], times);
    const [before, after] = [new Date(LOGGED_AT.getTime() - 1), new Date(LOGGED_AT.getTime() + 1)];
    expect(within(LOGGED_AT, LOGGED_AT, {})).toBe("accepted");
    expect(within(after, undefined, {})).toBe("log-window");
    expect(within(undefined, before, {})).toBe("log-window");
    // Without a promise the times of others count, and every one of them.
    const proven = { promise: undefined };
    expect(within(after, undefined, proven)).toBe("accepted");
    expect(within(after, undefined, proven, [after])).toBe("accepted");
    expect(within(after, undefined, proven, [after, LOGGED_AT])).toBe("log-window");
    // The promise is what says when it was logged.
    expect(within(LOGGED_AT, LOGGED_AT, {}, [after])).toBe("accepted");
  });

  it("may stand in several roots, each with a window of its own", () => {
    const ended = { ...log.trusted, window: { start: undefined, end: new Date(0) } };
    const roots = [{ ...log.root, source: "old", logs: [ended] }, log.root];
    expect(demand(verifyLogEntry(entry, thing, roots)).root).toBe("root of log.example");
    expect(verify({}, [{ ...log.root, logs: [ended] }])).toBe("log-window");
  });
});

describe.each([1, 2] as const)("an entry of generation %d in which a byte changed", (generation) => {
  const log = createTestLog({ generation });
  const thing = createSigner("certificate").message(PAYLOAD);
  const entry = log.log(writeBody(generation === 1 ? "hashedrekord 0.0.1" : "hashedrekord 0.0.2", thing));
  const proof = entry.proof as InclusionProof;
  const flip = (bytes: Uint8Array, at: number): Buffer =>
    Buffer.from(bytes.map((byte, i) => (i === at ? byte ^ 1 : byte)));
  const parts: Readonly<Record<string, readonly [Uint8Array, (bytes: Buffer) => Partial<LogEntry>]>> = {
    body: [entry.body ?? Buffer.alloc(0), (body) => ({ body })],
    "log id": [entry.logId ?? Buffer.alloc(0), (logId) => ({ logId })],
    ...(entry.promise === undefined ? {} : { promise: [entry.promise, (promise: Buffer) => ({ promise })] }),
    root: [proof.rootHash ?? Buffer.alloc(0), (rootHash) => ({ proof: { ...proof, rootHash } })],
    hash: [proof.hashes[0] ?? Buffer.alloc(0), (one) => ({ proof: { ...proof, hashes: proof.hashes.with(0, one) } })],
    checkpoint: [
      Buffer.from(proof.checkpoint ?? ""),
      (bytes) => ({ proof: { ...proof, checkpoint: bytes.toString() } }),
    ],
  };

  it.each(Object.entries(parts))("of the %s is refused, whichever byte", (_, [bytes, change]) => {
    const judge = (changed: Buffer): string =>
      codeOf(verifyLogEntry({ ...entry, ...change(changed) }, thing, [log.root]));
    expect(judge(Buffer.from(bytes))).toBe("accepted");
    expect(bytes.length).toBeGreaterThan(30);
    const verdicts = [...bytes.keys()].map((at) => judge(flip(bytes, at)));
    expect(verdicts.filter((verdict) => verdict === "accepted")).toEqual([]);
  });
});

describe("a log of Rekor v2", () => {
  const thing = signer.message(PAYLOAD);
  const body = writeBody("hashedrekord 0.0.2", thing);
  const log = createTestLog({ generation: 2, curve: "ed25519" });
  const entry = log.log(body);
  const verify = (changed: Partial<LogEntry>): string =>
    codeOf(verifyLogEntry({ ...entry, ...changed }, thing, [log.root]));

  it("gives proofs, no promises", () => {
    expect(verify({})).toBe("accepted");
    expect(verify({ proof: undefined })).toBe("log-unproven");
    const timed = { integratedTime: 1_780_000_000n };
    expect(verify(timed)).toBe("accepted");
    expect(verify({ ...timed, promise: log.promise({ ...entry, ...timed }) })).toBe("log-promise");
  });

  it("has one tree, in which the entry is where it says", () => {
    expect(verify({ index: entry.index + 1n })).toBe("log-proof");
  });

  it("has no number after its name", () => {
    const fresh = createTestLog({ generation: 2 });
    const own = fresh.log(body);
    const checkpoint = fresh.checkpoint({ origin: "log.example - 1" });
    const changed = { ...own, proof: { ...(own.proof as InclusionProof), checkpoint } };
    expect(codeOf(verifyLogEntry(changed, thing, [fresh.root]))).toBe("log-checkpoint");
  });

  it("has the name that its id was made with, wherever it is", () => {
    const fresh = createTestLog({ generation: 2, curve: "ed25519" });
    const own = fresh.log(body);
    const under = (host: string, name: string): string => {
      const proof = { ...(own.proof as InclusionProof), checkpoint: fresh.checkpoint({ name }) };
      const logs = [{ ...fresh.trusted, origin: host }];
      return codeOf(verifyLogEntry({ ...own, proof }, thing, [{ ...fresh.root, logs }]));
    };
    expect(under("moved.example", "log.example")).toBe("accepted");
    expect(under("log.example", "moved.example")).toBe("log-checkpoint");
  });

  it("has witnesses, who are named and not needed", () => {
    const note = readNote(entry.proof?.checkpoint ?? "");
    const witness = { name: "witness.example/w1", id: 7, signature: Buffer.alloc(72) };
    for (const signatures of [
      [...note.signatures, witness],
      [witness, ...note.signatures],
    ]) {
      const checkpoint = writeNote({ ...note, signatures });
      const cosigned = { ...entry, proof: { ...(entry.proof as InclusionProof), checkpoint } };
      expect(demand(verifyLogEntry(cosigned, thing, [log.root])).witnesses).toEqual(["witness.example/w1"]);
    }
  });

  it("signs with plain Ed25519 alone", () => {
    const note = readNote(entry.proof?.checkpoint ?? "");
    const signedBy = (kind: "ed25519" | "ed25519ph"): string => {
      const witness = createSigner(kind);
      const { verifier } = witness.message(PAYLOAD);
      if (verifier.kind !== "key") throw new TypeError("no key");
      const logId = noteKeyHash("log.example", verifier.key);
      const line = { name: "log.example", id: noteKeyId(logId), signature: witness.sign(Buffer.from(note.text)) };
      const checkpoint = writeNote({ ...note, signatures: [line] });
      const changed = { ...entry, logId, proof: { ...(entry.proof as InclusionProof), checkpoint } };
      const logs = [{ ...log.trusted, key: verifier.key, logId }];
      return codeOf(verifyLogEntry(changed, thing, [{ ...log.root, logs }]));
    };
    expect(signedBy("ed25519")).toBe("accepted");
    expect(signedBy("ed25519ph")).toBe("log-checkpoint");
  });

  it("refuses a checkpoint with a second signature of its key that is wrong", () => {
    const note = readNote(entry.proof?.checkpoint ?? "");
    const wrong = note.signatures.map((one) => ({ ...one, signature: Buffer.alloc(64) }));
    const checkpoint = writeNote({ ...note, signatures: [...note.signatures, ...wrong] });
    expect(verify({ proof: { ...(entry.proof as InclusionProof), checkpoint } })).toBe("log-checkpoint");
  });
});
