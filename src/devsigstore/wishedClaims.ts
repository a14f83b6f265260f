import { WaybillError } from "#core/errors.ts";

/** Whom a token is to speak of: one of the three shapes, and any claim besides. */
export interface IdentityWish {
  /** A person. */
  readonly email?: string;
  /** A URI or a name of a workload. */
  readonly subject?: string;
  /** `OWNER/NAME`: a workflow run of GitHub Actions in this repository. */
  readonly repository?: string;
  /** Claims by name, which win over what the shape has. */
  readonly claims?: Readonly<Record<string, string | boolean>>;
}

type Claims = Readonly<Record<string, string | boolean>>;

/** The claims of that identity besides issuer, audience and times. INPUT_INVALID unless exactly one shape is asked for. */
export const wishedClaims = ({ email, subject, repository, claims = {} }: IdentityWish): Claims => {
  const shapes = [email, subject, repository].filter((one) => one !== undefined);
  if (shapes.length !== 1) throw bad("ask for exactly one of email, subject and repository");
  if (email !== undefined) return { sub: email, email, email_verified: true, ...claims };
  return repository === undefined ? { sub: subject ?? "", ...claims } : workflowClaims(repository, claims);
};

// The claims of GitHub's tokens: docs.github.com, "OpenID Connect reference".
const workflowClaims = (repository: string, claims: Claims): Claims => {
  const [owner = "", name = "", ...more] = repository.split("/");
  if (owner === "" || name === "" || more.length > 0) throw bad(`repository is not OWNER/NAME: ${repository}`);
  const text = (claim: string, fallback: string): string => String(claims[claim] ?? fallback);
  const ref = text("ref", "refs/heads/main");
  const sha = text("sha", "0123456789abcdef0123456789abcdef01234567");
  const path = `${repository}/.github/workflows/release.yml@${ref}`;
  return {
    sub: `repo:${repository}:ref:${ref}`,
    repository,
    repository_id: "1001",
    repository_owner: owner,
    repository_owner_id: "1000",
    repository_visibility: "public",
    ref,
    ref_type: ref.startsWith("refs/tags/") ? "tag" : "branch",
    sha,
    event_name: "push",
    actor: owner,
    actor_id: "1000",
    workflow: "release",
    workflow_ref: path,
    workflow_sha: sha,
    job_workflow_ref: text("workflow_ref", path),
    job_workflow_sha: text("workflow_sha", sha),
    runner_environment: "github-hosted",
    run_id: "1",
    run_number: "1",
    run_attempt: "1",
    ...claims,
  };
};

const bad = (why: string): WaybillError => new WaybillError("INPUT_INVALID", why);
