import { peer } from "./peers.ts";
import { run, succeeded } from "./run.ts";
import type { Outcome } from "./run.ts";
import type { Workspace } from "./workspace.ts";

/** How papers are stored: `.sig` and `.att` tags, or Sigstore bundles that refer to the image. */
export type Form = "legacy" | "bundle";

/** One version of cosign with one form that it can write and read, and the switches that this takes. */
export interface CosignWay {
  readonly name: "cosign223" | "cosign2" | "cosign3";
  readonly form: Form;
  readonly write: readonly string[];
  readonly read: (emptyRoot: string) => readonly string[];
}

export const COSIGN_WAYS: readonly CosignWay[] = [
  { name: "cosign223", form: "legacy", write: [], read: () => [] },
  { name: "cosign2", form: "legacy", write: [], read: () => [] },
  {
    name: "cosign2",
    form: "bundle",
    write: ["--new-bundle-format=true"],
    // Bundles want some trusted root even where nothing of it is used.
    read: (emptyRoot) => ["--new-bundle-format=true", "--trusted-root", emptyRoot],
  },
  {
    name: "cosign3",
    form: "legacy",
    write: ["--use-signing-config=false", "--new-bundle-format=false"],
    read: () => ["--new-bundle-format=false"],
  },
  { name: "cosign3", form: "bundle", write: ["--use-signing-config=false"], read: () => [] },
];

export interface CosignTarget {
  readonly key: string;
  readonly reference: string;
  readonly more?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** One cosign with one form: keyed, without transparency log, and offline but for the registry. */
export interface Cosign {
  readonly sign: (target: CosignTarget) => Promise<Outcome>;
  readonly attest: (target: CosignTarget, type: string, predicate: string) => Promise<Outcome>;
  readonly verify: (target: CosignTarget) => Promise<Outcome>;
  readonly verifyAttestation: (target: CosignTarget, type: string) => Promise<Outcome>;
}

/** Makes an empty trusted root at `path`. */
export const createEmptyRoot = async (workspace: Workspace, path: string): Promise<void> => {
  succeeded(await run(peer("cosign3"), ["trusted-root", "create", "--out", path], { env: workspace.env }));
};

/** Makes a key pair with this cosign in the workspace; the private key's path without its ending. */
export const generateCosignKey = async (workspace: Workspace, way: CosignWay, prefix: string): Promise<string> => {
  const path = workspace.path(prefix);
  succeeded(
    await run(peer(way.name), ["generate-key-pair", `--output-key-prefix=${prefix}`], {
      env: workspace.env,
      cwd: workspace.path(),
    }),
  );
  return path;
};

export const openCosign = (workspace: Workspace, way: CosignWay, emptyRoot: string): Cosign => {
  const call = (verb: string, target: CosignTarget, ...args: readonly string[]): Promise<Outcome> =>
    run(peer(way.name), [verb, "--key", target.key, ...args, ...(target.more ?? []), target.reference], {
      env: { ...workspace.env, ...target.env },
    });
  const write = ["--tlog-upload=false", "-y", ...way.write];
  const check = ["--insecure-ignore-tlog=true", ...way.read(emptyRoot)];
  return {
    sign: (target) => call("sign", target, ...write),
    attest: (target, type, predicate) => call("attest", target, ...write, "--type", type, "--predicate", predicate),
    verify: (target) => call("verify", target, ...check),
    verifyAttestation: (target, type) => call("verify-attestation", target, ...check, "--type", type),
  };
};
