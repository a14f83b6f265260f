import { WaybillError } from "#core/errors.ts";
import type { CapturedFile, Cataloger, Findings, ImageView } from "#sbom/cataloger.ts";
import { firstLayer } from "#sbom/firstLayer.ts";
import { describeJvm } from "#sbom/java/describeJvm.ts";
import { readJvmRelease } from "#sbom/java/readJvmRelease.ts";
import type { JvmRelease } from "#sbom/java/readJvmRelease.ts";
import { keepFacts, readFacts } from "#sbom/keptFacts.ts";
import { mergeFindings } from "#sbom/mergeFindings.ts";
import { reduceWhole } from "#sbom/reduceWhole.ts";

const NAME = "java-runtime";
const FILE = "/release";
const MAX_RELEASE = 256 * 1024;

/** Java runtimes by the file `release` in their home (reference 1.9). What is in them is not listed apart. */
export const javaRuntime: Cataloger = {
  name: NAME,
  wants: ({ path, size }) =>
    // A larger one is another program's.
    path.endsWith(FILE) && size <= MAX_RELEASE
      ? reduceWhole(size, MAX_RELEASE, "release file", reduceRelease)
      : undefined,
  catalog: (view) =>
    mergeFindings(
      "complete",
      view.captured(NAME).map((file) => catalogFile(view, file)),
    ),
};

const reduceRelease = (bytes: Buffer): Uint8Array | undefined => {
  const jvm = readJvmRelease(bytes);
  return jvm && keepFacts(jvm);
};

const catalogFile = (view: ImageView, file: CapturedFile): Findings => {
  const { path, layer } = file;
  const home = path.slice(0, -FILE.length);
  const nothing: Findings = { packages: [], edges: [], unknowns: [], completeness: "complete" };
  // A runtime has its programs, or at least its libraries, beside the file.
  if (view.realPath(`${home}/bin`) === undefined && view.realPath(`${home}/lib`) === undefined) return nothing;
  try {
    const jvm = readFacts<JvmRelease>(file.bytes);
    const first = firstLayer(view.history(path), (bytes) => [readFacts<JvmRelease>(bytes).version]);
    return { ...nothing, packages: [describeJvm(jvm, home, { path, layer }, first.get(jvm.version) ?? layer)] };
  } catch (error) {
    if (!(error instanceof WaybillError)) throw error;
    return { ...nothing, unknowns: [{ path, layer, reason: error.message }] };
  }
};
