const NOT_STARTED = Symbol("not started, another one failed");

/** Runs tasks with at most `width` of them under way at once; the one way to be concurrent over remote data. */
export type Limit = <T>(task: () => Promise<T>) => Promise<T>;

export const limit = (width: number): Limit => {
  let running = 0;
  const waiting: (() => void)[] = [];
  const release = (): void => {
    running--;
    waiting.shift()?.();
  };
  return async (task) => {
    if (running >= width) await new Promise<void>((resolve) => waiting.push(resolve));
    running++;
    try {
      return await task();
    } finally {
      release();
    }
  };
};

/** Maps in order with at most `width` under way. The first failure wins after all that had started have ended. */
export const mapLimited = async <T, R>(
  items: readonly T[],
  width: number,
  map: (item: T, index: number) => Promise<R>,
): Promise<R[]> => {
  const run = limit(width);
  let failed = false;
  const settled = await Promise.allSettled(
    items.map((item, index) =>
      run(async () => {
        if (failed) throw NOT_STARTED;
        try {
          return await map(item, index);
        } catch (error) {
          failed = true;
          throw error;
        }
      }),
    ),
  );
  const rejected = settled.find((one) => one.status === "rejected" && one.reason !== NOT_STARTED);
  if (rejected?.status === "rejected") throw rejected.reason;
  return settled.map((one) => (one as PromiseFulfilledResult<R>).value);
};
