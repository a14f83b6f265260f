/** What a build system's variables say about a build: templates over their names, e.g. `git+{SERVER}/{REPOSITORY}`. */
export interface BuildSystem {
  readonly name: string;
  /** A variable by which the system is recognised, and its value where one is demanded. */
  readonly marker: readonly [variable: string, value?: string];
  /** `https://waybill.dev/build-type/NAME/v1`: how docs/provenance.md says the parameters are to be read. */
  readonly buildType: string;
  readonly source?: string;
  readonly commitSha?: string;
  readonly buildId?: string;
  readonly builderId?: string;
  /** RFC 3339, or seconds since 1970. */
  readonly startedOn?: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const buildType = (name: string): string => `https://waybill.dev/build-type/${name}/v1`;

/**
 * The build systems that are known. A field is what its template gives, and is left out where one of its variables is not set.
 * docs/provenance.md shows this table with the pages of each system that name its variables, and is checked against it.
 */
export const BUILD_SYSTEMS: readonly BuildSystem[] = [
  {
    name: "github",
    marker: ["GITHUB_ACTIONS", "true"],
    buildType: buildType("github"),
    source: "git+{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}",
    commitSha: "{GITHUB_SHA}",
    buildId: "{GITHUB_SERVER_URL}/{GITHUB_REPOSITORY}/actions/runs/{GITHUB_RUN_ID}/attempts/{GITHUB_RUN_ATTEMPT}",
    builderId: "{GITHUB_SERVER_URL}/actions/runner/{RUNNER_ENVIRONMENT}",
    parameters: { event: "{GITHUB_EVENT_NAME}", ref: "{GITHUB_REF}", workflow: "{GITHUB_WORKFLOW_REF}" },
  },
  {
    name: "gitlab",
    marker: ["GITLAB_CI", "true"],
    buildType: buildType("gitlab"),
    source: "git+{CI_PROJECT_URL}",
    commitSha: "{CI_COMMIT_SHA}",
    buildId: "{CI_JOB_URL}",
    builderId: "{CI_PROJECT_URL}/-/runners/{CI_RUNNER_ID}",
    startedOn: "{CI_JOB_STARTED_AT}",
    parameters: {
      branch: "{CI_COMMIT_BRANCH}",
      event: "{CI_PIPELINE_SOURCE}",
      job: "{CI_JOB_NAME}",
      mergeRequest: "{CI_MERGE_REQUEST_REF_PATH}",
      tag: "{CI_COMMIT_TAG}",
    },
  },
  {
    name: "woodpecker",
    marker: ["CI", "woodpecker"],
    buildType: buildType("woodpecker"),
    source: "git+{CI_REPO_CLONE_URL}",
    commitSha: "{CI_COMMIT_SHA}",
    buildId: "{CI_PIPELINE_URL}",
    builderId: "{CI_SYSTEM_URL}",
    startedOn: "{CI_PIPELINE_STARTED}",
    parameters: { event: "{CI_PIPELINE_EVENT}", ref: "{CI_COMMIT_REF}", workflow: "{CI_WORKFLOW_NAME}" },
  },
  {
    // Tekton sets no variables by itself: docs/provenance.md shows the step that takes them from its context.
    name: "tekton",
    marker: ["TEKTON_TASKRUN_UID"],
    buildType: buildType("tekton"),
    source: "{TEKTON_GIT_URL}",
    commitSha: "{TEKTON_GIT_COMMIT}",
    buildId: "{TEKTON_TASKRUN_UID}",
    builderId: "{TEKTON_BUILDER_ID}",
    parameters: {
      namespace: "{TEKTON_NAMESPACE}",
      pipeline: "{TEKTON_PIPELINE}",
      pipelineRun: "{TEKTON_PIPELINERUN}",
      task: "{TEKTON_TASK}",
      taskRun: "{TEKTON_TASKRUN}",
    },
  },
  {
    name: "jenkins",
    marker: ["JENKINS_URL"],
    buildType: buildType("jenkins"),
    source: "{GIT_URL}",
    commitSha: "{GIT_COMMIT}",
    buildId: "{BUILD_URL}",
    builderId: "{JENKINS_URL}",
    parameters: { branch: "{GIT_BRANCH}", change: "{CHANGE_URL}", job: "{JOB_NAME}", tag: "{TAG_NAME}" },
  },
  {
    name: "buildkite",
    marker: ["BUILDKITE", "true"],
    buildType: buildType("buildkite"),
    source: "{BUILDKITE_REPO}",
    commitSha: "{BUILDKITE_COMMIT}",
    buildId: "{BUILDKITE_BUILD_URL}#{BUILDKITE_JOB_ID}",
    builderId: "https://buildkite.com/{BUILDKITE_ORGANIZATION_SLUG}",
    parameters: {
      branch: "{BUILDKITE_BRANCH}",
      event: "{BUILDKITE_SOURCE}",
      pipeline: "{BUILDKITE_PIPELINE_SLUG}",
      tag: "{BUILDKITE_TAG}",
    },
  },
];
