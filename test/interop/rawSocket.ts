import { connect } from "node:net";
import type { Socket } from "node:net";

/** What came back over one connection, and how that ended. */
export interface RawAnswer {
  /** Status codes of all answers, in their order. */
  readonly statuses: readonly number[];
  readonly text: string;
  /** The other side closed it; false where it was given up after `waitMs`. */
  readonly closed: boolean;
  readonly afterMs: number;
}

/** Opens a connection and sends bytes as they are, which no HTTP client would. `send` may drip. */
export const talkRaw = (url: string, send: string | ((socket: Socket) => void), waitMs = 3000): Promise<RawAnswer> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url);
    const begun = performance.now();
    const chunks: Buffer[] = [];
    const socket = connect(Number(port), hostname);
    const end = (closed: boolean): void => {
      clearTimeout(late);
      socket.destroy();
      const text = Buffer.concat(chunks).toString("latin1");
      const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status));
      resolve({ statuses, text, closed, afterMs: performance.now() - begun });
    };
    const late = setTimeout(() => end(false), waitMs);
    socket.on("data", (chunk: Buffer) => chunks.push(chunk));
    socket.on("error", () => undefined);
    socket.on("close", () => end(true));
    socket.on("connect", () => (typeof send === "string" ? socket.write(send, "latin1") : send(socket)));
  });
