import { apk } from "#sbom/cataloger/apk.ts";
import { binaryClassifier } from "#sbom/cataloger/binaryClassifier.ts";
import { bitnami } from "#sbom/cataloger/bitnami.ts";
import { dotnet } from "#sbom/cataloger/dotnet.ts";
import { conda } from "#sbom/cataloger/conda.ts";
import { dotnetBundle } from "#sbom/cataloger/dotnetBundle.ts";
import { dpkg } from "#sbom/cataloger/dpkg.ts";
import { embeddedSbom } from "#sbom/cataloger/embeddedSbom.ts";
import { goBinary } from "#sbom/cataloger/goBinary.ts";
import { javaArchive } from "#sbom/cataloger/javaArchive.ts";
import { javaRuntime } from "#sbom/cataloger/javaRuntime.ts";
import { npm } from "#sbom/cataloger/npm.ts";
import { osRelease } from "#sbom/cataloger/osRelease.ts";
import { phpComposer } from "#sbom/cataloger/phpComposer.ts";
import { python } from "#sbom/cataloger/python.ts";
import { rpm } from "#sbom/cataloger/rpm.ts";
import { ruby } from "#sbom/cataloger/ruby.ts";
import { rustBinary } from "#sbom/cataloger/rustBinary.ts";
import type { Cataloger } from "#sbom/cataloger.ts";

/** All there are, in the order in which their findings are listed. */
export const CATALOGERS: readonly Cataloger[] = [
  osRelease,
  dpkg,
  apk,
  rpm,
  npm,
  goBinary,
  rustBinary,
  binaryClassifier,
  dotnetBundle,
  embeddedSbom,
  phpComposer,
  javaArchive,
  conda,
  python,
  javaRuntime,
  dotnet,
  bitnami,
  ruby,
];
