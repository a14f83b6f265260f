import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createEventParser } from "./eventParser.ts";
import type { ServerEvent } from "./eventParser.ts";

const read = (pieces: readonly string[]): readonly ServerEvent[] => {
  const parser = createEventParser();
  return pieces.flatMap((piece) => parser.push(piece) ?? []);
};

describe("events", () => {
  it("have an id and data; comments and what is without data are none", () => {
    const text = ': connected\nretry: 2000\n\nid: 7\nevent: build\ndata: {"a":1}\n\n: heartbeat\n\nid: 8\ndata:x\n\n';
    expect(read([text])).toEqual([
      { id: "7", data: '{"a":1}' },
      { id: "8", data: "x" },
    ]);
  });

  it("may have CRLF and several lines of data", () => {
    expect(read(["data: a\r\ndata: b\r\n\r\n"])).toEqual([{ id: "", data: "a\nb" }]);
  });

  it("wait for their end", () => {
    expect(read(["id: 1\ndata: a\n"])).toEqual([]);
  });

  it("are the same however the stream is cut", () => {
    const line = fc.string({ unit: "grapheme" }).map((text) => text.replaceAll(/[\r\n]/g, ""));
    const events = fc.array(fc.record({ id: fc.nat().map(String), data: line }), { maxLength: 5 });
    fc.assert(
      fc.property(events, fc.array(fc.nat({ max: 20 })), (wanted, cuts) => {
        const text = wanted.map(({ id, data }) => `id: ${id}\ndata: ${data}\n\n`).join("");
        const pieces: string[] = [];
        let rest = text;
        for (const cut of cuts) {
          pieces.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        expect(read([...pieces, rest])).toEqual(wanted);
      }),
    );
  });

  it("end with a stream that never ends a line", () => {
    const parser = createEventParser();
    expect(parser.push("x".repeat(200_000))).toEqual([]);
    expect(parser.push("x".repeat(100_000))).toBeUndefined();
  });
});
