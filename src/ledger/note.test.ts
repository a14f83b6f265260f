import { generateKeyPairSync, sign, verify } from "node:crypto";
import { describe, expect, it } from "vitest";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { cosignatureVerifier, cosignedBytes, readCosignature, writeCosignature } from "#ledger/cosignature.ts";
import { readNote, writeNote } from "#ledger/note.ts";
import type { Note } from "#ledger/note.ts";
import { cosignerKeyHash, noteKeyHash, noteKeyId, spkiHash } from "#ledger/noteKey.ts";
import { openNote } from "#ledger/openNote.ts";
import type { NoteVerifier } from "#ledger/openNote.ts";

const invalid = expect.objectContaining({ code: "INPUT_INVALID" });
const SIGNATURE = { name: "log.example", id: 0x01020304, signature: Buffer.from("signature") };
const LINE = "\u2014 log.example AQIDBHNpZ25hdHVyZQ==\n";

const ed25519 = (): { readonly key: PublicKey; readonly sign: (bytes: Uint8Array) => Uint8Array } => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const key = { kind: "ed25519", spki: publicKey.export({ type: "spki", format: "der" }) } as const;
  return { key, sign: (bytes) => sign(null, bytes, privateKey) };
};

const check =
  ({ spki }: PublicKey) =>
  (bytes: Uint8Array, signature: Uint8Array): boolean =>
    verify(null, bytes, { key: Buffer.from(spki), format: "der", type: "spki" }, signature);

const verifierOf = (name: string, key: PublicKey): NoteVerifier => ({
  name,
  id: noteKeyId(noteKeyHash(name, key)),
  check: check(key),
});

describe("a signed note", () => {
  it("is read and written", () => {
    const note = `first\n\nsecond\n\n${LINE}`;
    const read = readNote(note);
    expect(read).toEqual({ text: "first\n\nsecond\n", signatures: [SIGNATURE] });
    expect(writeNote(read)).toBe(note);
    expect(readNote(Buffer.from(note))).toEqual(read);
  });

  it("splits at the last blank line, so that nobody moves text among the signatures", () => {
    expect(readNote(`a\n\n${LINE}\n${LINE}`).text).toBe(`a\n\n${LINE}`);
  });

  it.each([
    ["no blank line", `text\n${LINE}`],
    ["no signature", "text\n\n"],
    ["no text and no blank line", LINE],
    ["a last line without an end", `text\n\n${LINE.trimEnd()}`],
    ["a hyphen for the dash", `text\n\n${LINE.replace("\u2014", "-")}`],
    ["two spaces", `text\n\n${LINE.replace(" ", "  ")}`],
    ["a space after the signature", `text\n\n${LINE.replace("==", "== ")}`],
    ["a plus in a name", `text\n\n${LINE.replace("log.", "log+")}`],
    ["a space of another script in a name", `text\n\n${LINE.replace("log.", "log\u00a0")}`],
    ["a next-line control in a name", `text\n\n${LINE.replace("log.", "log\u0085")}`],
    ["no name", `text\n\n${LINE.replace("log.example ", "")}`],
    ["base64 without padding", `text\n\n${LINE.replace("==", "")}`],
    ["base64 with unused bits", `text\n\n${LINE.replace("Q==", "R==")}`],
    ["base64 of the other alphabet", "text\n\n\u2014 log.example AQIDBP__\n"],
    ["an id without a signature", "text\n\n\u2014 log.example AQIDBA==\n"],
    ["a second line that is none", `text\n\n${LINE}# comment\n`],
    ["a tab", `te\txt\n\n${LINE}`],
    ["a carriage return", `text\r\n\n${LINE}`],
    ["half a character", `te\ud800xt\n\n${LINE}`],
    ["bytes that are no UTF-8", Buffer.concat([Buffer.of(0xff), Buffer.from(`text\n\n${LINE}`)])],
  ])("is refused with %s", (_, note) => {
    expect(() => readNote(note)).toThrow(invalid);
  });

  it("has limits", () => {
    const over = expect.objectContaining({ code: "LIMIT_EXCEEDED" });
    expect(readNote(`text\n\n${LINE.repeat(32)}`).signatures).toHaveLength(32);
    expect(() => readNote(`text\n\n${LINE.repeat(33)}`)).toThrow(over);
    const long = `${"a".repeat(256 * 1024)}\n\n${LINE}`;
    expect(() => readNote(long)).toThrow(over);
    expect(() => readNote(Buffer.from(long))).toThrow(over);
  });

  it.each([
    ["a text without an end", { text: "text", signatures: [SIGNATURE] }],
    ["no signature", { text: "text\n", signatures: [] }],
    ["a name of two words", { text: "text\n", signatures: [{ ...SIGNATURE, name: "a b" }] }],
    ["a control character", { text: "te\u0000xt\n", signatures: [SIGNATURE] }],
  ])("is not written with %s", (_, note) => {
    expect(() => writeNote(note)).toThrow(invalid);
  });
});

describe("the keys of notes", () => {
  // The specification's own example of a verifier key, and of a note that it signed.
  const spec = {
    kind: "ed25519",
    spki: Buffer.concat([
      Buffer.from("302a300506032b6570032100", "hex"),
      Buffer.from("AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k", "base64").subarray(1),
    ]),
  } as const;

  it("are those of the specification's example", () => {
    const signature = "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=";
    const note = readNote(`This is an example message.\n\n\u2014 example.com/foo ${signature}\n`);
    expect(verifierOf("example.com/foo", spec).id).toBe(0x530d903a);
    expect(openNote(note, [verifierOf("example.com/foo", spec)])?.known).toHaveLength(1);
    expect(openNote(note, [verifierOf("example.com/bar", spec)])).toBeUndefined();
  });

  it("hash by name and type, and an ECDSA key by its SPKI alone", () => {
    const other = noteKeyHash("example.com/bar", spec);
    expect(noteKeyHash("example.com/foo", spec)).not.toEqual(other);
    expect(cosignerKeyHash("example.com/bar", spec)).not.toEqual(other);
    const curve = { kind: "ecdsa-p256", spki: Buffer.from("a P-256 key") } as const;
    expect(noteKeyHash("one", curve)).toEqual(noteKeyHash("two", curve));
    expect(noteKeyHash("one", curve)).toEqual(spkiHash(curve.spki));
    const rsa = { kind: "rsa", spki: Buffer.from("an RSA key") } as const;
    expect(noteKeyHash("one", rsa)).not.toEqual(noteKeyHash("two", rsa));
  });
});

describe("opening a note", () => {
  const [log, other] = [ed25519(), ed25519()];
  const known = verifierOf("log.example", log.key);
  const text = "log.example\n1\n";
  const line = (name: string, id: number, signature: Uint8Array) => ({ name, id, signature });
  const good = line("log.example", known.id, log.sign(Buffer.from(text)));
  const open = (signatures: Note["signatures"], verifiers = [known]) => openNote({ text, signatures }, verifiers);

  it("tells signatures of known keys from others, whatever their order", () => {
    const stranger = line("witness.example", 5, Buffer.alloc(64));
    expect(open([stranger, good])).toEqual({ known: [good], unknown: [stranger] });
  });

  it("ignores a key that shares only the name or only the id", () => {
    const ofName = { ...good, id: known.id ^ 1 };
    const ofId = { ...good, name: "log.example2" };
    expect(open([ofName, ofId])).toBeUndefined();
    expect(open([ofName, ofId, good])?.unknown).toEqual([ofName, ofId]);
  });

  it("refuses a note with a wrong signature of a known key, also beside a right one", () => {
    const wrong = { ...good, signature: other.sign(Buffer.from(text)) };
    expect(open([wrong])).toBeUndefined();
    expect(open([good, wrong])).toBeUndefined();
    expect(open([good], [])).toBeUndefined();
    expect(openNote({ text: "log.example\n2\n", signatures: [good] }, [known])).toBeUndefined();
  });

  it("tells keys of one name and one id apart by trying", () => {
    const twin = { ...known, check: check(other.key) };
    expect(open([good], [twin, known])?.known).toEqual([good]);
    expect(open([good], [twin])).toBeUndefined();
  });

  it("takes cosignatures of witnesses, which sign the time too", () => {
    const hash = cosignerKeyHash("w.example", other.key);
    const time = 1_679_315_147n;
    const bytes = cosignedBytes(text, time);
    expect(Buffer.from(bytes).toString()).toBe(`cosignature/v1\ntime 1679315147\n${text}`);
    const signature = writeCosignature({ time, signature: other.sign(bytes) });
    const cosigned = line("w.example", noteKeyId(hash), signature);
    const witness = cosignatureVerifier("w.example", hash, check(other.key));
    const opened = open([good, cosigned], [known, witness]);
    expect(opened?.known).toEqual([good, cosigned]);
    expect(readCosignature(signature)?.time).toBe(time);
    const later = writeCosignature({ time: time + 1n, signature: signature.subarray(8) });
    expect(open([good, { ...cosigned, signature: later }], [known, witness])).toBeUndefined();
    const plain = { ...cosigned, signature: other.sign(Buffer.from(text)) };
    expect(open([good, plain], [known, witness])).toBeUndefined();
    expect(open([good, { ...cosigned, signature: signature.subarray(1) }], [known, witness])).toBeUndefined();
  });

  it("knows no cosignature beyond the times there are", () => {
    const signature = Buffer.alloc(64);
    expect(readCosignature(Buffer.alloc(72, 0xff))).toBeUndefined();
    expect(readCosignature(writeCosignature({ time: 2n ** 63n - 1n, signature }))?.time).toBe(2n ** 63n - 1n);
    expect(() => writeCosignature({ time: 2n ** 63n, signature })).toThrow(invalid);
    expect(() => writeCosignature({ time: 1n, signature: Buffer.alloc(63) })).toThrow(invalid);
    expect(() => cosignedBytes(text, -1n)).toThrow(invalid);
  });
});
