import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { PublicKey } from "#core/keyAlgorithm.ts";
import { MAX_KEY_BYTES, nameSource, parseKeySource, readKeyText } from "#keys/keySource.ts";
import type { KeyReader } from "#keys/keySource.ts";
import type { ParsePublicKey } from "#keys/privateKey.ts";

/** What reading a public key needs from outside. */
export interface PublicKeyDeps extends KeyReader {
  /** The body of a GET, up to `cap` bytes, over https only, redirects included; errors do not repeat the URL's query. */
  readonly fetchText: (ctx: Ctx, url: URL, cap: number) => Promise<string>;
  readonly parsePublicKey: ParsePublicKey;
}

/** Reads the public key that `reference` names: a path, env://VARIABLE with the PEM text, or https://. */
export const openPublicKey = async (ctx: Ctx, reference: string, deps: PublicKeyDeps): Promise<PublicKey> => {
  const source = parseKeySource(reference);
  const name = nameSource(source);
  if (source.kind !== "https") return deps.parsePublicKey(await readKeyText(ctx, source, deps), name);
  const text = await deps.fetchText(ctx, source.url, MAX_KEY_BYTES);
  if (text.length > MAX_KEY_BYTES)
    throw new WaybillError("LIMIT_EXCEEDED", `${name} is larger than ${MAX_KEY_BYTES} bytes`);
  return deps.parsePublicKey(text, name);
};
