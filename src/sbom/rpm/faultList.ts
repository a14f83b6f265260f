/** Collects what is wrong with one file, of which a hostile one has millions. */
export interface FaultList {
  readonly note: (reason: string) => void;
  /** One text that names the first few, and counts the others; nothing where there are none. */
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
  const list = (): readonly string[] => {
    const others = more === 0 ? [] : [`${more} more ${more === 1 ? "fault" : "faults"} like these`];
    return shown.size === 0 ? [] : [[...shown, ...others].join("; ")];
  };
  return { note, list };
};
