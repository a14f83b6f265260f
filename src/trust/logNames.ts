import type { TrustedLog } from "#trust/trustRoot.ts";

/** By what a log is the same party as another, for `countParties`. */
export const logNames = ({ keyId, operator }: TrustedLog): readonly string[] => [
  `key ${Buffer.from(keyId).toString("hex")}`,
  ...(operator === undefined ? [] : [`operator ${operator}`]),
];
