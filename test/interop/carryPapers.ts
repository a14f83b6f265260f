import { openRawRepository, sha256 } from "./rawRegistry.ts";
import type { RawDocument, RawRepository } from "./rawRegistry.ts";
import type { PushedImage } from "./tinyImage.ts";

/** Turns a paper's bytes into other bytes. */
export type Bend = (paper: Buffer) => Buffer;

interface PaperManifest {
  readonly layers: readonly { readonly digest: string; readonly size: number }[];
  readonly config: { readonly digest: string };
}

const OCI_INDEX = "application/vnd.oci.image.index.v1+json";

/**
 * Copies the papers of an image to the same image in another repository of the same registry, each bent on its way: the
 * manifests are right, only what is signed is not. Answers how many papers were carried.
 */
export const carryPapers = async (image: PushedImage, to: string, bend: Bend): Promise<number> => {
  const [source, target] = [openRawRepository(image.name), openRawRepository(to)];
  let carried = 0;
  for (const suffix of ["sig", "att"]) {
    const tag = `${image.digest.replace(":", "-")}.${suffix}`;
    const manifest = await source.readManifest(tag);
    if (manifest === undefined) continue;
    const bent = await carryManifest(source, target, manifest, bend);
    await target.writeManifest(tag, bent.document);
    carried += bent.papers;
  }
  const listed: object[] = [];
  for (const digest of await source.listReferrers(image.digest)) {
    const manifest = await source.readManifest(digest);
    if (manifest === undefined) continue;
    const { document, papers } = await carryManifest(source, target, manifest, bend);
    await target.writeManifest(sha256(document.bytes), document);
    listed.push(describe(document));
    carried += papers;
  }
  if ((await target.listReferrers(image.digest)).length < listed.length) await writeFallback(target, image, listed);
  return carried;
};

const carryManifest = async (
  source: RawRepository,
  target: RawRepository,
  manifest: RawDocument,
  bend: Bend,
): Promise<{ readonly document: RawDocument; readonly papers: number }> => {
  const value = JSON.parse(Buffer.from(manifest.bytes).toString()) as PaperManifest;
  await target.writeBlob(await source.readBlob(value.config.digest));
  const layers = [];
  for (const layer of value.layers) {
    const written = await target.writeBlob(bend(await source.readBlob(layer.digest)));
    layers.push({ ...layer, ...written });
  }
  const bytes = Buffer.from(JSON.stringify({ ...value, layers }));
  return { document: { mediaType: manifest.mediaType, bytes }, papers: layers.length };
};

const describe = (document: RawDocument): object => {
  const { artifactType, config, annotations } = JSON.parse(Buffer.from(document.bytes).toString()) as {
    readonly artifactType?: string;
    readonly config: { readonly mediaType: string };
    readonly annotations?: object;
  };
  return {
    mediaType: document.mediaType,
    digest: sha256(document.bytes),
    size: document.bytes.byteLength,
    artifactType: artifactType ?? config.mediaType,
    ...(annotations === undefined ? {} : { annotations }),
  };
};

const writeFallback = (target: RawRepository, image: PushedImage, manifests: readonly object[]): Promise<void> =>
  target.writeManifest(image.digest.replace(":", "-"), {
    mediaType: OCI_INDEX,
    bytes: Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests })),
  });

/** One blank more in what was signed: still the same JSON, no longer the same bytes. */
export const addBlank: Bend = (paper) => {
  const value = JSON.parse(paper.toString()) as { dsseEnvelope?: { payload: string }; payload?: string };
  const envelope = value.dsseEnvelope ?? value;
  if (envelope.payload === undefined) return Buffer.concat([paper, Buffer.from(" ")]);
  envelope.payload = Buffer.concat([Buffer.from(envelope.payload, "base64"), Buffer.from(" ")]).toString("base64");
  return Buffer.from(JSON.stringify(value));
};
