import { isUtf8 } from "node:buffer";
import type { BundleParts } from "#claims/bundleParts.ts";
import { readEnvelope } from "#claims/dsse.ts";
import { readLocalBundle } from "#claims/localBundle.ts";
import { readLocalLogEntry } from "#claims/logEntry.ts";
import { pemCertificates } from "#claims/pemCertificates.ts";
import type { JsonObject } from "#core/strictJson.ts";

/** All of cosign's bundle file from before Sigstore bundles (cosign.md 5.8), read and not believed. INPUT_INVALID. */
export const readLocalParts = (document: JsonObject): Omit<BundleParts, "version"> => {
  const { signature, cert, material, keyHint } = readLocalBundle(document);
  const log = document["rekorBundle"] ?? undefined;
  return {
    content: isEnvelope(signature)
      ? { kind: "dsse", envelope: readEnvelope(signature) }
      : { kind: "message", signature, digest: undefined },
    material:
      material === "public-key"
        ? { kind: "public-key", hint: keyHint }
        : cert === undefined
          ? { kind: "none" }
          : { kind: "certificates", chain: false, certificates: certificatesIn(cert) },
    logEntries: log === undefined ? [] : [readLocalLogEntry(log)],
    timestamps: [],
  };
};

/** `attest-blob` puts a whole envelope where `sign-blob` puts a signature, which may begin with any byte but is no text. */
const isEnvelope = (signature: Uint8Array): boolean => signature[0] === 0x7b && isUtf8(signature);

const certificatesIn = (cert: Uint8Array): readonly Uint8Array[] => {
  const blocks = pemCertificates(cert);
  return blocks.length > 0 ? blocks : [cert];
};
