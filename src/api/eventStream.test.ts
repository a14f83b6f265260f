import { describe, expect, it } from "vitest";
import { LIVE_EVENT } from "#api/contract/serviceRoutes.ts";
import { openApiBench } from "../../test/fakes/apiBench.ts";
import type { ApiBench } from "../../test/fakes/apiBench.ts";
import { testCtx } from "../../test/fakes/testCtx.ts";

interface Stream {
  readonly response: Response;
  /** Moves the clock on until the stream has said `count` blocks, or has ended. */
  readonly read: (count: number) => Promise<readonly string[]>;
  readonly leave: () => Promise<void>;
}

const open = async (
  bench: ApiBench,
  token: string,
  headers: Readonly<Record<string, string>> = {},
  signal = new AbortController().signal,
): Promise<Stream> => {
  const init = { headers: { Authorization: `Bearer ${token}`, ...headers }, signal };
  const response = await bench.api.fetch(new Request("http://x/v1/events", init), { address: "192.0.2.1" });
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  return {
    response,
    read: async (count) => {
      const moving = setInterval(() => bench.clock.advance(500), 1);
      let text = "";
      try {
        while (text.split("\n\n").length <= count) {
          const next = await reader?.read();
          if (next === undefined || next.done) break;
          text += next.value;
        }
      } finally {
        clearInterval(moving);
      }
      return text.split("\n\n").slice(0, -1);
    },
    leave: async () => reader?.cancel(),
  };
};

const register = (bench: ApiBench, name: string, token = bench.tokens.builder): ReturnType<ApiBench["call"]> =>
  bench.call("/v1/apps/my-app/builds", { method: "POST", token, body: { build_id: name } });

describe("the event stream", () => {
  it("tells what comes now to whoever has seen more than there is, as after the database was made again", async () => {
    const bench = await openApiBench();
    const stream = await open(bench, bench.tokens.reader, { "Last-Event-ID": "900000" });
    expect(await stream.read(1)).toEqual([": connected\nretry: 2000"]);
    await register(bench, "build-3");
    expect((await stream.read(1))[0]).toContain('"build_id":"build-3"');
    await stream.leave();
  });

  it("tells what changes from now on, to its own tenant", async () => {
    const bench = await openApiBench();
    const stream = await open(bench, bench.tokens.reader);
    expect(stream.response.headers.get("Content-Type")).toBe("text/event-stream");
    expect(stream.response.headers.get("Cache-Control")).toBe("no-store");
    expect(await stream.read(1)).toEqual([": connected\nretry: 2000"]);
    await register(bench, "of-another", bench.stranger);
    await register(bench, "build-3");
    const [block = ""] = await stream.read(1);
    const [, id, kind, data] = /^id: (\d+)\nevent: (\w+)\ndata: (.*)$/.exec(block) ?? [];
    expect(kind).toBe("build");
    expect(LIVE_EVENT.parse(JSON.parse(data ?? ""))).toMatchObject({ app: "my-app", build_id: "build-3" });
    await stream.leave();

    await register(bench, "build-4");
    const later = await open(bench, bench.tokens.reader, { "Last-Event-ID": id ?? "" });
    expect((await later.read(2))[1]).toContain('"build_id":"build-4"');
    await later.leave();
  });

  it("beats while nothing happens, and ends when its token does", async () => {
    const bench = await openApiBench();
    const stream = await open(bench, bench.tokens.reader);
    expect((await stream.read(2))[1]).toBe(": heartbeat");
    const tokens = await bench.store.read(testCtx(), (records) =>
      records.tokens.list("default", { limit: 10, after: undefined }),
    );
    const reader = tokens.find(({ role }) => role === "reader");
    await bench.store.write(testCtx(), (records) => records.tokens.revoke("default", reader?.id ?? "", 1));
    expect(await stream.read(100)).toEqual([]);
  });

  it("ends without a fault when the client goes or the service drains", async () => {
    const bench = await openApiBench();
    const gone = new AbortController();
    const stream = await open(bench, bench.tokens.reader, {}, gone.signal);
    await stream.read(1);
    gone.abort();
    expect(await stream.read(100)).toEqual([]);
  });

  it("is open ten times for one token at most; HEAD opens none", async () => {
    const bench = await openApiBench();
    for (let count = 0; count < 12; count++) {
      const head = await bench.call("/v1/events", { method: "HEAD", token: bench.tokens.reader });
      expect(head.status).toBe(200);
    }
    const streams: Stream[] = [];
    for (let count = 0; count < 10; count++) {
      const stream = await open(bench, bench.tokens.reader);
      await stream.read(1);
      streams.push(stream);
    }
    expect((await open(bench, bench.tokens.reader)).response.status).toBe(429);
    const other = await open(bench, bench.tokens.operator);
    expect(other.response.status).toBe(200);
    await streams[0]?.leave();
    const again = await open(bench, bench.tokens.reader);
    expect(again.response.status).toBe(200);
    await again.leave();
  });

  it.each(["x", "-1", "1.5", "9".repeat(16)])("refuses to go on after %s", async (id) => {
    const bench = await openApiBench();
    const answer = await bench.call("/v1/events", {
      token: bench.tokens.reader,
      headers: { "Last-Event-ID": id },
    });
    expect(answer.problem()).toMatchObject({ status: 400, errors: [{ pointer: "/header/last-event-id" }] });
  });
});
