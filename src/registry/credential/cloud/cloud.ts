import type { Ctx } from "#core/ctx.ts";
import type { Send } from "#net/send.ts";
import type { FoundCredential } from "#registry/client/credentials.ts";

/** A cloud that gives what runs in it credentials for its registries. */
export interface Cloud {
  /** True for exactly the hosts that are this cloud's registries: nobody else is sent what is bought here (attack 47). */
  readonly owns: (registry: string) => boolean;
  /** Undefined where nothing says who we are: this is no machine of the cloud, or it has no identity. */
  readonly find: (ctx: Ctx, registry: string) => Promise<FoundCredential | undefined>;
}

/** What the clouds need of the outside. */
export interface CloudDeps {
  /** To the cloud's API. */
  readonly send: Send;
  /** To the metadata services of machines: at once or not at all, never through a proxy and never redirected (attack 48). */
  readonly sendToMachine: Send;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** A file of credentials, capped; NOT_FOUND, INPUT_INVALID, LIMIT_EXCEEDED. */
  readonly readFile: (ctx: Ctx, path: string) => Promise<Uint8Array>;
}
