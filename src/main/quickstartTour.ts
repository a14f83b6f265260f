import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { buildImage } from "#app/buildImage.ts";
import { generateKeyPair } from "#app/keyPairs.ts";
import { prepareProvenance } from "#app/prepareProvenance.ts";
import { quickstart } from "#app/quickstart.ts";
import type { QuickstartDeps } from "#app/quickstart.ts";
import type { QuickstartTour } from "#cli/deps.ts";
import type { RegistryValues } from "#cli/registryFlags.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Signer } from "#core/signer.ts";
import { keyFileExists, writeKeyPair } from "#host/keyFiles.ts";
import { collectQuickstartFiles } from "#host/quickstartFiles.ts";
import { readLocalFile } from "#host/readLocalFile.ts";
import { generateKey } from "#keys/newKey.ts";
import { openSigner } from "#keys/openSigner.ts";
import { openContentLister } from "#main/contentLister.ts";
import { plainManner } from "#main/plainManner.ts";
import { askQuickstartPlane, startQuickstartPlane } from "#main/quickstartPlane.ts";
import { readPaperVariables } from "#main/readPaperVariables.ts";
import { openRepositories } from "#main/repositoryAccess.ts";
import { startRegistry } from "#registry/server/startRegistry.ts";
import { parsePublicKey } from "#trust/publicKey.ts";

/** Everything of the tour in one folder: the registry's content and the keys, whose password is empty. */
export const startQuickstart = async (
  ctx: Ctx,
  settings: RegistryValues,
  from: string | undefined,
): Promise<QuickstartTour> => {
  refuseOtherRepository();
  const repositories = openRepositories(settings, from === undefined ? [] : [from]);
  const dir = await mkdtemp(join(tmpdir(), "waybill-quickstart-"));
  const registry = await startRegistry({
    dir: join(dir, "registry"),
    listen: { host: "127.0.0.1", port: 0 },
    log: ctx.log,
  });
  const files = await collectQuickstartFiles(ctx, packageRoot());
  const signer = await makeSigner(ctx, join(dir, "cosign"));
  const plane = await startQuickstartPlane(ctx, settings, { dir, registry: registry.address });
  const run: QuickstartTour["run"] = async (call, tell) => {
    const stranger = await makeSigner(call, join(dir, "stranger"));
    const deps: QuickstartDeps = { ...tourDeps(repositories, files), signer, stranger, tell };
    const signed = await quickstart(deps)(call, { registry: registry.address, from });
    await tell(await askQuickstartPlane(call, plane, signed));
    return signed;
  };
  return {
    url: registry.url,
    api: plane.url,
    token: plane.token,
    dashboard: plane.dashboard,
    dir,
    program: existsSync(join(packageRoot(), "src")) ? "./bin/waybill.js" : "waybill",
    notes: files.notes,
    run,
    close: async () => {
      await plane.close();
      await registry.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
};

type Files = Awaited<ReturnType<typeof collectQuickstartFiles>>;

/** Everything of the tour is in its own folder and shown there. */
const refuseOtherRepository = (): void => {
  if (readPaperVariables(process.env).repository === undefined) return;
  throw new WaybillError("CONFIG_INVALID", "COSIGN_REPOSITORY is set, and the tour keeps papers beside the image", {
    hint: "Unset COSIGN_REPOSITORY.",
  });
};

const tourDeps = (repositories: Repositories, files: Files): Omit<QuickstartDeps, "signer" | "stranger" | "tell"> => ({
  repositories,
  makeSbom: async (ctx, image, made) => {
    await using lister = openContentLister(plainManner(2));
    const isIndex = image.manifest.kind === "index";
    return (await (isIndex ? lister.describe(ctx, image, made, "1.6") : lister.list(ctx, image, "1.6"))).document;
  },
  // The tour knows who builds and nothing else of a build, so it says no more.
  provenance: prepareProvenance(
    {
      builderId: "https://waybill.dev/quickstart",
      buildType: "https://waybill.dev/quickstart/v1",
      buildId: "quickstart",
      parameters: {},
      materials: [],
    },
    "1",
    undefined,
  ),
  pushImage: async (ctx, repository, tag) => {
    await buildImage({ repository }, ctx, {
      layers: files.layers,
      settings: files.settings,
      platform: files.platform,
      tag,
    });
  },
  pushOther: async (ctx, repository, tag) => {
    const bytes = Buffer.from("#!/bin/sh\necho this is not the image that was signed\n");
    const open = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
    };
    const entry = { path: "entrypoint.sh", type: "file", mode: 0o755, size: bytes.length, open } as const;
    await buildImage({ repository }, ctx, {
      layers: [{ comment: "another entry point", entries: [entry] }],
      settings: { ...files.settings, entrypoint: ["/entrypoint.sh"] },
      platform: files.platform,
      tag,
    });
  },
});

const makeSigner = async (ctx: Ctx, prefix: string): Promise<Signer> => {
  const password = async (): Promise<Uint8Array> => Buffer.alloc(0);
  await generateKeyPair({
    files: { exists: keyFileExists, writePair: writeKeyPair },
    newPassword: password,
    generate: () => generateKey(parsePublicKey),
  })(ctx, { prefix, overwrite: false });
  return openSigner(ctx, `${prefix}.key`, {
    readFile: readLocalFile,
    readEnv: () => undefined,
    parsePublicKey,
    password,
  });
};

/** The folder of the installed package: this file stands in src/main or, built, in dist. */
const packageRoot = (): string => {
  let folder = import.meta.dirname;
  while (!existsSync(join(folder, "package.json"))) {
    if (dirname(folder) === folder)
      throw new WaybillError("STORE_FAILED", "the program's own package.json is not there", {
        hint: "Install the program again.",
      });
    folder = dirname(folder);
  }
  return folder;
};
