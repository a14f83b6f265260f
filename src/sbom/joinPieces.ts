/** Puts pieces together, in memory that the next call takes again. */
export type JoinPieces = (pieces: readonly Buffer[]) => Buffer;

/**
 * For values of a database that are looked at one after another: tens of kilobytes each, which the collector would otherwise
 * let grow to hundreds of megabytes.
 */
export const createJoiner = (): JoinPieces => {
  let memory = Buffer.alloc(0);
  return (pieces) => {
    const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
    if (memory.length < size) memory = Buffer.allocUnsafeSlow(Math.max(size, 2 * memory.length));
    let at = 0;
    for (const piece of pieces) at += piece.copy(memory, at);
    return memory.subarray(0, size);
  };
};
