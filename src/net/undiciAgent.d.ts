// The package's index loads 109 files at every start of the program, its agent 22; it declares no types for its inner files.
// The index also puts `request` and the like on the agent, so here it has none of them.
declare module "undici/lib/dispatcher/agent.js" {
  import type { Agent, Dispatcher } from "undici";
  class BareAgent {
    constructor(options: Agent.Options);
    dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean;
    destroy(): Promise<void>;
  }
  export = BareAgent;
}

declare module "undici/lib/core/connect.js" {
  import type { buildConnector } from "undici";
  function build(options?: buildConnector.BuildOptions): buildConnector.connector;
  export = build;
}
