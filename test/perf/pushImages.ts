import { openRawRepository, sha256 } from "../interop/rawRegistry.ts";

const OCI = "application/vnd.oci.image";

/** Images that differ in their config alone, by digest. */
export const pushImages = async (name: string, count: number): Promise<readonly string[]> => {
  const repository = openRawRepository(name);
  const layer = await repository.writeBlob(Buffer.from("one layer for all"));
  const references: string[] = [];
  for (let index = 0; index < count; index++) {
    const config = { architecture: "amd64", os: "linux", config: { Labels: { index: String(index) } } };
    const rootfs = { type: "layers", diff_ids: [layer.digest] };
    const written = await repository.writeBlob(Buffer.from(JSON.stringify({ ...config, rootfs })));
    const bytes = Buffer.from(
      JSON.stringify({
        schemaVersion: 2,
        mediaType: `${OCI}.manifest.v1+json`,
        config: { mediaType: `${OCI}.config.v1+json`, ...written },
        layers: [{ mediaType: `${OCI}.layer.v1.tar`, ...layer }],
      }),
    );
    await repository.writeManifest(`v${index}`, { mediaType: `${OCI}.manifest.v1+json`, bytes });
    references.push(`${name}@${sha256(bytes)}`);
  }
  return references;
};
