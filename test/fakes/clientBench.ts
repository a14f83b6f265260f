import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach } from "vitest";
import type { Repository } from "#core/content.ts";
import { startFaultRegistry } from "./faultRegistry.ts";
import type { FaultRegistry } from "./faultRegistry.ts";
import { openTestClient } from "./openTestClient.ts";

export interface Canned {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

export const reply = (response: ServerResponse, { status = 200, headers = {}, body = "" }: Canned): true => {
  response.writeHead(status, headers);
  response.end(body);
  return true;
};

type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface ClientBench {
  readonly registry: () => FaultRegistry;
  /** `team/app` there. */
  readonly repository: () => Repository;
  /** Answers what `matches` (`METHOD /path`) in its own way, everything else as a good registry does. */
  readonly faultOn: (matches: RegExp, answer: Canned | Behaviour) => void;
}

/** A registry and an impatient client for each test of the file. */
export const clientBench = (): ClientBench => {
  let registry: FaultRegistry | undefined;
  let repository: Repository | undefined;
  const there = <T>(value: T | undefined): T => {
    if (value === undefined) throw new TypeError("the bench is there inside of tests only");
    return value;
  };
  beforeEach(async () => {
    registry = await startFaultRegistry();
    repository = openTestClient({ stallMs: 300, answerMs: 300 })(`${registry.host}/team/app`);
  });
  afterEach(() => registry?.close());
  return {
    registry: () => there(registry),
    repository: () => there(repository),
    faultOn: (matches, answer) => {
      there(registry).fault = (request, response) => {
        if (!matches.test(`${request.method} ${request.url}`)) return false;
        if (typeof answer !== "function") return reply(response, answer);
        answer(request, response);
        return true;
      };
    },
  };
};
