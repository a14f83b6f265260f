import type { Tenant } from "#records/build.ts";

/** What pages show at once: something changed its state. */
export interface LiveEventContent {
  readonly at: number;
  readonly tenant: Tenant;
  readonly kind: "build" | "operation" | "app" | "key" | "gate";
  readonly app: string | undefined;
  readonly build: string | undefined;
  readonly operation: string | undefined;
  readonly state: string;
}

export interface LiveEvent extends LiveEventContent {
  /** Grows with each event; an event stream goes on after the last one seen. */
  readonly seq: number;
}
