import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { openSavingRepository } from "../fakes/savingRepository.ts";
import { describeRepository } from "./repositorySuite.ts";

// Each call opens the archive, does its work and saves it: so each sees the file alone, and those that write at the same time
// wait for each other.

const root = mkdtempSync(join(tmpdir(), "waybill-archive-"));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

for (const ending of ["tar", "tar.gz", "tar.zst"]) {
  describeRepository(`archive .${ending}`, {
    open: async () => openSavingRepository(join(root, `archive-${count++}.${ending}`)),
    reopen: async ({ name }) => openSavingRepository(name.slice("oci:".length)),
    etags: true,
    deletesTags: true,
    describesReferrers: true,
  });
}
