import { digestOf } from "#core/digest.ts";
import { openArchive } from "#registry/archive/openArchive.ts";
import { pushImage } from "../fakes/memoryRepositories.ts";
import { testCtx } from "../fakes/testCtx.ts";

// A process of its own that puts an image into an archive: archiveWriter.ts PATH TAG [hang], where `hang` never comes to
// save it and prints a line once everything is written.

const [path = "", tag = "", hang] = process.argv.slice(2);
const ctx = testCtx();
const archive = await openArchive(ctx, { path, create: true });
const large = Buffer.alloc(2_000_000, tag);
try {
  await archive.repository.writeBlob(ctx, { digest: digestOf(large), size: large.length }, large);
  await pushImage(ctx, archive.repository, tag, `the image ${tag}`);
  if (hang !== undefined) {
    process.stdout.write("written\n");
    await new Promise((resolve) => setTimeout(resolve, 60_000));
  }
} catch (error) {
  await archive.finish(ctx, "discard");
  throw error;
}
await archive.finish(ctx, "save");
