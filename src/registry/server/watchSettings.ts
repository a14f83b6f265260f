import type { Log } from "#core/ctx.ts";
import { asWaybillError } from "#core/errors.ts";
import { fileMark } from "#registry/server/readSettingFile.ts";

/** A setting that is made from files, and made again when they change. */
export interface WatchedSetting<T> {
  readonly current: () => T;
  readonly close: () => void;
}

export interface SettingFiles<T> {
  readonly what: string;
  readonly paths: readonly string[];
  readonly load: () => Promise<T>;
  /** Told of each value but the first. */
  readonly onChange?: (value: T) => void;
  readonly lookMs: number;
  readonly log: Log;
}

/**
 * Loads a setting, and looks for changes of its files now and then: what watches files misses those that are mounted into
 * containers and exchanged as links. What cannot be loaded at first is thrown; later it is told, once for each change, and
 * the last good value stays.
 */
export const watchSetting = async <T>(files: SettingFiles<T>): Promise<WatchedSetting<T>> => {
  const { what, paths, load, onChange, lookMs, log } = files;
  // The mark comes first: a change while the files are read is then seen at the next look.
  let mark = await fileMark(paths);
  let value = await load();
  const look = async (): Promise<void> => {
    const now = await fileMark(paths);
    if (now === mark) return;
    mark = now;
    try {
      value = await load();
      onChange?.(value);
      log("info", `${what} read again`);
    } catch (thrown) {
      log("warn", `${what} kept as it was`, { reason: asWaybillError(thrown).message });
    }
  };
  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => (looking = false));
  }, lookMs).unref();
  return { current: () => value, close: () => clearInterval(timer) };
};
