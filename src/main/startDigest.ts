import type { StartDigest } from "#core/streamDigest.ts";
import { openDigestPool } from "#main/digestPool.ts";

const pool = openDigestPool();

/** Digests of the one pool that all content of this process shares. */
export const startDigest: StartDigest = pool.start;
