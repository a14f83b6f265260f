import { createHash } from "node:crypto";
import { freeMemory } from "#archive/freeMemory.ts";
import { WaybillError } from "#core/errors.ts";
import type { Reducer } from "#sbom/cataloger.ts";
import type { ArchiveFacts } from "#sbom/java/archiveFacts.ts";
import type { ArchiveLimits } from "#sbom/java/archiveLimits.ts";
import { keepFacts } from "#sbom/keptFacts.ts";
import { nameJar } from "#sbom/java/nameJar.ts";
import { reduceArchive } from "#sbom/java/reduceArchive.ts";
import type { ArchiveFile } from "#sbom/java/reduceArchive.ts";

/**
 * Collects an archive and keeps its `ArchiveFacts` as JSON. One of more than `maxSize` bytes is hashed as it passes and known
 * by its name only, which the facts say as a gap.
 */
export const archiveReducer = (
  file: Pick<ArchiveFile, "fileName" | "isPackage">,
  announced: number,
  limits: ArchiveLimits,
): Reducer => {
  const [sha1, sha256] = [createHash("sha1"), createHash("sha256")];
  let tooLarge = announced > limits.maxSize;
  // Memory that nobody writes to costs nothing: an archive that announces more than it holds is refused before.
  let bytes = Buffer.allocUnsafeSlow(tooLarge ? 0 : announced);
  let size = 0;
  return {
    write: (chunk) => {
      sha1.update(chunk);
      sha256.update(chunk);
      if (size + chunk.byteLength > bytes.length) tooLarge = true;
      if (!tooLarge) bytes.set(chunk, size);
      size += chunk.byteLength;
      return true;
    },
    end: () => {
      const hashes = { sha1: sha1.digest("hex"), sha256: sha256.digest("hex") };
      try {
        const content = bytes.subarray(0, size);
        if (tooLarge) return keepFacts(knownByName(file, hashes, limits));
        if (isForeign(file.fileName, content)) return undefined;
        const facts = reduceArchive({ ...file, bytes: content, hashes }, limits);
        return facts.artifacts.length === 0 && facts.gaps.length === 0 ? undefined : keepFacts(facts);
      } finally {
        freeMemory(bytes);
      }
    },
  };
};

const knownByName = (
  { fileName, isPackage }: Pick<ArchiveFile, "fileName" | "isPackage">,
  hashes: ArchiveFile["hashes"],
  limits: ArchiveLimits,
): ArchiveFacts => {
  const reason = `archive of more than ${limits.maxSize} bytes: only its name was read`;
  if (!isPackage) throw new WaybillError("LIMIT_EXCEEDED", reason);
  const named = nameJar(fileName, new Map(), () => "");
  return {
    artifacts: [{ path: "", ...named, ...hashes, licenses: [], dependencies: [] }],
    gaps: [{ path: "", reason }],
  };
};

// `.rar`, `.sar`, `.par` and the like are other programs' extensions, too; only a file that claims to be a jar must be one.
const CLAIMS = /\.(?:jar|war|ear)$/i;

const isForeign = (fileName: string, bytes: Buffer): boolean =>
  !CLAIMS.test(fileName) && bytes.subarray(0, 2).toString("latin1") !== "PK";
