import { digestOf } from "#core/digest.ts";
import type { Records } from "#records/recordStore.ts";

/** A name and what asks. */
type StoreQuery = readonly [name: string, ask: (records: Records) => Promise<unknown>];

const CUTS = [
  { limit: 50, after: undefined },
  { limit: 50, after: "00050000" },
];

/** Every list as its first and a later page, with and without its filters. */
export const LIST_QUERIES: readonly StoreQuery[] = CUTS.flatMap((cut) => {
  const place = cut.after === undefined ? "first page" : "later page";
  const states = [undefined, "failed"] as const;
  return [
    [`apps, ${place}`, ({ apps }: Records) => apps.list("default", cut)] as const,
    ...states.flatMap((state) =>
      [undefined, "app-7"].map(
        (app) =>
          [
            `builds of ${app ?? "all"}, ${state ?? "all"}, ${place}`,
            ({ builds }: Records) => builds.list("default", { app, state }, cut),
          ] as const,
      ),
    ),
    ...states.map(
      (state) =>
        [
          `operations, ${state ?? "all"}, ${place}`,
          ({ operations }: Records) => operations.list("default", state, cut),
        ] as const,
    ),
    [`jobs, ${place}`, ({ jobs }: Records) => jobs.list("default", undefined, cut)] as const,
    [`dead jobs, ${place}`, ({ jobs }: Records) => jobs.list("default", "dead", cut)] as const,
    [`tokens, ${place}`, ({ tokens }: Records) => tokens.list("default", cut)] as const,
    [`packages, ${place}`, ({ packages }: Records) => packages.list("default", digestOf(""), undefined, cut)] as const,
  ];
});

/** What else looks into tables that grow. */
export const OTHER_QUERIES: readonly StoreQuery[] = [
  ["builds of a digest", ({ builds }) => builds.listByDigest("default", digestOf(""), 50)],
  ["states", ({ apps }) => apps.countStates("default")],
  ["audit log of a tenant", ({ audit }) => audit.list("default", 7, 50)],
  ["audit log of all", ({ audit }) => audit.list(undefined, 7, 50)],
  ...[{ actor: "token:ci" }, { action: "issue.done" }, { object: "apps/app-1/builds/build-1" }, {}].map(
    (only) =>
      [
        `audit log, newest first, of ${JSON.stringify(only)}`,
        ({ audit }: Records) =>
          audit.search(
            "default",
            { order: "newest", after: 700, actor: undefined, action: undefined, object: undefined, ...only },
            50,
          ),
      ] as const,
  ),
  ["live events", ({ events }) => events.list("default", 7, 50)],
  ["the last event", ({ events }) => events.last()],
  ["events to forget", ({ events }) => events.prune(7)],
  ["the due job", ({ jobs }) => jobs.findDue(7)],
  ["the next due job", ({ jobs }) => jobs.nextDue()],
  ["jobs to wake", ({ jobs }) => jobs.wake(7)],
  ["papers", ({ papers }) => papers.list("default", digestOf(""))],
  ["an image", ({ images }) => images.find("default", digestOf(""))],
  ["a token", ({ tokens }) => tokens.findByHash("x")],
  ["replies to forget", ({ replies }) => replies.prune(7)],
];
