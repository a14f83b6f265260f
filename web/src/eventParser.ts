/** One event of a stream (HTML standard, 9.2.6). */
export interface ServerEvent {
  readonly id: string;
  readonly data: string;
}

// An event of ours has a few hundred characters; a stream that never ends a line must not fill the memory.
const MAX_PENDING = 256 * 1024;

export interface EventParser {
  /** The events that `text` completes; undefined where the stream is none of ours, and must be closed. */
  readonly push: (text: string) => readonly ServerEvent[] | undefined;
}

/** Reads server-sent events from text that arrives in pieces of any length. Line ends are LF or CRLF. */
export const createEventParser = (): EventParser => {
  let pending = "";
  return {
    push: (text) => {
      const blocks = (pending + text).split(/\r?\n\r?\n/);
      pending = blocks.pop() ?? "";
      if (pending.length > MAX_PENDING) return undefined;
      return blocks.flatMap(readBlock);
    },
  };
};

const readBlock = (block: string): readonly ServerEvent[] => {
  const lines = block.split(/\r?\n/);
  const data = valuesOf(lines, "data");
  return data.length === 0 ? [] : [{ id: valuesOf(lines, "id").at(-1) ?? "", data: data.join("\n") }];
};

const valuesOf = (lines: readonly string[], field: string): readonly string[] =>
  lines.filter((line) => line.startsWith(`${field}:`)).map((line) => line.slice(field.length + 1).replace(/^ /, ""));
