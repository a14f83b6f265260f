import { flag } from "#cli/flag.ts";
import { WaybillError } from "#core/errors.ts";

/** Where the control plane keeps everything. */
export const dataFlag = {
  data: flag.text({ value: "DIR", summary: "where everything is kept (default ~/.local/share/waybill)" }),
  store: flag.text({
    value: "PLACE",
    secret: true,
    summary: "sqlite:FILE or postgres://USER:PASSWORD@HOST/DATABASE instead of a file below --data",
  }),
};

/** Where a control plane keeps its records. */
export interface StorePlace {
  readonly data: string;
  /** As `--store` says; undefined: a file below `data`. */
  readonly store: string | undefined;
}

/** What the flags say, completed. */
export const storePlace = (
  { data, store }: { readonly data: string | undefined; readonly store: string | undefined },
  env: Readonly<Record<string, string | undefined>>,
): StorePlace => ({ data: dataDirectory(data, env), store });

/** The directory that was given, or the one that suits this user. USAGE_INVALID where there is no home. */
const dataDirectory = (given: string | undefined, env: Readonly<Record<string, string | undefined>>): string => {
  if (given !== undefined) return given;
  const base = env["XDG_DATA_HOME"] ?? (env["HOME"] === undefined ? undefined : `${env["HOME"]}/.local/share`);
  if (base === undefined || !base.startsWith("/"))
    throw new WaybillError("USAGE_INVALID", "there is no home directory to keep everything in", {
      hint: "Give --data DIR.",
    });
  return `${base}/waybill`;
};
