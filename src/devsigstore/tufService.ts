import { generateKeyPairSync } from "node:crypto";
import { answerBytes } from "#devsigstore/devRequest.ts";
import type { DevService } from "#devsigstore/devRequest.ts";
import { tufKey } from "#devsigstore/tufKey.ts";
import { buildTufRepository } from "#devsigstore/tufRepository.ts";

/** A mirror and the root that clients begin with. */
export interface DevTuf {
  readonly service: DevService;
  readonly root: Uint8Array;
}

const DAY_MS = 86_400_000;

/** A TUF repository of these targets, by name; `now` in milliseconds since 1970. */
export const createDevTuf = (targets: ReadonlyMap<string, Uint8Array>, now: number): DevTuf => {
  const keys = [tufKey(generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey)];
  const roles = { root: { keys }, timestamp: { keys }, snapshot: { keys }, targets: { keys } };
  // Nothing of it changes while it runs, so that all of it may be valid for as long as anybody would let it run.
  const expires = new Date(now + 365 * DAY_MS);
  const files = buildTufRepository({
    roots: [{ roles, expires }],
    targets,
    versions: { timestamp: 1, snapshot: 1, targets: 1 },
    expires: { timestamp: expires, snapshot: expires, targets: expires },
  });
  return {
    root: files.get("1.root.json") ?? new Uint8Array(),
    service: ({ method, path }) => {
      const file = method === "GET" ? files.get(path.slice(1)) : undefined;
      return file === undefined ? undefined : answerBytes(file);
    },
  };
};
