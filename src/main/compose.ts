import type { Deps } from "#cli/deps.ts";
import { readAll } from "#core/verifiedBytes.ts";
import { openContentLister } from "#main/contentLister.ts";
import { VERSION } from "#main/version.ts";

// A predicate becomes an attestation, which may have 128 MiB; base64 makes a third more of it.
const MAX_INPUT_BYTES = 90 * 1024 * 1024;
// Packed references of a repository with a hundred thousand of them.
const MAX_SMALL_BYTES = 16 * 1024 * 1024;

/** Builds everything that commands get from outside. What only some commands need is imported when they ask for it. */
export const compose = (): Deps => ({
  program: {
    version: VERSION,
    node: process.versions.node,
    platform: `${process.platform}-${process.arch}`,
  },
  openRepositories: async (settings, references) =>
    (await import("#main/repositoryAccess.ts")).openRepositories(settings, references),
  askSecret: async (ctx, prompt) => {
    const { askHidden } = await import("#host/password.ts");
    const typed = await askHidden(ctx, prompt, { input: process.stdin, output: process.stderr });
    return typed === undefined ? undefined : Buffer.from(typed).toString();
  },
  openDiagnosis: async (ctx, settings, references, passwordFile) =>
    (await import("#main/diagnosis.ts")).openDiagnosis(ctx, settings, references, passwordFile),
  openLogins: async (settings) => (await import("#main/loginKeeper.ts")).loginKeeper(settings),
  markLayout: async (ctx, path, image) => (await import("#registry/layout/markLayout.ts")).markLayout(ctx, path, image),
  readKey: async (ctx, key, passwordFile) =>
    (await import("#main/keyAccess.ts")).readPrivateKey(ctx, key, passwordFile),
  openKeyPairs: async (passwordFile) => (await import("#main/keyAccess.ts")).keyPairs(passwordFile),
  initializeTuf: async (ctx, settings) => (await import("#main/initializeTuf.ts")).initializeTuf(ctx, settings),
  openTrust: async (ctx, keys) => (await import("#main/keyAccess.ts")).openPublicKeys(ctx, keys),
  openTrustMaterial: async (ctx, choice) => (await import("#main/trustMaterial.ts")).openTrustMaterial(ctx, choice),
  readMirrorTarget: async (ctx, target) => (await import("#main/readMirrorTarget.ts")).readMirrorTarget(ctx, target),
  readInput: async (ctx, path, readStdin) => {
    if (path === "-") return readAll(readStdin(), MAX_INPUT_BYTES, "stdin");
    const { readLocalFile } = await import("#host/readLocalFile.ts");
    return readLocalFile(ctx, path, { cap: MAX_INPUT_BYTES, what: "the input" });
  },
  readFileIfThere: async (ctx, path) =>
    (await import("#host/readLocalFile.ts")).readFileIfThere(ctx, path, { cap: MAX_SMALL_BYTES, what: "the file" }),
  listFiles: async (ctx, path, endings) => (await import("#host/listLocalFiles.ts")).listLocalFiles(ctx, path, endings),
  openBlobFiles: async (readStdin) => (await import("#main/blobFiles.ts")).localBlobFiles(readStdin),
  writeOutput: async (ctx, path, bytes) => (await import("#host/writeLocalFile.ts")).writeLocalFile(ctx, path, bytes),
  writeFolder: async (ctx, path, files) =>
    (await import("#host/writeLocalFolder.ts")).writeLocalFolder(ctx, path, files),
  readBuiltInRoot: async () => {
    const { trustedRoot, taken } = (await import("#sigstore/publicGoodSeed.ts")).readPublicGoodSeed();
    return { bytes: trustedRoot, taken };
  },
  openContentLister,
  startRegistry: async (ctx, settings) => (await import("#main/registryServer.ts")).startRegistryServer(ctx, settings),
  collectGarbage: async (ctx, settings) =>
    (await import("#registry/server/collectGarbage.ts")).collectGarbage(ctx, settings),
  openControlPlaneStore: async (ctx, place, absent) =>
    (await import("#main/controlPlaneStore.ts")).openControlPlaneStore(ctx, place, absent),
  startControlPlane: async (ctx, settings) =>
    (await import("#main/startControlPlane.ts")).startControlPlane(ctx, settings),
  startDevSigstore: async (ctx, settings) => (await import("#main/devSigstore.ts")).runDevSigstore(ctx, settings),
  startQuickstart: async (ctx, settings, from) =>
    (await import("#main/quickstartTour.ts")).startQuickstart(ctx, settings, from),
});
