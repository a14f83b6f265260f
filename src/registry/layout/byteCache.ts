/** Small contents by name, the least recently used ones dropped beyond a cap on their bytes together. */
export interface ByteCache {
  readonly get: (name: string) => Uint8Array | undefined;
  readonly set: (name: string, bytes: Uint8Array) => void;
  readonly delete: (name: string) => void;
}

export const createByteCache = (capBytes: number): ByteCache => {
  const held = new Map<string, Uint8Array>();
  let size = 0;
  const drop = (name: string): Uint8Array | undefined => {
    const bytes = held.get(name);
    if (bytes !== undefined) size -= bytes.byteLength;
    held.delete(name);
    return bytes;
  };
  return {
    get: (name) => {
      const bytes = held.get(name);
      if (bytes === undefined) return undefined;
      // A Map keeps the order of insertion: what was asked for last stands last.
      held.delete(name);
      held.set(name, bytes);
      return bytes;
    },
    set: (name, bytes) => {
      drop(name);
      held.set(name, bytes);
      size += bytes.byteLength;
      for (const oldest of held.keys()) {
        if (size <= capBytes) break;
        drop(oldest);
      }
    },
    delete: drop,
  };
};
