import type { RootChoice } from "#app/trustChoice.ts";
import type { Ctx } from "#core/ctx.ts";
import { mapLimited } from "#core/limit.ts";
import { readNamedFile } from "#main/readNamedFile.ts";
import type { LooseFile, LooseTrust } from "#trust/looseTrustRoot.ts";

// A hundred certificates of a private authority.
const FILE_LIMIT = { cap: 1024 * 1024, what: "the certificates or keys in" };

/** Single files of trust: what flags name and, where no trusted root is given, cosign's variables (cosign.md 5.2). */
export const readLooseTrust = async (
  ctx: Ctx,
  choice: RootChoice,
  env: Readonly<Record<string, string | undefined>>,
): Promise<LooseTrust | undefined> => {
  const read = async (paths: readonly string[]): Promise<readonly LooseFile[]> =>
    mapLimited(paths, 4, async (name) => ({ name, pem: await readNamedFile(ctx, name, FILE_LIMIT) }));
  const variable = (name: string): readonly string[] => {
    const path = choice.trustedRoots.length > 0 ? "" : (env[name] ?? "");
    return path === "" ? [] : [path];
  };
  const files = {
    caRoots: await read(choice.caRoots),
    caIntermediates: await read(choice.caIntermediates),
    caChains: await read(choice.caChains),
    caBundles: await read(isNamed(choice) ? [] : variable("SIGSTORE_ROOT_FILE")),
    ctLogKeys: await read(variable("SIGSTORE_CT_LOG_PUBLIC_KEY_FILE")),
    rekorKeys: await read(variable("SIGSTORE_REKOR_PUBLIC_KEY")),
    tsaChains: await read([
      ...choice.timestampChains,
      ...(choice.timestampChains.length > 0 ? [] : variable("SIGSTORE_TSA_CERTIFICATE_FILE")),
    ]),
  };
  return Object.values(files).every((one) => one.length === 0) ? undefined : files;
};

/** A flag goes before a variable. */
const isNamed = ({ caRoots, caChains }: RootChoice): boolean => caRoots.length + caChains.length > 0;
