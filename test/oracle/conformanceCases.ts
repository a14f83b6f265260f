import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import seeds from "@sigstore/tuf/seeds.json" with { type: "json" };

/** One folder of the public conformance suite for Sigstore clients. */
export interface ConformanceCase {
  readonly name: string;
  /** Whether a client must say yes. */
  readonly accept: boolean;
  /** JSON text, malformed in some cases. */
  readonly bundle: string;
  readonly trustedRoot: string;
  readonly artifact: Uint8Array;
  readonly identity: string;
  readonly issuer: string;
  /** PEM, in the cases that ask for a key. */
  readonly key: string | undefined;
  readonly files: ConformanceFiles;
}

/** Where a case lies. */
interface ConformanceFiles {
  readonly bundle: string;
  readonly artifact: string;
  /** Undefined: the public-good instance's is meant. */
  readonly trustedRoot: string | undefined;
  readonly key: string | undefined;
}

const CORPUS = "../shared/data/sigstore-conformance/bundle-verify";

export const conformanceMissing = !existsSync(CORPUS);

if (conformanceMissing) console.error(`SKIPPED: ${CORPUS} is missing, no bundle of the conformance suite is tried`);

/** The suite's cases in the order of their names; none where the suite is missing. */
export const readConformanceCases = (): readonly ConformanceCase[] =>
  conformanceMissing
    ? []
    : readdirSync(CORPUS, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => readCase(name))
        .toSorted((one, other) => (one.name < other.name ? -1 : 1));

// What the suite's own README says counts where a folder is silent.
const BEACON = "https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon";
const IDENTITY = `${BEACON}/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main`;
const ISSUER = "https://token.actions.githubusercontent.com";

const readCase = (name: string): ConformanceCase => {
  const find = (file: string): string | undefined => {
    const path = join(CORPUS, name, file);
    return existsSync(path) ? path : undefined;
  };
  const read = (file: string): Buffer | undefined => {
    const path = find(file);
    return path === undefined ? undefined : readFileSync(path);
  };
  const artifact = find("artifact") ?? join(CORPUS, "a.txt");
  return {
    name,
    accept: !name.endsWith("fail"),
    bundle: String(read("bundle.sigstore.json")),
    trustedRoot: read("trusted_root.json")?.toString() ?? readPublicGoodRoot(),
    artifact: readFileSync(artifact),
    identity: read("identity")?.toString().trim() ?? IDENTITY,
    issuer: read("issuer")?.toString().trim() ?? ISSUER,
    key: read("key.pub")?.toString(),
    files: {
      bundle: join(CORPUS, name, "bundle.sigstore.json"),
      artifact,
      trustedRoot: find("trusted_root.json"),
      key: find("key.pub"),
    },
  };
};

/** The trusted root of the public-good instance, as its TUF client ships it. */
const readPublicGoodRoot = (): string => {
  const { targets } = seeds["https://tuf-repo-cdn.sigstore.dev"];
  return Buffer.from(targets["trusted_root.json"], "base64").toString();
};
