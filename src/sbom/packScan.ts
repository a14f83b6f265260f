import { WaybillError } from "#core/errors.ts";
import type { Capture } from "#sbom/captureEntry.ts";
import type { LayerScan } from "#sbom/layerScan.ts";

/** Everything of a scan but its bytes. */
interface Head extends Pick<LayerScan, "gaps" | "usage"> {
  readonly entries: Omit<LayerScan["entries"], "bytes"> & { readonly bytes: number };
  readonly captures: readonly {
    readonly ordinal: number;
    readonly size: number;
    readonly mode: number;
    readonly kept: readonly PackedCapture[];
  }[];
}

/** `bytes` is their number. */
type PackedCapture =
  | Exclude<Capture, { readonly bytes: Uint8Array }>
  | { readonly cataloger: number; readonly bytes: number };

const PREFIX = 4;

/** Name of this form, and of the list of entries within; another form has another name. */
export const PACKED_FORM = "scan 1";

/** A scan as bytes, to be joined in order: length of a head of JSON (32 bits), the head, the list of entries, what was kept. */
export const packScan = ({ entries, captures, gaps, usage }: LayerScan): readonly Uint8Array[] => {
  const head: Head = {
    gaps,
    usage,
    entries: { ...entries, bytes: entries.bytes.byteLength },
    captures: captures.map((file) => ({ ...file, kept: file.kept.map(packCapture) })),
  };
  const json = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.alloc(PREFIX);
  prefix.writeUInt32LE(json.byteLength);
  const kept = captures.flatMap((file) => file.kept.flatMap((one) => ("bytes" in one ? [one.bytes] : [])));
  return [prefix, json, entries.bytes, ...kept];
};

const packCapture = (capture: Capture): PackedCapture =>
  "bytes" in capture ? { cataloger: capture.cataloger, bytes: capture.bytes.byteLength } : capture;

/** Reads what `packScan` wrote; INPUT_INVALID for other bytes. What is kept are views of them. */
export const unpackScan = (packed: Uint8Array): LayerScan => {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  let at = 0;
  const take = (length: number): Buffer => {
    if (!(length >= 0 && at + length <= bytes.length))
      throw new WaybillError("INPUT_INVALID", "packed facts are cut off");
    at += length;
    return bytes.subarray(at - length, at);
  };
  const head = JSON.parse(take(take(PREFIX).readUInt32LE()).toString()) as Head;
  const entries = { ...head.entries, bytes: take(head.entries.bytes) };
  const captures = head.captures.map((file) => ({
    ...file,
    kept: file.kept.map((one): Capture => ("bytes" in one ? { ...one, bytes: take(one.bytes) } : one)),
  }));
  if (at !== bytes.length) throw new WaybillError("INPUT_INVALID", "packed facts have bytes too many");
  return { entries, captures, gaps: head.gaps, usage: head.usage };
};
