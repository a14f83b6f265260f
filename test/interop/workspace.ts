import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A scratch folder of one suite, and an environment that knows nothing of whoever runs it. */
export interface Workspace extends Disposable {
  readonly path: (...names: readonly string[]) => string;
  readonly env: Readonly<Record<string, string>>;
}

/** The password of every key that a suite makes. */
const PASSWORD = "interop secret";

export const openWorkspace = (): Workspace => {
  const root = mkdtempSync(join(tmpdir(), "waybill-interop-"));
  mkdirSync(join(root, "home"));
  return {
    path: (...names) => join(root, ...names),
    // No docker configuration, no TUF cache, no proxies of the user's; nothing is written outside the folder.
    env: {
      HOME: join(root, "home"),
      DOCKER_CONFIG: join(root, "home"),
      TMPDIR: root,
      COSIGN_PASSWORD: PASSWORD,
      TUF_ROOT: join(root, "home", "tuf"),
    },
    [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true, maxRetries: 3 }),
  };
};
