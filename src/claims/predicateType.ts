import { sortedMap, writeProtoJson } from "#claims/goJson.ts";
import { WaybillError } from "#core/errors.ts";
import { isJsonObject, parseStrict } from "#core/strictJson.ts";

/** Short names of `--type`: cosign's (cosign.md 3.3) and ours (builders.md 6.9). */
export const PREDICATE_TYPES = {
  custom: "https://cosign.sigstore.dev/attestation/v1",
  slsaprovenance: "https://slsa.dev/provenance/v0.2",
  slsaprovenance02: "https://slsa.dev/provenance/v0.2",
  slsaprovenance1: "https://slsa.dev/provenance/v1",
  spdx: "https://spdx.dev/Document",
  spdxjson: "https://spdx.dev/Document",
  cyclonedx: "https://cyclonedx.org/bom",
  link: "https://in-toto.io/Link/v1",
  vuln: "https://cosign.sigstore.dev/attestation/vuln/v1",
  openvex: "https://openvex.dev/ns",
  vsa: "https://slsa.dev/verification_summary/v1",
  "test-result": "https://in-toto.io/attestation/test-result/v0.1",
  scai: "https://in-toto.io/attestation/scai/v0.3",
  release: "https://in-toto.io/attestation/release/v0.2",
} as const;

/** Type of cosign's image-signature statement (cosign.md 2.2); never that of an attestation (attack 12). */
export const SIGNATURE_TYPE = "https://sigstore.dev/cosign/sign/v1";

// RFC 3986 section 3: a scheme and something after it, in printable ASCII.
const URI = /^[A-Za-z][A-Za-z0-9+.-]*:[\u0021-\u007e]+$/;
const MAX_URI = 2048;

/**
 * A short name or an absolute URI as the URI; USAGE_INVALID, naming the flag, for anything else and for the type of image
 * signatures.
 */
export const resolvePredicateType = (text: string, flag = "--type"): string => {
  const known = Object.hasOwn(PREDICATE_TYPES, text) ? PREDICATE_TYPES[text as keyof typeof PREDICATE_TYPES] : text;
  if (known === SIGNATURE_TYPE) {
    throw new WaybillError("USAGE_INVALID", `${flag} names an image signature, which is no attestation`, {
      hint: "Use sign and verify for image signatures.",
    });
  }
  if (known.length > MAX_URI || !URI.test(known)) {
    throw new WaybillError("USAGE_INVALID", `${flag}: no predicate type: ${JSON.stringify(text.slice(0, 160))}`, {
      hint: `Give an absolute URI or one of: ${Object.keys(PREDICATE_TYPES).join(", ")}.`,
    });
  }
  return known;
};

/**
 * A predicate file as the predicate's JSON bytes. `type` is what was typed, since `spdx` (tag-value text, which becomes one
 * JSON string) and `spdxjson` have one URI. `custom` takes any text, as `{"Data": text}`: cosign's shape, with `Timestamp`
 * only where the caller gives one (RFC 3339), so that the same file gives the same bytes. Everything else must be one JSON
 * object and is kept to the byte. Throws INPUT_INVALID, or USAGE_INVALID for the type.
 */
export const wrapPredicate = (type: string, bytes: Uint8Array, timestamp?: string): Uint8Array => {
  if (type === "spdx") return writeProtoJson(decodeText(bytes));
  if (resolvePredicateType(type) === PREDICATE_TYPES.custom) {
    const stamp: Record<string, string> = timestamp === undefined ? {} : { Timestamp: timestamp };
    return writeProtoJson(sortedMap({ Data: decodeText(bytes), ...stamp }));
  }
  if (!isJsonObject(parseStrict(bytes, "predicate"))) {
    throw new WaybillError("INPUT_INVALID", `predicate: ${type} wants a JSON object`, {
      hint: type.startsWith("slsa")
        ? "Give the predicate alone, as one JSON object: not the statement and not the envelope around it."
        : "Use --type custom for other text.",
    });
  }
  return bytes;
};

const decodeText = (bytes: Uint8Array): string => {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new WaybillError("INPUT_INVALID", "predicate: not valid UTF-8", { cause });
  }
};
