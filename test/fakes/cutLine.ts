import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";

/** What happens to a connection once so many bytes went one way. */
export interface Cut {
  readonly way: "up" | "down";
  readonly afterBytes: number;
  /** `stall`: no byte more comes through, and nobody is told. */
  readonly how: "close" | "stall";
  /** Connections that it happens to. */
  readonly times: number;
}

export interface CutLine {
  /** `127.0.0.1:PORT`. */
  readonly host: string;
  /** From now on. */
  readonly set: (cut: Cut) => void;
  /** Connections that were cut, and bytes that went up, since then. */
  readonly seen: () => { readonly cuts: number; readonly up: number };
  readonly close: () => Promise<void>;
}

/** A line to a port of loopback that cuts connections in the middle of what they carry. */
export const startCutLine = async (port: number): Promise<CutLine> => {
  const sockets = new Set<Socket>();
  let cut: Cut = { way: "up", afterBytes: Infinity, how: "close", times: 0 };
  let done = 0;
  let up = 0;
  const pass = (from: Socket, to: Socket, way: Cut["way"]): void => {
    let bytes = 0;
    from.on("data", (chunk) => {
      bytes += chunk.byteLength;
      if (way === "up") up += chunk.byteLength;
      const isMeant = way === cut.way && bytes > cut.afterBytes && done < cut.times;
      if (!isMeant) return void to.write(chunk);
      done++;
      from.removeAllListeners("data");
      from.pause();
      if (cut.how === "stall") return undefined;
      // What is under way arrives, however long that takes, and then nothing.
      from.removeAllListeners("close");
      to.end();
      return void from.destroy();
    });
    from.on("end", () => to.end());
    from.on("close", () => to.destroy());
    from.on("error", () => undefined);
  };
  const server = createServer((socket) => {
    const there = connect(port, "127.0.0.1");
    for (const one of [socket, there]) sockets.add(one);
    pass(socket, there, "up");
    pass(there, socket, "down");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    set: (wanted) => {
      cut = wanted;
      [done, up] = [0, 0];
    },
    seen: () => ({ cuts: done, up }),
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};
