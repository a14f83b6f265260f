import type { RunningDevSigstore } from "#cli/deps.ts";
import type { Paint } from "#cli/paint.ts";

/** Where it is, and commands that work as they stand but for the names in capitals. */
export const devSigstoreLines = (sigstore: RunningDevSigstore, paint: Paint): readonly string[] => {
  const { url, dir } = sigstore;
  const sections = commandsOf(sigstore).map(([meaning, ...lines]) => ["", paint("dim", `# ${meaning}`), ...lines]);
  return [`listening on ${url}`, `files in ${dir}`, ...sections.flat()];
};

type Commands = readonly (readonly [meaning: string, ...lines: string[]])[];

const EMAIL = "you@example.com";

const commandsOf = ({ urls, dir }: RunningDevSigstore): Commands => {
  const file = (name: string): string => quote(`${dir}/${name}`);
  const identity = `--certificate-identity ${EMAIL} --certificate-oidc-issuer ${urls.oidcIssuer}`;
  const token = `--identity-token ${file("token")}`;
  const trust = `--trusted-root ${file("trusted_root.json")}`;
  const legacy = "--new-bundle-format=false";
  const services = `--fulcio-url ${urls.fulcio} --rekor-url ${urls.rekor} --oidc-issuer ${urls.oidcIssuer}`;
  return [
    [
      "an identity token for five minutes: of a person, of a run of GitHub Actions, of a workload",
      `curl -sSf '${urls.oidcIssuer}/token?email=${EMAIL}' -o ${file("token")}`,
      `curl -sSf '${urls.oidcIssuer}/token?repository=OWNER/NAME' -o ${file("token")}`,
      `curl -sSf '${urls.oidcIssuer}/token?subject=spiffe://example.com/builder' -o ${file("token")}`,
    ],
    [
      "cosign 3: sign with Rekor v2 and a timestamp (signing_config_rekor_v1.json: with Rekor v1), then verify",
      `cosign sign -y --signing-config ${file("signing_config.json")} ${trust} ${token} IMAGE`,
      `cosign verify ${trust} ${identity} IMAGE`,
    ],
    ["waybill checks the same", `waybill verify ${trust} ${identity} IMAGE`],
    [
      "or once for all, through TUF, which replaces what cosign trusted before; then no file is needed",
      `cosign initialize --mirror ${urls.tuf} --root ${file("root.json")}`,
      `cosign sign -y ${token} IMAGE`,
      `cosign verify ${identity} IMAGE`,
    ],
    [
      "signatures as cosign stored them before bundles; after that cosign initialize",
      `cosign sign -y ${legacy} --use-signing-config=false ${services} ${token} IMAGE`,
      `cosign verify ${legacy} ${identity} IMAGE`,
    ],
  ];
};

/** A word for a POSIX shell. */
const quote = (word: string): string => (/^[\w./:@%+=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);
