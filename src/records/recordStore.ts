import type { Ctx } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import type { App, AppSummary } from "#records/app.ts";
import type { AuditEntry, AuditEvent } from "#records/auditEntry.ts";
import type { Build, BuildState, Tenant } from "#records/build.ts";
import type { GatePass } from "#records/gatePass.ts";
import type { ImageShape } from "#records/imageShape.ts";
import type { Job } from "#records/job.ts";
import type { KeptReply } from "#records/keptReply.ts";
import type { LiveEvent, LiveEventContent } from "#records/liveEvent.ts";
import type { Operation, OperationState } from "#records/operation.ts";
import type { PackageListHead, PackageRow } from "#records/packageList.ts";
import type { Document, IssuedPaper } from "#records/paper.ts";
import type { ServiceKey } from "#records/serviceKey.ts";
import type { Token } from "#records/token.ts";

/**
 * The service's memory. `read` sees one moment; `write` happens whole or not at all, one after another, and may run its work
 * again where another writer came first, so that the work must do nothing else. Errors: STORE_FAILED.
 */
export interface RecordStore {
  readonly read: <T>(ctx: Ctx, work: (records: Records) => Promise<T>) => Promise<T>;
  readonly write: <T>(ctx: Ctx, work: (records: Records) => Promise<T>) => Promise<T>;
}

/** Everything that is kept; valid only within the work it was given to. */
export interface Records {
  readonly apps: AppRecords;
  readonly builds: BuildRecords;
  readonly operations: OperationRecords;
  readonly jobs: JobRecords;
  readonly images: ImageRecords;
  readonly papers: PaperRecords;
  readonly packages: PackageRecords;
  readonly documents: DocumentRecords;
  readonly tokens: TokenRecords;
  readonly keys: KeyRecords;
  readonly audit: AuditRecords;
  readonly events: EventRecords;
  readonly replies: ReplyRecords;
  readonly gatePasses: GatePassRecords;
}

/** A piece of a list: at most `limit` items after the row `after`, undefined for the first. */
export interface Cut {
  readonly limit: number;
  readonly after: string | undefined;
}

export interface AppRecords {
  /** Keeps the first; true where it was new. */
  readonly insert: (app: App) => Promise<boolean>;
  readonly find: (tenant: Tenant, name: string) => Promise<App | undefined>;
  /** By name. */
  readonly list: (tenant: Tenant, cut: Cut) => Promise<readonly AppSummary[]>;
  readonly setPublicBadge: (tenant: Tenant, name: string, publicBadge: boolean) => Promise<void>;
  /** How many builds are in which state. */
  readonly countStates: (tenant: Tenant) => Promise<Readonly<Partial<Record<BuildState, number>>>>;
}

export interface BuildRecords {
  readonly insert: (build: Build) => Promise<void>;
  readonly find: (tenant: Tenant, app: string, id: string) => Promise<Build | undefined>;
  /** Replaces everything but names, facts and times of its making. */
  readonly update: (build: Build) => Promise<void>;
  /** Newest first, by `row`; of one app or of all. */
  readonly list: (tenant: Tenant, filter: BuildFilter, cut: Cut) => Promise<readonly Build[]>;
  readonly listByDigest: (tenant: Tenant, digest: Digest, limit: number) => Promise<readonly Build[]>;
}

export interface BuildFilter {
  readonly app: string | undefined;
  readonly state: BuildState | undefined;
}

export interface OperationRecords {
  readonly insert: (operation: Operation) => Promise<void>;
  readonly find: (tenant: Tenant, id: string) => Promise<Operation | undefined>;
  readonly update: (operation: Operation) => Promise<void>;
  /** Newest first, by `id`. */
  readonly list: (tenant: Tenant, state: OperationState | undefined, cut: Cut) => Promise<readonly Operation[]>;
}

export interface JobRecords {
  readonly insert: (job: Job) => Promise<void>;
  /** The job that has waited longest of those that are due or whose lease has run out, or undefined. */
  readonly findDue: (now: number) => Promise<Job | undefined>;
  readonly find: (id: string) => Promise<Job | undefined>;
  readonly update: (job: Job) => Promise<void>;
  /** When the next one is due, milliseconds since 1970; undefined where none waits. */
  readonly nextDue: () => Promise<number | undefined>;
  /** Those that wait for a key, made due now; how many. */
  readonly wake: (now: number) => Promise<number>;
  readonly list: (tenant: Tenant, state: Job["state"] | undefined, cut: Cut) => Promise<readonly Job[]>;
  /** Of all tenants. */
  readonly tally: (now: number) => Promise<JobTally>;
}

/** How many jobs there are; of those that are due first, and of those that were given up, 10 000 each are counted. */
export interface JobTally {
  /** Queued, and due now. */
  readonly due: number;
  /** Queued for later. */
  readonly delayed: number;
  /** Queued until there is a key. */
  readonly parked: number;
  readonly leased: number;
  readonly dead: number;
}

export interface ImageRecords {
  /** Replaces what is there of the same digest. */
  readonly put: (image: ImageShape) => Promise<void>;
  readonly find: (tenant: Tenant, digest: Digest) => Promise<ImageShape | undefined>;
}

export interface PaperRecords {
  /** Replaces what is there of the same claim (tenant, subject, payload, key). */
  readonly put: (paper: IssuedPaper) => Promise<void>;
  readonly list: (tenant: Tenant, subject: Digest) => Promise<readonly IssuedPaper[]>;
}

/** Lists of packages are long: each is written in pieces while nobody sees it, and shown in place of the one before. */
export interface PackageRecords {
  /** Begins a list that nobody sees. */
  readonly begin: (list: PackageListHead, at: number) => Promise<void>;
  /** The rows from the place `from` on. */
  readonly append: (id: string, from: number, rows: readonly PackageRow[]) => Promise<void>;
  /** From now on the image's packages are these, and nobody sees those before; STORE_FAILED where the list was pruned. */
  readonly show: (list: Pick<PackageListHead, "id" | "tenant" | "subject">, at: number) => Promise<void>;
  readonly find: (tenant: Tenant, subject: Digest) => Promise<PackageListHead | undefined>;
  /** In their order; `text` is looked for in name and purl. Cut by purl. */
  readonly list: (
    tenant: Tenant,
    subject: Digest,
    text: string | undefined,
    cut: Cut,
  ) => Promise<readonly PackageRow[]>;
  /** Removes at most `limit` rows of lists that nobody sees since before `before`; false where there were none. */
  readonly prune: (before: number, limit: number) => Promise<boolean>;
}

export interface DocumentRecords {
  readonly put: (document: Document) => Promise<void>;
  readonly get: (digest: Digest) => Promise<Document | undefined>;
}

export interface TokenRecords {
  readonly insert: (token: Token) => Promise<void>;
  readonly findByHash: (hash: string) => Promise<Token | undefined>;
  readonly find: (tenant: Tenant, id: string) => Promise<Token | undefined>;
  readonly list: (tenant: Tenant, cut: Cut) => Promise<readonly Token[]>;
  readonly revoke: (tenant: Tenant, id: string, at: number) => Promise<void>;
  /** True where no token was ever made. */
  readonly isEmpty: () => Promise<boolean>;
}

export interface KeyRecords {
  /** Replaces one with the same id. */
  readonly put: (key: ServiceKey) => Promise<void>;
  readonly find: (id: string) => Promise<ServiceKey | undefined>;
  /** Those in use first, then the newest first. */
  readonly list: () => Promise<readonly ServiceKey[]>;
}

export interface AuditRecords {
  /** At the end of the one chain of all tenants. */
  readonly append: (event: AuditEvent) => Promise<AuditEntry>;
  /** The last of the chain; undefined where there is none. */
  readonly newest: () => Promise<AuditEntry | undefined>;
  /** In the order of the chain, from after `seq` on; of one tenant with what concerns all, or of all. */
  readonly list: (tenant: Tenant | undefined, after: number, limit: number) => Promise<readonly AuditEntry[]>;
  /** Those of a tenant and those that concern all that fit, in the order that is asked for. */
  readonly search: (tenant: Tenant, query: AuditQuery, limit: number) => Promise<readonly AuditEntry[]>;
}

/** What is undefined matters not; names are compared whole. */
export interface AuditQuery {
  readonly order: "oldest" | "newest";
  /** The `seq` that the page before ended with. */
  readonly after: number | undefined;
  readonly actor: string | undefined;
  readonly action: string | undefined;
  readonly object: string | undefined;
}

export interface EventRecords {
  readonly append: (event: LiveEventContent) => Promise<LiveEvent>;
  /** By `seq`, those of the tenant and those that concern all. */
  readonly list: (tenant: Tenant, after: number, limit: number) => Promise<readonly LiveEvent[]>;
  /** The highest `seq`, 0 where there is none. */
  readonly last: () => Promise<number>;
  /** Forgets those before `at`. */
  readonly prune: (at: number) => Promise<void>;
}

export interface GatePassRecords {
  /** Keeps it in place of the build's last one; true where that was of another operation or for another reason. */
  readonly put: (pass: GatePass) => Promise<boolean>;
}

export interface ReplyRecords {
  readonly find: (tenant: Tenant, key: string) => Promise<KeptReply | undefined>;
  /** Keeps it in place of one with the same tenant and key. */
  readonly put: (reply: KeptReply) => Promise<void>;
  readonly remove: (tenant: Tenant, key: string) => Promise<void>;
  readonly prune: (before: number) => Promise<void>;
}
