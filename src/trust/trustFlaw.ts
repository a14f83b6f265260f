import { WaybillError } from "#core/errors.ts";

/** What can be wrong with a trust document that can be read. `details.flaw` of the error says which. */
export type TrustFlaw =
  | "unreadable"
  | "missing-start"
  | "reversed-window"
  | "wrong-log-id"
  | "wrong-key-details"
  | "duplicate"
  | "not-a-ca"
  | "broken-chain"
  | "empty";

const HINTS: Readonly<Record<TrustFlaw, string>> = {
  unreadable: "Get the document again from who publishes it, or make one with: waybill trusted-root create",
  "missing-start": "A window without a start would count for all of the past; say in validFor.start when it began.",
  "reversed-window": "Correct the window: its end lies before its start.",
  "wrong-log-id": "Correct logId: it is derived from the log's key. waybill trusted-root create computes it.",
  "wrong-key-details": "Correct keyDetails, or the key: they name different algorithms.",
  duplicate: "Remove one of the two: which of them counts cannot be told.",
  "not-a-ca": "Give the certificates of the authority itself, with the root last.",
  "broken-chain": "Give the chain in order: nearest to the leaf first, each issued by a later one, the root last.",
  empty: "Give a trusted root that names what is needed; waybill trusted-root create makes one.",
};

/** TRUST_INVALID about a document of the user's own; `what` says where in it. */
export const trustFlaw = (flaw: TrustFlaw, what: string, cause?: unknown): WaybillError =>
  new WaybillError("TRUST_INVALID", what, {
    hint: HINTS[flaw],
    details: { flaw },
    ...(cause === undefined ? {} : { cause }),
  });
