import { useEffect, useState } from "preact/hooks";

const TYPING_MS = 300;

/** A value once it has not changed for a while, so that not every letter is asked about. */
export const useSettled = (value: string): string => {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), TYPING_MS);
    return () => clearTimeout(timer);
  }, [value]);
  return settled;
};
