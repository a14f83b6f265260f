/** What a variable is about; the help of a command lists those of its topics. */
export type VariableTopic =
  | "program"
  | "password"
  | "papers"
  | "registry"
  | "cloud"
  | "issue"
  | "sbom"
  | "data"
  | "trust";

/** A variable of the environment that has a meaning of its own, besides those that stand for flags. */
export interface KnownVariable {
  readonly name: string;
  /** Continues the name: `NAME is ...`. */
  readonly meaning: string;
  readonly expects: string;
  readonly topic: VariableTopic;
  /** Its value is a secret. */
  readonly secret?: boolean;
}

const about =
  (topic: VariableTopic) =>
  (name: string, meaning: string, expects: string): KnownVariable => ({ name, meaning, expects, topic });

const secret = (one: KnownVariable): KnownVariable => ({ ...one, secret: true });

const [program, password, papers, registry] = [about("program"), about("password"), about("papers"), about("registry")];
const [cloud, issue, sbom, data] = [about("cloud"), about("issue"), about("sbom"), about("data")];
const trust = about("trust");

/**
 * Every variable that is read and stands for no flag, and for none of a build system (app/buildSystems.ts); sorted by topic. A
 * test looks through the sources for what is missing here.
 */
export const KNOWN_VARIABLES: readonly KnownVariable[] = [
  secret(password("WAYBILL_PASSWORD", "the password of the private key; goes before COSIGN_PASSWORD", "a password")),
  secret(password("COSIGN_PASSWORD", "the password of the private key", "a password, which may be empty")),

  papers("COSIGN_REPOSITORY", "where papers are kept and looked for instead of beside the image", "HOST/PATH"),
  papers("COSIGN_DOCKER_MEDIA_TYPES", "whether cosign's tags are written with docker's media types", "1 or 0"),

  registry("DOCKER_CONFIG", "the directory of docker's config.json with credentials", "a directory (~/.docker)"),
  registry("REGISTRY_AUTH_FILE", "a file with credentials as podman keeps them, asked first", "a file"),
  program("XDG_RUNTIME_DIR", "below which podman keeps containers/auth.json until a reboot", "a directory"),
  program("XDG_CONFIG_HOME", "below which podman keeps containers/auth.json", "a directory (~/.config)"),
  registry("HTTPS_PROXY", "the proxy for https", "http://HOST:PORT or https://HOST:PORT"),
  registry("HTTP_PROXY", "the proxy for http", "http://HOST:PORT or https://HOST:PORT"),
  registry("NO_PROXY", "hosts that are reached without a proxy", "names, addresses and ranges, with commas"),
  program("https_proxy", "read where HTTPS_PROXY is not set", "as HTTPS_PROXY"),
  program("http_proxy", "read where HTTP_PROXY is not set", "as HTTP_PROXY"),
  program("no_proxy", "read where NO_PROXY is not set", "as NO_PROXY"),
  program("REQUEST_METHOD", "set within a CGI program, where HTTP_PROXY is not believed", "anything"),

  cloud("AWS_ACCESS_KEY_ID", "the access key for ECR", "a key's id"),
  secret(cloud("AWS_SECRET_ACCESS_KEY", "the secret of that access key", "a secret")),
  secret(cloud("AWS_SESSION_TOKEN", "the session token of that access key", "a token")),
  cloud("AWS_ROLE_ARN", "the role that a web identity takes on", "an ARN"),
  cloud("AWS_ROLE_SESSION_NAME", "how that session is called", "a name (waybill)"),
  cloud("AWS_WEB_IDENTITY_TOKEN_FILE", "the file with the web identity's token", "a file"),
  cloud("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "where ECS gives a task its keys", "a path"),
  cloud("AWS_CONTAINER_CREDENTIALS_FULL_URI", "where the container's agent gives keys", "a URL"),
  secret(cloud("AWS_CONTAINER_AUTHORIZATION_TOKEN", "what that agent wants to see", "a token")),
  cloud("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "the file with what that agent wants to see", "a file"),
  cloud("AWS_EC2_METADATA_DISABLED", "whether the machine's metadata is left alone", "true or false"),
  cloud("AWS_EC2_METADATA_SERVICE_ENDPOINT", "where the machine's metadata is", "a URL"),
  cloud("AWS_ENDPOINT_URL", "where all services of AWS are", "a URL"),
  cloud("AWS_ENDPOINT_URL_ECR", "where ECR is", "a URL"),
  cloud("AWS_ENDPOINT_URL_ECR_PUBLIC", "where the public ECR is", "a URL"),
  cloud("AWS_ENDPOINT_URL_STS", "where AWS exchanges identities", "a URL"),
  cloud("AZURE_AUTHORITY_HOST", "who issues tokens of Azure", "a URL"),
  cloud("AZURE_CLIENT_ID", "the identity for ACR", "an id"),
  cloud("AZURE_FEDERATED_TOKEN_FILE", "the file with the workload identity's token", "a file"),
  cloud("AZURE_POD_IDENTITY_AUTHORITY_HOST", "where a managed identity gets its tokens", "a URL"),
  cloud("AZURE_TENANT_ID", "the tenant of that identity", "an id"),
  cloud("GCE_METADATA_HOST", "where the machine's metadata is", "HOST or HOST:PORT"),
  cloud("GOOGLE_APPLICATION_CREDENTIALS", "the file with Google's credentials", "a file"),

  issue("WAYBILL_ISSUE", "whether papers are issued at all", "false switches it off"),
  sbom("SOURCE_DATE_EPOCH", "the time that a new SBOM holds instead of the image's", "seconds since 1970"),
  data("XDG_DATA_HOME", "below which the service keeps everything", "a directory (~/.local/share)"),

  trust("TUF_MIRROR", "the TUF mirror that tells whom to trust", "https://HOST/PATH or a directory"),
  trust("TUF_ROOT_JSON", "the TUF root that the mirror is believed for", "a file"),
  trust("TUF_ROOT", "where TUF metadata is kept, and which mirror was chosen", "a directory (~/.cache/waybill/tuf)"),

  program("HOME", "the home directory", "a directory"),
  program("PATH", "where credential helpers are looked for", "directories"),
  program("NO_COLOR", "whether colours are left out", "anything"),
  program("TERM", "the terminal; dumb shows no colours", "a name"),
  program("WAYBILL_NODE", "the Node to run with where the one on the PATH is too old", "a program"),
  program("WAYBILL_FROM", "which program a checkout runs", "dist: the built one"),
  program("XDG_CACHE_HOME", "below which compiled code is kept", "a directory (~/.cache)"),
  program("NODE_COMPILE_CACHE", "another place for compiled code", "a directory"),
  program("NODE_EXTRA_CA_CERTS", "certificate authorities that Node trusts besides its own", "a PEM file"),
];
