import type { Ctx } from "#core/ctx.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import type { TufInstance } from "#main/tufInstance.ts";
import { formatTufMirror } from "#main/tufMirror.ts";
import { VERSION } from "#main/version.ts";
import { readProxies } from "#net/proxies.ts";
import { createTransport } from "#net/transport.ts";
import { directoryTufSource } from "#sigstore/tuf/directoryTufSource.ts";
import { httpTufSource } from "#sigstore/tuf/httpTufSource.ts";
import { openTufRepository } from "#sigstore/tuf/openTufRepository.ts";
import type { TufRepository } from "#sigstore/tuf/openTufRepository.ts";
import type { TufSource } from "#sigstore/tuf/tufSource.ts";

export interface TufFreshness {
  readonly offline: boolean;
  /** Milliseconds since the mirror was last asked; undefined: an hour. */
  readonly maxAgeMs: number | undefined;
}

/** Opens a TUF repository and gives it to `use`; its connections end with that. Errors as `openTufRepository`. */
export const withTufRepository = async <T>(
  ctx: Ctx,
  { mirror, firstRoot, directory }: TufInstance,
  freshness: TufFreshness,
  use: (repository: TufRepository) => Promise<T>,
): Promise<T> => {
  const run = async (source: TufSource): Promise<T> =>
    use(await openTufRepository(ctx, { source, firstRoot, cacheDirectory: directory, ...freshness }));
  if (mirror.kind === "directory") return run(directoryTufSource(mirror.path));
  const transport = createTransport({ version: VERSION, proxies: readProxies(process.env) });
  try {
    return await run({ ...httpTufSource(transport.send, mirror.url), name: formatTufMirror(mirror) });
  } catch (error) {
    throw withWayOut(error);
  } finally {
    await transport.close();
  }
};

/** The table's hints speak of registries. */
const withWayOut = (error: unknown): unknown =>
  hasCode(error, "NETWORK_FAILED", "NETWORK_TIMEOUT", "REGISTRY_THROTTLED", "REGISTRY_UNAVAILABLE", "REGISTRY_REFUSED")
    ? new WaybillError(error.code, `the TUF mirror cannot be used: ${error.message}`, { cause: error, hint: WAY_OUT })
    : error;

const WAY_OUT =
  "Check its address, the line and the proxies. To verify without it, give --trusted-root FILE, or take what is kept or embedded with --offline.";
