/** Bytes `start` to `end`, exclusive. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * A Range header over `size` bytes: the range, "unsatisfiable" (416), or undefined for the whole: RFC 9110 section 14.2
 * lets a server ignore what it does not understand, such as several ranges, and reject a range that ends before it begins.
 */
export const parseRange = (header: string | undefined, size: number): ByteRange | "unsatisfiable" | undefined => {
  const [whole, first = "", last = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? "") ?? [];
  if (whole === undefined || (first === "" && last === "")) return undefined;
  if (first === "") {
    const start = Math.max(0, size - Number(last));
    return start < size ? { start, end: size } : "unsatisfiable";
  }
  const start = Number(first);
  const end = last === "" ? size : Math.min(size, Number(last) + 1);
  if (last !== "" && Number(last) < start) return "unsatisfiable";
  return start < size ? { start, end } : "unsatisfiable";
};

/** The Content-Range of a chunk of an upload: `FIRST-LAST`, both inclusive (distribution-spec 1.1, "Pushing a blob in chunks"). */
export const parseChunkRange = (header: string): ByteRange | undefined => {
  const [whole, first, last] = /^(?:bytes[ =])?(\d{1,15})-(\d{1,15})(?:\/(?:\d+|\*))?$/.exec(header.trim()) ?? [];
  if (whole === undefined || Number(last) < Number(first)) return undefined;
  return { start: Number(first), end: Number(last) + 1 };
};
