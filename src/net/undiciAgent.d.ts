// The package's index loads four times as much as its agent needs, at every start of the program; it declares no types for
// its inner files.
declare module "undici/lib/dispatcher/agent.js" {
  import { Agent } from "undici";
  export = Agent;
}
