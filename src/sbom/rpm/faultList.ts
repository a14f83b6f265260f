/** Collects what is wrong with one file, of which a hostile one has millions. */
export interface FaultList {
  readonly note: (reason: string) => void;
  /** The first few, each once, and how many there were besides. */
  readonly list: () => readonly string[];
}

const SHOWN = 3;

export const createFaultList = (): FaultList => {
  const shown = new Set<string>();
  let more = 0;
  const note = (reason: string): void => {
    if (shown.has(reason) || shown.size >= SHOWN) more++;
    else shown.add(reason);
  };
  const list = (): readonly string[] =>
    more === 0 ? [...shown] : [...shown, `${more} more ${more === 1 ? "fault" : "faults"} like these`];
  return { note, list };
};
