import type { ServerResponse } from "node:http";
import { sendFile } from "#registry/server/sendFile.ts";
import type { FileSpan } from "#registry/server/sendFile.ts";

/** A body too large to hold; `close` is called once it was sent or the client has gone. */
export interface StreamedBody extends FileSpan {
  readonly close: () => Promise<void>;
}

/** What the registry answers to one request. */
export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | StreamedBody;
  /** Bytes of the body that a HEAD announces and does not send. */
  readonly announced?: number;
}

export const answerJson = (value: unknown, headers: Readonly<Record<string, string>> = {}, status = 200): Answer => ({
  status,
  headers: { "Content-Type": "application/json", ...headers },
  body: Buffer.from(JSON.stringify(value)),
});

/** Sends an answer; a client that leaves early ends the transfer, nothing else. */
export const sendAnswer = async (response: ServerResponse, answer: Answer, isHead: boolean): Promise<void> => {
  const { body } = answer;
  response.statusCode = answer.status;
  response.setHeader("Docker-Distribution-Api-Version", "registry/2.0");
  // Blobs are whatever somebody pushed: a browser must not guess that one is a page.
  response.setHeader("X-Content-Type-Options", "nosniff");
  for (const [name, value] of Object.entries(answer.headers ?? {})) response.setHeader(name, value);
  if (answer.status !== 204 && answer.status !== 304) response.setHeader("Content-Length", lengthOf(answer));
  if (body === undefined || isHead || body instanceof Uint8Array) {
    response.end(isHead || body === undefined ? undefined : body);
    if (body !== undefined && !(body instanceof Uint8Array)) await body.close();
    return;
  }
  try {
    await sendFile(response, body);
  } finally {
    await body.close();
  }
};

const lengthOf = ({ body, announced }: Answer): number =>
  announced ?? (body instanceof Uint8Array ? body.byteLength : body === undefined ? 0 : body.end - body.start);
