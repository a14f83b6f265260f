/** The input under way, in memory that two threads share: the one that watches can name it when the other hangs or dies. */
export interface CurrentInput {
  readonly set: (input: Uint8Array) => void;
  readonly get: () => Uint8Array;
  /** How many there were. */
  readonly count: () => number;
}

const HEADER = 8;
const MAX_BYTES = 8 * 1024 * 1024;

export const sharedInput = (): SharedArrayBuffer => new SharedArrayBuffer(HEADER + MAX_BYTES);

export const currentInput = (shared: SharedArrayBuffer): CurrentInput => {
  const [numbers, bytes] = [new Int32Array(shared, 0, 2), new Uint8Array(shared, HEADER)];
  return {
    set: (input) => {
      if (input.byteLength > MAX_BYTES) throw new RangeError(`an input of ${input.byteLength} bytes`);
      bytes.set(input);
      Atomics.store(numbers, 1, input.byteLength);
      Atomics.add(numbers, 0, 1);
    },
    get: () => Uint8Array.from(bytes.subarray(0, Atomics.load(numbers, 1))),
    count: () => Atomics.load(numbers, 0),
  };
};
