import { readDerList, readDerOid, readDerValue, TAG } from "#claims/strictDer.ts";

/** Attributes of names (RFC 4519 sections 2.3 and 2.19). */
export const ATTRIBUTE = { commonName: "2.5.4.3", organization: "2.5.4.10" } as const;

/** The values of an attribute in a Name (RFC 5280 section 4.1.2.4), as they are written there, in their order. */
export const nameAttributes = (name: Uint8Array, attribute: string): readonly string[] =>
  readDerList(readDerValue(name, "the subject"), TAG.sequence, "the subject")
    .flatMap((part) => readDerList(part, TAG.set, "the subject"))
    .map((pair) => readDerList(pair, TAG.sequence, "the subject"))
    .flatMap(([type, value]) =>
      value !== undefined && readDerOid(type, "the subject") === attribute
        ? [Buffer.from(value.content).toString()]
        : [],
    );
