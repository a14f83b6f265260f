import { fail } from "node:assert/strict";
import type { Page } from "playwright-core";
import { writeTar } from "../../src/archive/writeTar.ts";
import { readAll } from "../../src/core/verifiedBytes.ts";
import { startControlPlane } from "./controlPlane.ts";
import type { ControlPlane } from "./controlPlane.ts";
import { callApi, waitForState } from "./controlPlaneApi.ts";
import { openRawRepository, sha256 } from "./rawRegistry.ts";
import { startRealRegistry } from "./realRegistry.ts";
import type { RealRegistry } from "./realRegistry.ts";
import { waybillDone } from "./waybill.ts";
import { openWorkspace } from "./workspace.ts";
import type { Workspace } from "./workspace.ts";

/** What anybody could put into the facts of a build or the name of a package, to have it run by who looks at it. */
export const MARKUP = `<img src=x onerror=alert(1)><script>alert(2)</script>`;

/** A control plane with builds in several states, over a registry that has their images. */
export interface DashboardBench extends AsyncDisposable {
  readonly workspace: Workspace;
  readonly plane: ControlPlane;
  /** `HOST:PORT/builds/shop@sha256:...` */
  readonly image: string;
  readonly digest: string;
}

const PACKAGES = 120;
const OCI = "application/vnd.oci.image";

export const startDashboardBench = async (): Promise<DashboardBench> => {
  const workspace = openWorkspace();
  const key = workspace.path("service");
  await waybillDone(["generate-key-pair", "--output-key-prefix", key], { env: workspace.env });
  const registry = await startRealRegistry(workspace, "embedded");
  const plane = await startControlPlane(workspace, {
    data: "dashboard",
    args: ["--key", `${key}.key`, "--settle", "0s", "--repositories", `${registry.host}/builds/**`],
  });
  const { image, digest } = await pushImage(registry);
  await fillBuilds(plane, image);
  return {
    workspace,
    plane,
    image,
    digest,
    [Symbol.asyncDispose]: async () => {
      await plane[Symbol.asyncDispose]();
      await registry[Symbol.asyncDispose]();
      workspace[Symbol.dispose]();
    },
  };
};

/** Registers a build, and asks for its papers where an image is given. */
export const addBuild = async (
  plane: ControlPlane,
  app: string,
  facts: { readonly build_id: string } & Readonly<Record<string, unknown>>,
  image?: string,
): Promise<void> => {
  const built = await callApi(plane, `/v1/apps/${app}/builds`, facts);
  if (built.status !== 201) fail(built.text);
  if (image === undefined) return;
  const issued = await callApi(plane, `/v1/apps/${app}/builds/${facts.build_id}/issue`, { image });
  if (issued.status !== 202) fail(issued.text);
};

/** Gives the token to the page that asks for it. */
export const signIn = async (page: Page, token: string): Promise<void> => {
  await page.getByLabel("Access token").fill(token);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("navigation", { name: "Sections" }).waitFor();
};

const fillBuilds = async (plane: ControlPlane, image: string): Promise<void> => {
  const facts = {
    source: "https://git.example/shop",
    commit_sha: "4b825dc642cb6eb9a060e54bf8d69288fbee4904",
    builder: "https://ci.example/kaniko",
    parameters: { target: "prod" },
  };
  await addBuild(plane, "shop", { build_id: "build-1", ...facts }, image);
  await addBuild(plane, "shop", { build_id: "build-2", ...facts });
  await addBuild(
    plane,
    "shop",
    {
      build_id: "hostile",
      source: "javascript:alert(3)",
      commit_sha: MARKUP,
      builder: `javascript:alert(4)//${MARKUP.replaceAll(" ", "/")}`,
      parameters: { [MARKUP]: MARKUP },
    },
    image,
  );
  const missing = `${image.slice(0, image.indexOf("@"))}@sha256:${"0".repeat(64)}`;
  await addBuild(plane, "billing", { build_id: "rel-7" }, missing);
  for (const build of ["shop/builds/build-1", "shop/builds/hostile"])
    await waitForState(plane, build, ["done"], 60_000);
  await waitForState(plane, "billing/builds/rel-7", ["failed"], 60_000);
};

const pushImage = async ({ host }: RealRegistry): Promise<{ readonly image: string; readonly digest: string }> => {
  const repository = openRawRepository(`${host}/builds/shop`);
  const layer = await repository.writeBlob(await makeLayer());
  const config = await repository.writeBlob(
    Buffer.from(
      JSON.stringify({
        architecture: "amd64",
        os: "linux",
        rootfs: { type: "layers", diff_ids: [layer.digest] },
        history: [{ created: "2026-01-02T03:04:05Z", created_by: `RUN ${MARKUP}` }],
      }),
    ),
  );
  const mediaType = `${OCI}.manifest.v1+json`;
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType,
      config: { mediaType: `${OCI}.config.v1+json`, ...config },
      layers: [{ mediaType: `${OCI}.layer.v1.tar`, ...layer }],
    }),
  );
  await repository.writeManifest("v1", { mediaType, bytes });
  const digest = sha256(bytes);
  return { image: `${host}/builds/shop@${digest}`, digest };
};

/** An Alpine root with many packages, one of which has markup for a licence. */
const makeLayer = async (): Promise<Uint8Array> => {
  const ordinary = Array.from({ length: PACKAGES }, (_, n) =>
    packageText(`pkg-${n}`, n % 2 === 0 ? "MIT" : "GPL-2.0-only"),
  );
  const files: Readonly<Record<string, string>> = {
    "etc/os-release": 'ID=alpine\nVERSION_ID=3.20.0\nPRETTY_NAME="Alpine Linux v3.20"\n',
    "lib/apk/db/installed": [...ordinary, packageText("hostile-licence", MARKUP)].join(""),
  };
  const entries = Object.entries(files).map(([path, text]) => {
    const bytes = Buffer.from(text);
    return { path, type: "file", mode: 0o644, size: bytes.length, open: () => once(bytes) } as const;
  });
  return readAll(writeTar(entries), 1e6, "the layer");
};

const packageText = (name: string, license: string): string =>
  `P:${name}\nV:1.2.5-r0\nA:x86_64\nT:text\nL:${license}\n\n`;

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
