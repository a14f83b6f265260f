import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pae, readEnvelope, writeEnvelope } from "#claims/dsse.ts";
import { hasCode } from "#core/errors.ts";
import { codeOf } from "../../test/fakes/codeOf.ts";

describe("pae", () => {
  it("is that of the protocol's test vector", () => {
    // secure-systems-lab/dsse, protocol.md, "Test Vectors".
    const encoded = pae("http://example.com/HelloWorld", Buffer.from("hello world"));
    expect(Buffer.from(encoded).toString()).toBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");
  });

  it("is different for different inputs", () => {
    const part = fc.string({ unit: fc.constantFrom("1", " ", "a"), maxLength: 6 });
    fc.assert(
      fc.property(part, part, part, part, (type, payload, otherType, otherPayload) => {
        const equal = Buffer.from(pae(type, Buffer.from(payload))).equals(pae(otherType, Buffer.from(otherPayload)));
        expect(equal).toBe(type === otherType && payload === otherPayload);
      }),
    );
  });
});

describe("readEnvelope", () => {
  it("reads what is written", () => {
    fc.assert(
      fc.property(fc.string(), fc.uint8Array(), fc.string(), fc.uint8Array(), (type, payload, keyid, sig) => {
        const read = readEnvelope(writeEnvelope(type, payload, [{ keyid, sig }]));
        expect(read.payloadType).toBe(type);
        expect([...read.payload]).toEqual([...payload]);
        expect(read.signatures.map((one) => [one.keyid, ...one.sig])).toEqual([[keyid, ...sig]]);
      }),
    );
  });

  it("takes any member order, the URL alphabet and an absent keyid", () => {
    const text = '{"signatures":[{"sig":"-_-_"}],"payload":"_w==","payloadType":"t"}';
    const read = readEnvelope(Buffer.from(text));
    expect(read).toMatchObject({ payloadType: "t", signatures: [{ keyid: "" }] });
    expect([...read.payload]).toEqual([255]);
  });

  it.each([
    ["no object", "[]"],
    ["no payloadType", '{"payload":"","signatures":[]}'],
    ["a payload that is no text", '{"payload":1,"payloadType":"t","signatures":[]}'],
    ["a payload that is no base64", '{"payload":"%%","payloadType":"t","signatures":[]}'],
    ["no signatures", '{"payload":"","payloadType":"t"}'],
    ["signatures that are no list", '{"payload":"","payloadType":"t","signatures":{}}'],
    ["a signature that is null", '{"payload":"","payloadType":"t","signatures":[null]}'],
    ["a sig that is no base64", '{"payload":"","payloadType":"t","signatures":[{"sig":"?"}]}'],
    ["no sig", '{"payload":"","payloadType":"t","signatures":[{"keyid":""}]}'],
    ["a keyid that is a number", '{"payload":"","payloadType":"t","signatures":[{"keyid":1,"sig":""}]}'],
    ["payload and Payload", '{"payload":"","Payload":"","payloadType":"t","signatures":[]}'],
    ["sig and SIG", '{"payload":"","payloadType":"t","signatures":[{"sig":"","SIG":""}]}'],
    ["payload twice", '{"payload":"","payload":"","payloadType":"t","signatures":[]}'],
  ])("refuses %s", (_, text) => {
    expect(codeOf(() => readEnvelope(Buffer.from(text)))).toBe("INPUT_INVALID");
  });

  it("answers any JSON with an envelope or a coded error", () => {
    const keys = fc.constantFrom("payload", "payloadType", "signatures", "sig", "keyid");
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue()), (value) => {
        let thrown: unknown;
        try {
          readEnvelope(Buffer.from(JSON.stringify({ payload: "", payloadType: "t", ...value })));
        } catch (error) {
          thrown = error;
        }
        expect(thrown === undefined || hasCode(thrown, "INPUT_INVALID", "LIMIT_EXCEEDED")).toBe(true);
      }),
    );
  });
});
