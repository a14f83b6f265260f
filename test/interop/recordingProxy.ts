import { createServer, request as send } from "node:http";
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { readAll } from "../../src/core/verifiedBytes.ts";

/** A manifest that a registry has taken. */
export interface RecordedWrite {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A way to a registry on which everything that it takes as a manifest is noted. */
export interface RecordingProxy extends AsyncDisposable {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  readonly writes: readonly RecordedWrite[];
}

const MAX_BODY = 16 * 1024 * 1024;

/** `registry`: HOST:PORT of a registry that speaks plain http and gives relative locations. */
export const startRecordingProxy = async (registry: string): Promise<RecordingProxy> => {
  const writes: RecordedWrite[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readAll(request, MAX_BODY, "request");
    const { url = "/", method = "GET", headers } = request;
    const onward = send(`http://${registry}${url}`, { method, headers }, (answer) => {
      const taken = method === "PUT" && url.includes("/manifests/") && answer.statusCode === 201;
      if (taken) writes.push({ path: url, headers, body });
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on("error", () => response.destroy());
    onward.end(body);
  };
  const server = createServer((request, response) => void pass(request, response).catch(() => response.destroy()));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    writes,
    [Symbol.asyncDispose]: close,
  };
};
