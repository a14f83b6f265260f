/** Takes pieces out of a failing input, large ones first, as long as it still fails; at most `tries` times. */
export const shrinkInput = async (
  input: Uint8Array,
  fails: (smaller: Uint8Array) => Promise<boolean>,
  tries: number,
): Promise<Uint8Array> => {
  let best = input;
  let left = tries;
  for (let piece = Math.ceil(input.byteLength / 2); piece >= 1 && left > 0; piece = Math.floor(piece / 2)) {
    for (let at = 0; at < best.byteLength && left > 0; left--) {
      const smaller = Buffer.concat([best.subarray(0, at), best.subarray(at + piece)]);
      if (await fails(smaller)) best = smaller;
      else at += piece;
    }
  }
  return best;
};
