import type { ProgramLayout } from "#sbom/executable/program.ts";
import type { StringCollector } from "#sbom/golang/collectStrings.ts";
import type { GoBlob } from "#sbom/golang/findBlobs.ts";
import type { GoBuildInfo } from "#sbom/golang/readBuildInfo.ts";
import { withoutSentinels } from "#sbom/golang/readBuildInfo.ts";

export interface PointerSearch {
  readonly add: (chunk: Buffer, position: number) => void;
  /** Whether all that is needed has gone by. */
  readonly isComplete: () => boolean;
  readonly finish: () => GoBuildInfo | undefined;
}

/**
 * Build information of before Go 1.18: two addresses of Go strings, each an address and a length, in the data that
 * follows; the characters stood in the read-only data before (debug/buildinfo, readString).
 */
export const followPointers = (
  layout: ProgramLayout,
  strings: StringCollector,
  blob: Extract<GoBlob, { readonly kind: "pointers" }>,
): PointerSearch => {
  const version = grabRange(offsetOf(layout, blob.version), 2 * layout.pointerSize);
  const modules = grabRange(offsetOf(layout, blob.modules), 2 * layout.pointerSize);
  const textOf = (header: Buffer | undefined): Buffer | undefined => {
    if (header === undefined) return undefined;
    const offset = offsetOf(layout, readPointer(layout, header, 0));
    const length = Number(readPointer(layout, header, layout.pointerSize));
    return offset === undefined ? undefined : strings.at(offset, length);
  };
  return {
    add: (chunk, position) => {
      version.add(chunk, position);
      modules.add(chunk, position);
    },
    isComplete: () => version.bytes() !== undefined && modules.bytes() !== undefined,
    finish: () => {
      const name = textOf(version.bytes());
      if (name === undefined) return undefined;
      // A program built without modules has no text there, and an address of nothing.
      return {
        version: name.toString("latin1"),
        modules: withoutSentinels(textOf(modules.bytes()) ?? Buffer.alloc(0)),
      };
    },
  };
};

const offsetOf = (layout: ProgramLayout, address: bigint): number | undefined => {
  const segment = layout.segments.find((one) => address >= one.address && address < one.address + BigInt(one.size));
  return segment === undefined ? undefined : segment.offset + Number(address - segment.address);
};

const readPointer = (layout: ProgramLayout, bytes: Buffer, at: number): bigint => {
  if (layout.pointerSize === 4) return BigInt(layout.bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at));
  return layout.bigEndian ? bytes.readBigUInt64BE(at) : bytes.readBigUInt64LE(at);
};

interface RangeGrabber {
  readonly add: (chunk: Buffer, position: number) => void;
  readonly bytes: () => Buffer | undefined;
}

const grabRange = (offset: number | undefined, length: number): RangeGrabber => {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  return {
    add: (chunk, position) => {
      if (offset === undefined || filled === length) return;
      const start = offset + filled - position;
      if (start >= 0 && start < chunk.length) filled += chunk.copy(bytes, filled, start, start + length - filled);
    },
    bytes: () => (filled === length ? bytes : undefined),
  };
};
