import type { BuildState } from "#records/build.ts";
import type { Job } from "#records/job.ts";
import type { LiveEvent } from "#records/liveEvent.ts";
import type { IssueMode, OperationState } from "#records/operation.ts";
import type { IssuedPaper } from "#records/paper.ts";
import type { ServiceKey } from "#records/serviceKey.ts";
import type { Role } from "#records/token.ts";

/** The database as queries see it: times in milliseconds, flags as 0 and 1, maps as JSON, null where a record says undefined. */
export interface Tables {
  readonly apps: AppRow;
  readonly builds: BuildRow;
  readonly state_counts: { readonly tenant: string; readonly state: BuildState; readonly builds: number };
  readonly operations: OperationRow;
  readonly jobs: JobRow;
  readonly images: ImageColumns;
  readonly papers: PaperRow;
  readonly package_lists: PackageListColumns;
  readonly package_rows: PackageColumns;
  readonly documents: { readonly digest: string; readonly media_type: string; readonly bytes: Uint8Array };
  readonly tokens: TokenRow;
  readonly service_keys: KeyRow;
  readonly audit: AuditRow;
  readonly events: EventRow;
  readonly counters: { readonly name: string; readonly value: number };
  readonly replies: ReplyRow;
  readonly gate_passes: GatePassRow;
  readonly migrations: { readonly id: string; readonly checksum: string; readonly applied_at: number };
}

export interface AppRow {
  readonly tenant: string;
  readonly name: string;
  readonly row_id: string;
  readonly public_badge: number;
  readonly created_at: number;
  readonly builds: number;
  readonly latest_row: string | null;
  readonly latest_id: string | null;
  readonly latest_state: BuildState | null;
  readonly latest_updated_at: number | null;
}

export interface BuildRow {
  readonly tenant: string;
  readonly app: string;
  readonly id: string;
  readonly row_id: string;
  readonly source: string | null;
  readonly commit_sha: string | null;
  readonly builder: string | null;
  readonly parameters: string;
  readonly repository: string | null;
  readonly digest: string | null;
  readonly state: BuildState;
  readonly reason_code: string | null;
  readonly reason_message: string | null;
  readonly operation: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface OperationRow {
  readonly tenant: string;
  readonly id: string;
  readonly app: string;
  readonly build: string;
  readonly repository: string;
  readonly digest: string;
  readonly mode: IssueMode;
  readonly state: OperationState;
  readonly attempts: number;
  readonly reason_code: string | null;
  readonly reason_message: string | null;
  readonly created_at: number;
  readonly updated_at: number;
}

export interface JobRow {
  readonly id: string;
  readonly tenant: string;
  readonly kind: Job["kind"];
  readonly object: string;
  readonly state: Job["state"];
  readonly attempts: number;
  readonly run_at: number;
  readonly owner: string | null;
  readonly lease_until: number | null;
  readonly reason: string | null;
  readonly created_at: number;
  /** When somebody may take it: `run_at` of a queued one, `lease_until` of a leased one, null for the others. */
  readonly due_at: number | null;
}

interface ImageColumns {
  readonly tenant: string;
  readonly digest: string;
  readonly media_type: string;
  readonly platform: string | null;
  /** JSON. */
  readonly layers: string;
  /** JSON. */
  readonly images: string;
}

export interface PaperRow {
  readonly tenant: string;
  readonly subject: string;
  readonly repository: string;
  readonly kind: IssuedPaper["kind"];
  readonly predicate_type: string;
  readonly payload: string;
  readonly signer_key: string;
  readonly annotations: string;
  readonly predicate: string | null;
  readonly envelope: string | null;
  readonly signature: string | null;
  readonly bundle: string | null;
  readonly verified_at: number;
}

interface PackageListColumns {
  readonly id: string;
  readonly tenant: string;
  readonly subject: string;
  readonly total: number;
  readonly listed: number;
  /** Since when nobody sees it; null for the one that is shown. */
  readonly hidden_at: number | null;
}

interface PackageColumns {
  readonly list: string;
  readonly ordinal: number;
  readonly name: string;
  readonly version: string;
  readonly type: string;
  readonly purl: string;
  readonly licenses: string;
  /** Name and purl in lower case: what a search looks into. */
  readonly search: string;
}

export interface TokenRow {
  readonly id: string;
  readonly tenant: string;
  readonly name: string;
  readonly role: Role;
  readonly hash: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly revoked_at: number | null;
}

export interface KeyRow {
  readonly id: string;
  readonly pem: string;
  readonly algorithm: ServiceKey["algorithm"];
  readonly state: ServiceKey["state"];
  readonly first_seen_at: number;
  readonly retired_at: number | null;
}

export interface AuditRow {
  readonly seq: number;
  readonly tenant: string;
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly object: string;
  readonly request_id: string | null;
  readonly detail: string;
  readonly prev_hash: string;
  readonly hash: string;
}

export interface EventRow {
  readonly seq: number;
  readonly tenant: string;
  readonly at: number;
  readonly kind: LiveEvent["kind"];
  readonly app: string | null;
  readonly build: string | null;
  readonly operation: string | null;
  readonly state: string;
}

export interface GatePassRow {
  readonly tenant: string;
  readonly app: string;
  readonly build: string;
  readonly operation: string | null;
  readonly code: string;
  readonly at: number;
}

export interface ReplyRow {
  readonly tenant: string;
  readonly reply_key: string;
  readonly request: string;
  readonly status: number | null;
  readonly location: string | null;
  readonly body: string | null;
  readonly created_at: number;
}
