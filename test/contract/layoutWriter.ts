import { digestOf } from "#core/digest.ts";
import { manifestDescriptor, rawManifest } from "#core/manifest.ts";
import { MEDIA_TYPE } from "#core/mediaType.ts";
import { openLayout } from "#registry/layout/openLayout.ts";
import { testCtx } from "../fakes/testCtx.ts";

// A process of its own that writes papers into a layout and prints the digest of each once it is acknowledged:
// layoutWriter.ts PATH NAME COUNT

const [path = "", name = "", count = ""] = process.argv.slice(2);
const ctx = testCtx();
const layout = await openLayout(ctx, { path, create: true });
const empty = Buffer.from("{}");
const config = { mediaType: MEDIA_TYPE.ociEmpty, digest: digestOf(empty), size: 2 };
await layout.writeBlob(ctx, config, empty);
const subject = manifestDescriptor(rawManifest(Buffer.from("the subject"), MEDIA_TYPE.ociManifest));

for (let at = 0; at < Number(count); at++) {
  const paper = Buffer.from(`${name} ${at} ${"x".repeat(2000)}`);
  const layer = { mediaType: MEDIA_TYPE.bundle, digest: digestOf(paper), size: paper.length };
  await layout.writeBlob(ctx, layer, paper);
  const body = { schemaVersion: 2, mediaType: MEDIA_TYPE.ociManifest, config, layers: [layer], subject };
  const raw = rawManifest(Buffer.from(JSON.stringify(body)), MEDIA_TYPE.ociManifest);
  await layout.writeReferrers(ctx, subject.digest, [raw]);
  await layout.writeManifest(ctx, raw, `${name}-${at}`);
  process.stdout.write(`${raw.digest}\n`);
}
