import type { DialectWords, Migration } from "#store/migration/migration.ts";

const builds = ({ text, integer, tableEnd }: DialectWords): readonly string[] => [
  `create table apps (
    tenant ${text} not null,
    name ${text} not null,
    row_id ${text} not null,
    public_badge ${integer} not null,
    created_at ${integer} not null,
    builds ${integer} not null,
    latest_row ${text},
    latest_id ${text},
    latest_state ${text},
    latest_updated_at ${integer},
    primary key (tenant, name)
  )${tableEnd}`,
  `create table builds (
    tenant ${text} not null,
    app ${text} not null,
    id ${text} not null,
    row_id ${text} not null,
    source ${text},
    commit_sha ${text},
    builder ${text},
    parameters ${text} not null,
    repository ${text},
    digest ${text},
    state ${text} not null,
    reason_code ${text},
    reason_message ${text},
    operation ${text},
    created_at ${integer} not null,
    updated_at ${integer} not null,
    primary key (tenant, app, id),
    foreign key (tenant, app) references apps (tenant, name)
  )${tableEnd}`,
  `create unique index builds_by_row on builds (tenant, row_id)`,
  `create index builds_by_app on builds (tenant, app, row_id)`,
  `create index builds_by_state on builds (tenant, state, row_id)`,
  `create index builds_by_app_and_state on builds (tenant, app, state, row_id)`,
  `create index builds_by_digest on builds (tenant, digest, row_id)`,
  `create table state_counts (
    tenant ${text} not null,
    state ${text} not null,
    builds ${integer} not null,
    primary key (tenant, state)
  )${tableEnd}`,
];

const work = ({ text, integer, tableEnd }: DialectWords): readonly string[] => [
  `create table operations (
    tenant ${text} not null,
    id ${text} not null,
    app ${text} not null,
    build ${text} not null,
    repository ${text} not null,
    digest ${text} not null,
    state ${text} not null,
    attempts ${integer} not null,
    reason_code ${text},
    reason_message ${text},
    created_at ${integer} not null,
    updated_at ${integer} not null,
    primary key (tenant, id),
    foreign key (tenant, app, build) references builds (tenant, app, id)
  )${tableEnd}`,
  `create index operations_by_build on operations (tenant, app, build)`,
  `create index operations_by_state on operations (tenant, state, id)`,
  `create table jobs (
    id ${text} not null primary key,
    tenant ${text} not null,
    kind ${text} not null,
    object ${text} not null,
    state ${text} not null,
    attempts ${integer} not null,
    run_at ${integer} not null,
    owner ${text},
    lease_until ${integer},
    reason ${text},
    created_at ${integer} not null,
    due_at ${integer}
  )${tableEnd}`,
  `create index jobs_by_tenant on jobs (tenant, id)`,
  `create index jobs_by_state on jobs (tenant, state, id)`,
  `create index jobs_by_object on jobs (tenant, object)`,
  `create index jobs_by_due on jobs (due_at, id) where due_at is not null`,
];

const papers = ({ text, integer, bytes, tableEnd }: DialectWords): readonly string[] => [
  `create table papers (
    tenant ${text} not null,
    subject ${text} not null,
    repository ${text} not null,
    kind ${text} not null,
    predicate_type ${text} not null,
    payload ${text} not null,
    signer_key ${text} not null,
    annotations ${text} not null,
    predicate ${text},
    envelope ${text},
    signature ${text},
    bundle ${text},
    verified_at ${integer} not null,
    primary key (tenant, subject, payload, signer_key)
  )${tableEnd}`,
  `create table packages (
    tenant ${text} not null,
    subject ${text} not null,
    ordinal ${integer} not null,
    name ${text} not null,
    version ${text} not null,
    type ${text} not null,
    purl ${text} not null,
    licenses ${text} not null,
    search ${text} not null,
    primary key (tenant, subject, ordinal)
  )${tableEnd}`,
  `create table documents (
    digest ${text} not null primary key,
    media_type ${text} not null,
    bytes ${bytes} not null
  )${tableEnd}`,
];

const ledgers = ({ text, integer, tableEnd }: DialectWords): readonly string[] => [
  `create table tokens (
    id ${text} not null primary key,
    tenant ${text} not null,
    name ${text} not null,
    role ${text} not null,
    hash ${text} not null unique,
    created_at ${integer} not null,
    expires_at ${integer},
    revoked_at ${integer}
  )${tableEnd}`,
  `create index tokens_by_tenant on tokens (tenant, id)`,
  `create table audit (
    seq ${integer} not null primary key,
    tenant ${text} not null,
    at ${integer} not null,
    actor ${text} not null,
    action ${text} not null,
    object ${text} not null,
    request_id ${text},
    detail ${text} not null,
    prev_hash ${text} not null,
    hash ${text} not null
  )${tableEnd}`,
  `create index audit_by_tenant on audit (tenant, seq)`,
  `create table events (
    seq ${integer} not null primary key,
    tenant ${text} not null,
    at ${integer} not null,
    kind ${text} not null,
    app ${text},
    build ${text},
    operation ${text},
    state ${text} not null
  )${tableEnd}`,
  `create index events_by_tenant on events (tenant, seq)`,
  `create index events_by_time on events (at)`,
  `create table counters (
    name ${text} not null primary key,
    value ${integer} not null
  )${tableEnd}`,
  `create table replies (
    tenant ${text} not null,
    reply_key ${text} not null,
    request ${text} not null,
    status ${integer},
    location ${text},
    body ${text},
    created_at ${integer} not null,
    primary key (tenant, reply_key)
  )${tableEnd}`,
  `create index replies_by_time on replies (created_at)`,
];

/** The tables of the service's first version. */
export const createRecords: Migration = {
  id: "0001_records",
  statements: (words) => [...builds(words), ...work(words), ...papers(words), ...ledgers(words)],
};
