import { fail } from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { afterAll } from "vitest";
import { digestHex } from "#core/digest.ts";
import { openSavingRepository } from "../fakes/savingRepository.ts";
import { describeRepository } from "./repositorySuite.ts";

// Each call opens the archive, does its work and saves it: so each sees the file alone, and those that write at the same time
// wait for each other.

const root = mkdtempSync(join(tmpdir(), "waybill-archive-"));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

const same = (bytes: Buffer): Buffer => bytes;
const KINDS = [
  { ending: "tar", unpack: same, pack: same },
  { ending: "tar.gz", unpack: gunzipSync, pack: gzipSync },
  { ending: "tar.zst", unpack: zstdDecompressSync, pack: zstdCompressSync },
];
const HEADER_BYTES = 512;

for (const { ending, unpack, pack } of KINDS) {
  describeRepository(`archive .${ending}`, {
    open: async () => openSavingRepository(join(root, `archive-${count++}.${ending}`)),
    reopen: async ({ name }) => openSavingRepository(name.slice("oci:".length)),
    damage: async ({ name }, digest, bytes) => {
      const path = name.slice("oci:".length);
      const tar = unpack(readFileSync(path));
      const header = tar.indexOf(`blobs/sha256/${digestHex(digest)}`);
      if (header < 0) fail(`${digest} is not in the archive`);
      Buffer.from(bytes).copy(tar, header + HEADER_BYTES);
      writeFileSync(path, pack(tar));
    },
    etags: true,
    deletesTags: true,
    describesReferrers: true,
  });
}
