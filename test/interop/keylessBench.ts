import { writeFileSync } from "node:fs";
import { startDevSigstoreProgram } from "./devSigstore.ts";
import type { DevSigstoreProgram } from "./devSigstore.ts";
import { peer } from "./peers.ts";
import { startRealRegistry } from "./realRegistry.ts";
import { run, succeeded } from "./run.ts";
import type { Outcome } from "./run.ts";
import { pushTinyImage } from "./tinyImage.ts";
import type { PushedImage } from "./tinyImage.ts";
import { waybill } from "./waybill.ts";
import type { Workspace } from "./workspace.ts";

export const EMAIL = "a@example.com";

export type CosignName = "cosign223" | "cosign2" | "cosign3";

/** A local Sigstore and a registry, with what signs by the one into the other and verifies it. */
export interface KeylessBench extends AsyncDisposable {
  readonly sigstore: DevSigstoreProgram;
  /** `HOST:PORT` of the registry. */
  readonly host: string;
  /** Pushes an image of that name. */
  readonly push: (name: string) => Promise<PushedImage>;
  /** A cosign that knows this Sigstore through TUF. */
  readonly cosign: (name: CosignName, ...args: readonly string[]) => Promise<Outcome>;
  /** The built program, which must reach nothing but loopback. */
  readonly check: (...args: readonly string[]) => Promise<Outcome>;
  readonly trust: readonly string[];
  /** Flags that name the signer; `EMAIL` where nothing is said. */
  readonly identity: (name?: string) => readonly string[];
  /** Flags with which cosign 3 signs bundles; `query` of the token. */
  readonly bundled: (config: string, query?: string) => Promise<readonly string[]>;
  /** Flags with which a cosign signs as before bundles. */
  readonly legacy: (name: CosignName, query?: string) => Promise<readonly string[]>;
  /** Flags with which a cosign reads that. */
  readonly readLegacy: (name: CosignName) => readonly string[];
  readonly timestampServer: string;
}

/** Nobody listens there: whoever asks anything outside of loopback fails. */
const NOWHERE = "http://127.0.0.1:9";

export const openKeylessBench = async (workspace: Workspace): Promise<KeylessBench> => {
  const sigstore = await startDevSigstoreProgram(workspace, "sigstore");
  const registry = await startRealRegistry(workspace, "embedded");
  const initialized = new Set<CosignName>();
  const tsa = workspace.path("tsa.pem");
  writeFileSync(tsa, await (await fetch(`${sigstore.url}/tsa/api/v1/timestamp/certchain`)).text());
  const cosign = async (name: CosignName, ...args: readonly string[]): Promise<Outcome> => {
    const env = { ...workspace.env, TUF_ROOT: workspace.path(`tuf-${name}`) };
    const initialize = ["initialize", "--mirror", `${sigstore.url}/tuf`, "--root", sigstore.file("root.json")];
    if (!initialized.has(name)) succeeded(await run(peer(name), initialize, { env, cwd: workspace.path() }));
    initialized.add(name);
    return run(peer(name), args, { env, cwd: workspace.path() });
  };
  const token = async (query: string) => ["--identity-token", await sigstore.token(query)];
  const trust = ["--trusted-root", sigstore.file("trusted_root.json")];
  const rekor = ["--rekor-url", `${sigstore.url}/rekor`];
  const format = (name: CosignName) => (name === "cosign3" ? ["--new-bundle-format=false"] : []);
  const proxies = { HTTPS_PROXY: NOWHERE, HTTP_PROXY: NOWHERE, NO_PROXY: "127.0.0.1" };
  return {
    sigstore,
    host: registry.host,
    push: (name) => pushTinyImage(workspace, `${registry.host}/${name}`, name),
    cosign,
    check: (...args) => waybill(args, { env: { ...workspace.env, ...proxies }, cwd: workspace.path() }),
    trust,
    identity: (name = EMAIL) => ["--certificate-identity", name, "--certificate-oidc-issuer", sigstore.issuer],
    bundled: async (config, query = `email=${EMAIL}`) => [
      "-y",
      "--signing-config",
      sigstore.file(config),
      ...trust,
      ...(await token(query)),
    ],
    legacy: async (name, query = `email=${EMAIL}`) => [
      "-y",
      ...format(name),
      ...(name === "cosign3" ? ["--use-signing-config=false"] : []),
      ...rekor,
      "--fulcio-url",
      `${sigstore.url}/fulcio`,
      "--oidc-issuer",
      sigstore.issuer,
      ...(await token(query)),
    ],
    // cosign 2.2 does not take timestamp authorities from the mirror.
    readLegacy: (name) => [
      ...format(name),
      ...rekor,
      ...(name === "cosign223" ? ["--timestamp-certificate-chain", tsa] : []),
    ],
    timestampServer: `${sigstore.url}/tsa/api/v1/timestamp`,
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]();
      await sigstore.stop();
    },
  };
};
