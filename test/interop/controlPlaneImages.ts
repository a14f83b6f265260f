import { writeTar } from "../../src/archive/writeTar.ts";
import { readAll } from "../../src/core/verifiedBytes.ts";
import { openRawRepository, sha256 } from "./rawRegistry.ts";
import type { PushedImage } from "./tinyImage.ts";

const OCI = "application/vnd.oci.image";

/** Pushes so many images of one small layer, which differ in a label, by plain requests: tags `v0`, `v1` and so on. */
export const pushSmallImages = async (name: string, count: number): Promise<readonly PushedImage[]> => {
  const repository = openRawRepository(name);
  const layer = await repository.writeBlob(await makeLayer());
  const images: PushedImage[] = [];
  for (let index = 0; index < count; index++) {
    const facts = { architecture: "amd64", os: "linux", config: { Labels: { index: String(index) } } };
    const rootfs = { type: "layers", diff_ids: [layer.digest] };
    const config = await repository.writeBlob(Buffer.from(JSON.stringify({ ...facts, rootfs })));
    const mediaType = `${OCI}.manifest.v1+json`;
    const document = {
      schemaVersion: 2,
      mediaType,
      config: { mediaType: `${OCI}.config.v1+json`, ...config },
      layers: [{ mediaType: `${OCI}.layer.v1.tar`, ...layer }],
    };
    const bytes = Buffer.from(JSON.stringify(document));
    await repository.writeManifest(`v${index}`, { mediaType, bytes });
    const digest = sha256(bytes);
    images.push({ name, digest, reference: `${name}@${digest}` });
  }
  return images;
};

/** Enough of an Alpine root for an SBOM with a package in it. */
const makeLayer = async (): Promise<Uint8Array> => {
  const files: Readonly<Record<string, string>> = {
    "etc/os-release": 'ID=alpine\nVERSION_ID=3.20.0\nPRETTY_NAME="Alpine Linux v3.20"\n',
    "lib/apk/db/installed": "P:musl\nV:1.2.5-r0\nA:x86_64\nT:the C library\nL:MIT\no:musl\n\n",
  };
  const entries = Object.entries(files).map(([path, text]) => {
    const bytes = Buffer.from(text);
    return { path, type: "file", mode: 0o644, size: bytes.length, open: () => once(bytes) } as const;
  });
  return readAll(writeTar(entries), 1e6, "the layer");
};

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
