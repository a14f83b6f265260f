import { BUILD_INFO_MAGIC, readBuildInfo } from "#sbom/golang/readBuildInfo.ts";
import type { GoBuildInfo } from "#sbom/golang/readBuildInfo.ts";

/** A blob of build information: read in place, or the addresses of what it says. */
export type GoBlob =
  | { readonly kind: "inline"; readonly info: GoBuildInfo }
  | { readonly kind: "pointers"; readonly version: bigint; readonly modules: bigint };

export interface BlobFinder {
  /** Takes bytes that stand at `position` in the file and gives the blobs that end in them. */
  readonly add: (chunk: Buffer, position: number) => readonly GoBlob[];
  /** Why something that looked like a blob was none, if anything did. */
  readonly refusal: () => string | undefined;
}

const ALIGN = 16;

/** Searches a stream for build information; chunks may leave gaps. */
export const findBlobs = (): BlobFinder => {
  let kept: Buffer = Buffer.alloc(0);
  let next = 0;
  let refusal: string | undefined;
  let open = false;
  const scan = (window: Buffer, base: number): readonly GoBlob[] => {
    const found: GoBlob[] = [];
    let keep = Math.max(0, window.length - BUILD_INFO_MAGIC.length + 1);
    open = false;
    for (let at = window.indexOf(BUILD_INFO_MAGIC); at >= 0; at = window.indexOf(BUILD_INFO_MAGIC, at + 1)) {
      // Other programs may hold the magic as a plain string: it is aligned by chance only.
      if ((base + at) % ALIGN !== 0) continue;
      const reading = readBuildInfo(window.subarray(at));
      if (reading.kind === "short") {
        keep = at;
        open = true;
        break;
      }
      if (reading.kind === "invalid") refusal ??= reading.reason;
      else found.push(reading);
    }
    kept = Buffer.from(window.subarray(keep));
    return found;
  };
  return {
    add: (chunk, position) => {
      const follows = position === next && kept.length > 0;
      const window = follows ? Buffer.concat([kept, chunk]) : chunk;
      next = position + chunk.length;
      return scan(window, next - window.length);
    },
    refusal: () => refusal ?? (open ? "it is cut off" : undefined),
  };
};
