import { hashHere } from "#core/streamDigest.ts";
import type { StartDigest } from "#core/streamDigest.ts";
import { openDigestPool } from "#main/digestPool.ts";

const pool = openDigestPool();
let scans = 0;

/** Digests of the one pool that all content of this process shares; on the asking thread while others keep all cores busy. */
export const startDigest: StartDigest = (algorithm) => (scans > 0 ? hashHere(algorithm) : pool.start(algorithm));

/** Says that threads of somebody else keep all cores busy, until the answer is called: more of them would only cost. */
export const leaveCores = (): (() => void) => {
  scans++;
  return () => void scans--;
};
