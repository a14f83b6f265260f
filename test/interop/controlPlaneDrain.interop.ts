import { connect } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, expect, it } from "vitest";
import { startControlPlane } from "./controlPlane.ts";
import { callApi } from "./controlPlaneApi.ts";
import { talkRaw } from "./rawSocket.ts";
import { openWorkspace } from "./workspace.ts";

// What a rolling update sees: what is under way ends well, nothing new begins, and the program says yes in the end.

const workspace = openWorkspace();

afterAll(() => workspace[Symbol.dispose]());

it("ends requests under way, turns new ones away and leaves with 0", { timeout: 40_000 }, async () => {
  await using plane = await startControlPlane(workspace, { data: "drained" });
  const body = JSON.stringify({ build_id: "slow" });
  const { hostname, port } = new URL(plane.url);
  const readiness = connect(Number(port), hostname);
  let ready = "";
  readiness.on("data", (chunk: Buffer) => (ready += chunk.toString("latin1")));
  readiness.write("GET /readyz HTTP/1.1\r\nHost: waybill\r\n\r\nGET /readyz HTTP/1.1\r\nHost: wayb");
  const silent = connect(Number(port), hostname);
  const events = fetch(`${plane.url}/v1/events`, { headers: { authorization: `Bearer ${plane.token}` } });
  const stream = (await events).text();
  const underWay = talkRaw(
    plane.url,
    (socket) => {
      socket.write(
        `POST /v1/apps/drained/builds HTTP/1.1\r\nHost: waybill\r\nAuthorization: Bearer ${plane.token}\r\n` +
          `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body.slice(0, 5)}`,
      );
      setTimeout(() => socket.write(body.slice(5)), 2000);
    },
    10_000,
  );
  await sleep(500);
  expect((await fetch(`${plane.url}/readyz`)).status).toBe(200);

  const begun = performance.now();
  const stopped = plane.stop();
  await sleep(500);
  readiness.write("ill\r\n\r\n");
  // A connection of its own: nobody accepts it any more.
  expect(await talkRaw(plane.url, "GET /healthz HTTP/1.1\r\nHost: waybill\r\n\r\n", 1000)).toMatchObject({ text: "" });
  expect((await underWay).statuses).toEqual([201]);
  expect(await stopped).toBe(0);
  // As soon as the slow one is answered: neither a stream nor a connection that asks nothing holds it up.
  expect(performance.now() - begun).toBeLessThan(3500);
  expect(silent.destroyed || silent.readableEnded || silent.closed).toBe(true);
  expect(ready).toContain("200 OK");
  expect(ready).toContain("503 Service Unavailable");
  expect(await stream).toContain(": connected");

  await using again = await startControlPlane(workspace, { data: "drained" });
  expect((await callApi(again, "/v1/apps/drained/builds/slow")).status).toBe(200);
});
