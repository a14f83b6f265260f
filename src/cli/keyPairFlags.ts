import type { WrittenKeyPair } from "#app/keyPairs.ts";
import { flag } from "#cli/flag.ts";
import type { Io } from "#cli/io.ts";

export const passwordFlags = {
  passwordFile: flag.text({
    value: "FILE",
    summary: "file that holds the key's password (else COSIGN_PASSWORD, WAYBILL_PASSWORD, a prompt)",
  }),
};

/** Flags of what writes a key pair. */
export const keyPairFlags = {
  ...passwordFlags,
  yes: flag.toggle({ short: "y", default: false, summary: "replace existing files" }),
};

/** cosign's words, and the fingerprint by which the key is known elsewhere. */
export const noteKeyPair = (io: Io, pair: WrittenKeyPair): void => {
  io.note(`Private key written to ${pair.privatePath}`);
  io.note(`Public key written to ${pair.publicPath}`);
  io.note(`Fingerprint sha256:${pair.fingerprint}`);
};
