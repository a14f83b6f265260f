interface Runs {
  running: Promise<void>;
  /** Begins when the running one has ended. */
  next?: Promise<void>;
}

/**
 * Runs a task at most once at a time for each name. Whoever asks while it runs waits for the next run, with all others that
 * ask meanwhile: the one under way may have begun before what they want of it.
 */
export const shareNext = (run: (name: string) => Promise<void>): ((name: string) => Promise<void>) => {
  const underWay = new Map<string, Runs>();

  const begin = (name: string): Promise<void> => {
    const forget = (): void => {
      if (runs.next === undefined) underWay.delete(name);
    };
    const runs: Runs = { running: run(name).finally(forget) };
    underWay.set(name, runs);
    return runs.running;
  };

  return (name) => {
    const runs = underWay.get(name);
    if (runs === undefined) return begin(name);
    const beginNext = (): Promise<void> => begin(name);
    runs.next ??= runs.running.then(beginNext, beginNext);
    return runs.next;
  };
};
