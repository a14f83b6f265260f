import { readFile } from "node:fs/promises";
import { afterAll, describe, expect, it } from "vitest";
import { imagesMissing, imagesPath } from "../vectors/goldenImages.ts";
import { peer } from "./peers.ts";
import { succeed } from "./run.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";

// Documents of the built program as another program's reader understands them.

const workspace = openWorkspace();
afterAll(() => workspace[Symbol.dispose]());

// What syft calls the package types that purl names otherwise.
const SYFT_TYPES: Readonly<Record<string, string>> = {
  cargo: "rust-crate",
  composer: "php-composer",
  golang: "go-module",
  maven: "java-archive",
  nuget: "dotnet",
  pypi: "python",
};

interface Component {
  readonly type: string;
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly purl?: string;
}

const typeOf = (purl: string): string => {
  const type = /^pkg:([a-z]+)\//.exec(purl)?.[1] ?? "";
  return SYFT_TYPES[type] ?? type;
};

const readJson = async <T>(path: string): Promise<T> => JSON.parse(await readFile(path, "utf8")) as T;

describe.skipIf(imagesMissing)("syft reads our documents", () => {
  it.each([
    "apk-alpine",
    "debian-node",
    "debian-python",
    "go-static",
    "java-app",
    "php-composer",
    "rpm-sqlite-rocky9",
    "rust-auditable",
  ])("%s: every package with its type and version, and the distribution", async (tag) => {
    const [ours, theirs] = [workspace.path(`${tag}.cdx.json`), workspace.path(`${tag}.syft.json`)];
    await waybillDone(["sbom", "-o", ours, `oci:${imagesPath("layout")}:${tag}`], { env: workspace.env });
    const env = { ...workspace.env, SYFT_CHECK_FOR_APP_UPDATE: "false" };
    await succeed(peer("syft"), ["convert", ours, "-o", `syft-json=${theirs}`], { env });
    const { components } = await readJson<{ components: readonly Component[] }>(ours);
    const read = await readJson<{
      artifacts: readonly { type: string; name: string; version: string; purl: string }[];
      distro: { id?: string; versionID?: string };
    }>(theirs);
    const packages = components.filter(({ purl }) => purl !== undefined);
    expect(packages.length).toBeGreaterThan(0);
    expect(read.artifacts.map((one) => `${one.type} ${one.version} ${one.purl}`).toSorted()).toEqual(
      packages.map(({ purl = "", version }) => `${typeOf(purl)} ${version ?? ""} ${purl}`).toSorted(),
    );
    const system = components.find(({ type }) => type === "operating-system");
    expect([read.distro.id, read.distro.versionID]).toEqual([system?.name, system?.version]);
  });
});
