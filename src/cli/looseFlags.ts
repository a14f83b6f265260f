import { flag } from "#cli/flag.ts";
import { WaybillError } from "#core/errors.ts";

/** Flags of `sign` and `attest` that leave what was signed in files, and that say how it is to be proven. */
export const looseFlags = {
  ...flag.grouped("Files", {
    bundle: flag.text({ value: "FILE", summary: "also write the Sigstore bundle to this file" }),
  }),
  ...flag.grouped("Signing", {
    signingConfig: flag.text({
      value: "FILE",
      summary: "signing config; only one that names no services is accepted",
      hidden: true,
    }),
    trustedRoot: flag.ignored({ value: "FILE", summary: "what was written is checked with the key alone" }),
  }),
};

/** Flags of `sign` alone. */
export const signatureFileFlags = flag.grouped("Files", {
  upload: flag.toggle({ default: true, summary: "store the signature beside the image; false: only sign" }),
  payload: flag.text({
    value: "FILE",
    summary: "sign this payload, as waybill generate prints it; legacy form only; - reads stdin",
  }),
  outputSignature: flag.text({
    value: "FILE",
    summary: "also write the legacy form's signature to this file, as base64",
  }),
  outputPayload: flag.text({ value: "FILE", summary: "also write what the legacy form signs to this file" }),
});

/** Flags of `attest` alone. */
export const statementFileFlags = flag.grouped("Predicate", {
  statement: flag.text({
    value: "FILE",
    summary: "a whole in-toto statement, in place of --predicate and --type; - reads stdin",
  }),
});

/** Two wishes for the same thing, of which nobody can tell which is meant. */
export const refuseBoth = (first: string, second: string): WaybillError =>
  new WaybillError("USAGE_INVALID", `${first} and ${second} contradict each other`, { hint: "Give one of the two." });
