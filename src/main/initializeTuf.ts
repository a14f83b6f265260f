import { createHash } from "node:crypto";
import type { InitializedTrust, TufSettings } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import { WaybillError, hasCode } from "#core/errors.ts";
import { embeddedRoot } from "#main/tufInstance.ts";
import { formatTufMirror, parseTufMirror } from "#main/tufMirror.ts";
import type { TufMirror } from "#main/tufMirror.ts";
import { readNamedFile } from "#main/readNamedFile.ts";
import { tufDirectory, writeChosenMirror } from "#main/tufPlace.ts";
import { VERSION } from "#main/version.ts";
import { withTufRepository } from "#main/withTufRepository.ts";
import { fetchText } from "#net/fetchText.ts";
import { readProxies } from "#net/proxies.ts";
import { createTransport } from "#net/transport.ts";
import { PUBLIC_GOOD_MIRROR } from "#sigstore/mirrors.ts";
import { readTrustRoots } from "#trust/readTrustRoot.ts";

const MAX_ROOT_BYTES = 512 * 1024;

/**
 * Asks a mirror for everything, believes it for a root, and only then writes down that it is the one from now on. Without a
 * root the embedded one counts, for a copy of the public mirror under another address as well.
 */
export const initializeTuf = async (ctx: Ctx, settings: TufSettings): Promise<InitializedTrust> => {
  const mirror = parseTufMirror(settings.mirror, "--mirror");
  const name = formatTufMirror(mirror);
  const given = settings.root === undefined ? undefined : await readRoot(ctx, settings.root, settings.rootChecksum);
  const firstRoot = given ?? (await embeddedRoot(name));
  if (firstRoot !== undefined) return chooseMirror(ctx, mirror, firstRoot);
  try {
    return await chooseMirror(ctx, mirror, (await embeddedRoot(PUBLIC_GOOD_MIRROR)) ?? Buffer.alloc(0));
  } catch (error) {
    if (!hasCode(error, "TRUST_INVALID")) throw error;
    throw new WaybillError("TRUST_INVALID", error.message, { cause: error, hint: NO_COPY });
  }
};

const NO_COPY =
  "Without --root it must be a copy of Sigstore's public mirror; give the root.json of any other with --root.";

const chooseMirror = async (ctx: Ctx, mirror: TufMirror, firstRoot: Uint8Array): Promise<InitializedTrust> => {
  const [name, directory] = [formatTufMirror(mirror), tufDirectory(process.env)];
  const instance = { mirror, firstRoot, directory };
  return withTufRepository(ctx, instance, { offline: false, maxAgeMs: 0 }, async (repository) => {
    const trustedRoot = await repository.target(ctx, "trusted_root.json");
    if (trustedRoot === undefined)
      throw new WaybillError(
        "TRUST_INVALID",
        `${name} has no trusted_root.json, so that nothing could be verified with it`,
        {
          hint: "Mirrors of an old layout are not supported; ask whoever runs it to publish trusted_root.json.",
        },
      );
    readTrustRoots(trustedRoot, name);
    await writeChosenMirror(ctx, directory, { mirror: name, root: firstRoot });
    const { rootVersion, rootExpires, timestampExpires } = repository;
    return { mirror: name, directory, rootVersion, rootExpires, timestampExpires };
  });
};

const readRoot = async (ctx: Ctx, root: string, checksum: Digest | undefined): Promise<Uint8Array> => {
  const bytes = /^https?:\/\//i.test(root)
    ? await fetchRoot(ctx, root, checksum)
    : await readNamedFile(ctx, root, { cap: MAX_ROOT_BYTES, what: "--root" });
  const actual = `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
  if (checksum === undefined || checksum === actual) return bytes;
  throw new WaybillError("TRUST_INVALID", `--root: ${root} is ${actual}, and --root-checksum says another`, {
    hint: "Get the root, or its checksum, anew from whoever publishes it. Nothing was changed.",
  });
};

/** Whoever answers decides what is believed from now on, so that somebody must vouch for it. */
const fetchRoot = async (ctx: Ctx, text: string, checksum: Digest | undefined): Promise<Uint8Array> => {
  const url = URL.parse(text);
  if (url === null || url.username !== "" || url.password !== "")
    throw new WaybillError("USAGE_INVALID", "--root is no address, or holds a user and password");
  if (checksum === undefined)
    throw new WaybillError("USAGE_INVALID", "--root: a root that is fetched needs --root-checksum", {
      hint: "Give the SHA-256 that its publisher tells in another way, or get the file and look at it.",
    });
  const transport = createTransport({ version: VERSION, proxies: readProxies(process.env) });
  try {
    return Buffer.from(await fetchText(transport.send)(ctx, url, MAX_ROOT_BYTES));
  } finally {
    await transport.close();
  }
};
