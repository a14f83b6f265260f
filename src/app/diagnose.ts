import { diagnoseImage } from "#app/diagnoseImage.ts";
import { diagnoseKey } from "#app/diagnoseKey.ts";
import type { KeyProbe } from "#app/diagnoseKey.ts";
import { diagnoseRegistry } from "#app/diagnoseRegistry.ts";
import { broken, doubtful, failed, fine } from "#app/finding.ts";
import type { Finding } from "#app/finding.ts";
import type { RegistryProbe } from "#app/registryProbe.ts";
import { resolveImage } from "#app/resolveImage.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { mapLimited } from "#core/limit.ts";
import { formatReference } from "#core/reference.ts";
import type { LayoutReference, Reference, RegistryReference } from "#core/reference.ts";

/** Where the program keeps compiled code; `path` undefined: nowhere. */
export interface DiskCache {
  readonly path: string | undefined;
}

export interface DiagnosisDeps {
  /** Version of the Node that runs this. */
  readonly node: string;
  readonly cache: DiskCache;
  readonly probe: RegistryProbe;
  readonly repositories: Repositories;
  readonly keys: KeyProbe;
}

export interface DiagnosisInput {
  /** Canonical names of registries. */
  readonly registries: readonly string[];
  readonly references: readonly Reference[];
  readonly keys: readonly string[];
}

const AT_ONCE = 4;

/**
 * Looks at this machine, at registries (those of the references too), at images and at keys. What cannot be looked at is a
 * finding; nothing is thrown for it. Nothing is changed anywhere.
 */
export const diagnose =
  (deps: DiagnosisDeps) =>
  async (ctx: Ctx, { registries, references, keys }: DiagnosisInput): Promise<readonly Finding[]> => {
    const images = references.filter((one): one is RegistryReference => one.kind === "registry");
    const layouts = references.filter((one): one is LayoutReference => one.kind === "layout");
    const places = images.flatMap((image) => [image.registry, deps.probe.placeOfPapers(image).registry]);
    const hosts = [...new Set([...registries, ...places])];
    const findings = [
      ...(await mapLimited(keys, 1, (key) => diagnoseKey(deps.keys)(ctx, key))),
      ...(await mapLimited(hosts, AT_ONCE, (host) => diagnoseRegistry(deps.probe)(ctx, host))),
      ...(await mapLimited(images, AT_ONCE, (image) => diagnoseImage(deps.probe)(ctx, image))),
      ...(await mapLimited(layouts, AT_ONCE, (layout) => diagnoseLayout(deps, ctx, layout))),
    ];
    ctx.signal.throwIfAborted();
    return [diagnoseNode(deps.node), diagnoseCache(deps.cache), ...findings.flat()];
  };

/** Oldest Node that runs this program: `engines` of package.json. */
export const NEEDED_NODE = [24, 15] as const;

const diagnoseNode = (version: string): Finding => {
  const about = { check: "node", subject: null };
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const fits = major > NEEDED_NODE[0] || (major === NEEDED_NODE[0] && minor >= NEEDED_NODE[1]);
  return fits
    ? fine(about, `Node ${version}`)
    : broken(
        about,
        `Node ${version} is too old`,
        `Install Node ${NEEDED_NODE.join(".")} or newer from https://nodejs.org.`,
      );
};

const diagnoseCache = ({ path }: DiskCache): Finding => {
  const about = { check: "cache", subject: null };
  if (path !== undefined) return fine(about, `compiled code is kept in ${path}`);
  return doubtful(
    about,
    "compiled code is kept nowhere: every start takes longer",
    "Let XDG_CACHE_HOME or HOME name a directory of yours that can be written.",
  );
};

const diagnoseLayout = async (
  { repositories }: Pick<DiagnosisDeps, "repositories">,
  ctx: Ctx,
  reference: LayoutReference,
): Promise<readonly Finding[]> => {
  const about = { check: "read", subject: formatReference(reference) };
  try {
    const { digest } = await resolveImage({ repositories })(ctx, { reference, access: "read" });
    return [fine(about, `is ${digest}`)];
  } catch (error) {
    return [failed(about, error)];
  }
};
