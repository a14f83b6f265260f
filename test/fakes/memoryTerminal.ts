import type { Output, Terminal } from "#cli/terminal.ts";

export interface MemoryTerminal extends Terminal {
  readonly out: () => string;
  readonly err: () => string;
}

interface Shape {
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string | Promise<string>;
  readonly isTerminal?: boolean;
  readonly columns?: number;
}

/** A terminal that remembers what was written to it. */
export const memoryTerminal = (shape: Shape = {}): MemoryTerminal => {
  const [stdout, out] = memoryOutput(shape);
  const [stderr, err] = memoryOutput(shape);
  return {
    env: shape.env ?? {},
    stdout,
    stderr,
    out,
    err,
    readStdin: async function* () {
      yield Buffer.from((await shape.stdin) ?? "");
    },
  };
};

const memoryOutput = ({ isTerminal = false, columns = 80 }: Shape): [Output, () => string] => {
  let written = "";
  const output: Output = {
    write: async (bytes) => {
      written += typeof bytes === "string" ? bytes : Buffer.from(bytes).toString();
    },
    isTerminal,
    columns: () => columns,
  };
  return [output, () => written];
};
