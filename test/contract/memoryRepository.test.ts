import type { Repository } from "#core/content.ts";
import type { Digest } from "#core/digest.ts";
import { createMemoryRepository } from "../fakes/memoryRepository.ts";
import type { MemoryContent } from "../fakes/memoryRepository.ts";
import { describeRepository } from "./repositorySuite.ts";

describeRepository("memory", {
  open: async () => createMemoryRepository(),
  reopen: async (repository) => repository,
  damage: async (repository, digest: Digest, bytes) =>
    void (repository as Repository & { readonly content: MemoryContent }).content.blobs.set(digest, bytes),
  etags: true,
  deletesTags: true,
  describesReferrers: true,
});
