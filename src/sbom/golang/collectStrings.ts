/** Strings of a program that may be asked for once an address of them is known. */
export interface StringCollector {
  /** Takes the next bytes; `position` is the offset in the file of the first. */
  readonly add: (chunk: Buffer, position: number) => void;
  /** The collected bytes that start at an offset, `length` of them. */
  readonly at: (offset: number, length: number) => Buffer | undefined;
}

const VERSION_START = Buffer.from("go1.");
const VERSION_LENGTH = 64;
const MAX_VERSIONS = 4096;
// runtime/debug.modinfo is wrapped in these (cmd/go/internal/modload/build.go, infoStart and infoEnd).
const MODULES_START = Buffer.from("3077af0c9274080241e1c107e6d618e6", "hex");
const MODULES_END = Buffer.from("f932433186182072008242104116d8f2", "hex");
const MAX_MODULES = 1024 * 1024;
const MAX_MODULE_TEXTS = 4;

/**
 * Before Go 1.18 the build information holds addresses of strings that stand earlier in the file. While streaming, every
 * string that could be meant is remembered: those that begin like a version, and those between the sentinels.
 */
export const collectStrings = (): StringCollector => {
  const versions = new Map<number, Buffer>();
  const modules = new Map<number, Buffer>();
  let carry: Buffer = Buffer.alloc(0);
  const collect = (window: Buffer, base: number): void => {
    eachIndex(window, VERSION_START, MAX_VERSIONS - versions.size, (at) => {
      versions.set(base + at, Buffer.from(window.subarray(at, at + VERSION_LENGTH)));
    });
    eachIndex(window, MODULES_START, MAX_MODULE_TEXTS - modules.size, (at) => {
      const end = window.indexOf(MODULES_END, at);
      if (end >= 0) modules.set(base + at, Buffer.from(window.subarray(at, end + MODULES_END.length)));
    });
  };
  return {
    add: (chunk, position) => {
      const window = carry.length === 0 ? chunk : Buffer.concat([carry, chunk]);
      collect(window, position - carry.length);
      carry = Buffer.from(window.subarray(keepFrom(window)));
    },
    at: (offset, length) => {
      const found = versions.get(offset) ?? modules.get(offset);
      return found !== undefined && length <= found.length ? found.subarray(0, length) : undefined;
    },
  };
};

// The next chunk may hold the end of what begins here.
const keepFrom = (window: Buffer): number => {
  const open = window.lastIndexOf(MODULES_START);
  const isOpen = open >= 0 && window.length - open <= MAX_MODULES && window.indexOf(MODULES_END, open) < 0;
  return isOpen ? open : Math.max(0, window.length - VERSION_LENGTH);
};

const eachIndex = (window: Buffer, what: Buffer, most: number, take: (at: number) => void): void => {
  let left = most;
  for (let at = window.indexOf(what); at >= 0 && left > 0; at = window.indexOf(what, at + 1), left--) take(at);
};
