import { succeed } from "../interop/run.ts";
import { waybillDone } from "../interop/waybill.ts";
import type { Workspace } from "../interop/workspace.ts";
import { compare } from "./measure.ts";
import type { Line } from "./measure.ts";

const RUNS = 25;

/** `waybill --version`, built, against the least that Node can do. */
export const measureStartUp = async (workspace: Workspace): Promise<readonly Line[]> => {
  const { env } = workspace;
  const result = await compare(
    RUNS,
    async () => {
      await waybillDone(["--version"], { env });
    },
    async () => {
      await succeed(process.execPath, ["-e", "0"], { env });
    },
  );
  return [
    {
      name: "--version against node -e 0",
      ours: result.ours,
      theirs: result.theirs,
      unit: "ms",
      kind: "share",
      ratio: result.oursToTheirs,
      goal: 1.3,
      note: `built program, ${process.version}, median of ${RUNS} pairs`,
    },
  ];
};
