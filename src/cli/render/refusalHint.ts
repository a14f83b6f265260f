import type { RefusalCode } from "#trust/refusalCode.ts";

const OTHER_ROOT =
  "The trusted root names nobody who made that proof. Give the root of the instance by which it was signed, with --trusted-root FILE.";

const HINTS: Partial<Readonly<Record<RefusalCode, string>>> = {
  "certificate-signed":
    "What a certificate signed is verified with --certificate-identity NAME and --certificate-oidc-issuer URL in place of --key.",
  "key-signed": "What a key signed is verified with --key KEY in place of an identity.",
  "log-missing":
    "Only where no log is meant to hold it: --insecure-ignore-tlog, with --use-signed-timestamps where a timestamp says when it was signed.",
  "sct-missing": "Only of an authority that has no certificate logs: --insecure-ignore-sct.",
  "certificate-path": OTHER_ROOT,
  "log-unknown": OTHER_ROOT,
  "sct-unknown-log": OTHER_ROOT,
  "timestamp-untrusted": OTHER_ROOT,
};

/** What to do about the nearest miss, where flags can change the answer; a paper that is wrong has no flag. */
export const refusalHint = (refusals: readonly { readonly code: RefusalCode }[]): string | undefined => {
  const [nearest] = refusals;
  return nearest === undefined ? undefined : HINTS[nearest.code];
};
