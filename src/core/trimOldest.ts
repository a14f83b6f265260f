/** Forgets what has been longest in a map or set, until at most `max` entries are left. */
export const trimOldest = <K>(entries: Map<K, unknown> | Set<K>, max: number): void => {
  for (const key of entries.keys()) {
    if (entries.size <= max) return;
    entries.delete(key);
  }
};
