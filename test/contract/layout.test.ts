import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { digestHex } from "#core/digest.ts";
import { openLayout } from "#registry/layout/openLayout.ts";
import { testCtx } from "../fakes/testCtx.ts";
import { describeRepository } from "./repositorySuite.ts";

const root = mkdtempSync(join(tmpdir(), "waybill-layout-"));
let count = 0;
const openAt = (path: string) => openLayout(testCtx(), { path, create: true });

describeRepository("layout directory", {
  open: () => openAt(join(root, `layout-${count++}`)),
  reopen: (repository) => openAt(repository.name.slice("oci:".length)),
  damage: async (repository, digest, bytes) =>
    writeFileSync(join(repository.name.slice("oci:".length), "blobs", "sha256", digestHex(digest)), bytes),
  etags: true,
  deletesTags: true,
  describesReferrers: true,
});

afterAll(() => rmSync(root, { recursive: true }));
