import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import { callApi } from "./controlPlaneApi.ts";
import { talkRaw } from "./rawSocket.ts";
import { openWorkspace } from "./workspace.ts";

// What a rolling update sees: nothing new begins, what lasts ends, and the program says yes in the end.

const workspace = openWorkspace();

afterAll(() => workspace[Symbol.dispose]());

it(
  "says that it is not ready, ends its streams, turns new connections away and leaves with 0",
  { timeout: 40_000 },
  async () => {
    await using plane = await startControlPlane(workspace, { data: "drained" });
    await callApi(plane, "/v1/apps/drained/builds", { build_id: "kept" });
    const { hostname, port } = new URL(plane.url);
    const readiness = connect(Number(port), hostname);
    let ready = "";
    readiness.on("data", (chunk: Buffer) => (ready += chunk.toString("latin1")));
    readiness.write("GET /readyz HTTP/1.1\r\nHost: waybill\r\n\r\nGET /readyz HTTP/1.1\r\nHost: wayb");
    const stream = talkRaw(
      plane.url,
      `GET /v1/events HTTP/1.1\r\nHost: waybill\r\nAuthorization: Bearer ${plane.token}\r\nConnection: close\r\n\r\n`,
      15_000,
    );
    await sleep(500);
    expect((await fetch(`${plane.url}/readyz`)).status).toBe(200);

    const stopped = plane.stop();
    await sleep(500);
    readiness.write("ill\r\nConnection: close\r\n\r\n");
    // A connection of its own: nobody accepts it any more.
    expect(await talkRaw(plane.url, "GET /healthz HTTP/1.1\r\nHost: waybill\r\n\r\n", 1000)).toMatchObject({
      text: "",
    });
    expect(await stopped).toBe(0);
    expect(ready).toContain("200 OK");
    expect(ready).toContain("503 Service Unavailable");
    const events = await stream;
    expect(events.text).toContain(": connected");
    expect(events.closed).toBe(true);

    await using again = await startControlPlane(workspace, { data: "drained" });
    expect((await callApi(again, "/v1/apps/drained/builds/kept")).status).toBe(200);
  },
);
