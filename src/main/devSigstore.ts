import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { DevSigstoreSettings, RunningDevSigstore } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import { startDevSigstore } from "#devsigstore/startDevSigstore.ts";
import type { DevSigstore } from "#devsigstore/startDevSigstore.ts";
import { writeLocalFile } from "#host/writeLocalFile.ts";

/**
 * Starts a local Sigstore and writes what its clients need into a directory: a temporary one, which goes with it, where
 * none is named. Errors as those of `startDevSigstore`; STORE_FAILED where the directory is not writable.
 */
export const runDevSigstore = async (ctx: Ctx, { listen, dir }: DevSigstoreSettings): Promise<RunningDevSigstore> => {
  await using opened = new AsyncDisposableStack();
  const sigstore = await startDevSigstore(ctx, listen);
  opened.defer(sigstore.close);
  const place = dir === undefined ? await mkdtemp(join(tmpdir(), "waybill-dev-sigstore-")) : resolve(dir);
  if (dir === undefined) opened.defer(() => rm(place, { recursive: true, force: true }));
  else await makeDirectory(place);
  for (const [name, bytes, mode] of filesOf(sigstore)) await writeLocalFile(ctx, join(place, name), bytes, mode);
  const all = opened.move();
  return { url: sigstore.url, urls: sigstore.urls, dir: place, close: () => all.disposeAsync() };
};

const makeDirectory = async (path: string): Promise<void> => {
  try {
    await mkdir(path, { recursive: true });
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    throw new WaybillError("STORE_FAILED", `cannot make the directory ${path}: ${code}`, { cause });
  }
};

const filesOf = ({ documents, urls }: DevSigstore): readonly (readonly [string, Uint8Array, number?])[] => [
  ["trusted_root.json", documents.trustedRoot],
  ["signing_config.json", documents.signingConfig],
  ["signing_config_rekor_v1.json", documents.signingConfigV1],
  ["root.json", documents.tufRoot],
  ["token.sh", Buffer.from(tokenScript(urls.oidcIssuer)), 0o777],
];

const tokenScript = (issuer: string): string => `#!/bin/sh
# Prints an identity token of the local Sigstore, good for five minutes. One NAME=VALUE says whose, others are claims:
#   token.sh email=you@example.com
#   token.sh repository=OWNER/NAME ref=refs/tags/v1 event_name=release    a run of GitHub Actions
#   token.sh subject=spiffe://example.com/builder
set -eu
for pair in "$@"; do
  shift
  set -- "$@" --data-urlencode "$pair"
done
exec curl --silent --show-error --fail-with-body --noproxy '*' --get '${issuer}/token' "$@"
`;
