import { readProxies } from "#net/proxies.ts";
import { createTransport } from "#net/transport.ts";
import { undiciSend } from "#net/undiciSend.ts";
import type { CredentialSource } from "#registry/client/credentials.ts";
import { acr } from "#registry/credential/cloud/acr.ts";
import { artifactRegistry } from "#registry/credential/cloud/artifactRegistry.ts";
import type { CloudDeps } from "#registry/credential/cloud/cloud.ts";
import { cloudSource } from "#registry/credential/cloud/cloudSource.ts";
import { ecr } from "#registry/credential/cloud/ecr.ts";
import { readNamedFile } from "#main/readNamedFile.ts";
import { VERSION } from "#main/version.ts";

const MAX_FILE_BYTES = 256 * 1024;
const CLOUD = { connectMs: 5000, answerMs: 15_000, stallMs: 15_000 };
// A service of the machine itself answers at once or is not there.
const MACHINE = { perHost: 2, connectMs: 1000, answerMs: 5000, stallMs: 5000, insecure: false };

/**
 * The clouds' registries. `ca`: PEM of authorities besides the system's, for networks that break TLS open. Certificates are
 * checked, whatever is allowed to registries.
 */
export const cloudCredentials = (ca: string | undefined): CredentialSource => {
  const deps: CloudDeps = {
    send: createTransport({ version: VERSION, ca, proxies: readProxies(process.env), ...CLOUD }).send,
    sendToMachine: undiciSend(MACHINE).send,
    env: process.env,
    readFile: (ctx, path) => readNamedFile(ctx, path, { cap: MAX_FILE_BYTES, what: "credentials of a cloud" }),
  };
  return cloudSource([ecr(deps), artifactRegistry(deps), acr(deps)]);
};
