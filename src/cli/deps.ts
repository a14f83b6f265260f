import type { BlobFiles } from "#app/blobFiles.ts";
import type { DiagnosisDeps } from "#app/diagnose.ts";
import type { ContentList } from "#app/listContent.ts";
import type { ResolvedImage } from "#app/resolveImage.ts";
import type { ServiceDeps } from "#app/serviceDeps.ts";
import type { LoginKeeper } from "#app/logIn.ts";
import type { IndexDescription } from "#app/describeIndex.ts";
import type { QuickstartEvent } from "#app/quickstart.ts";
import type { KeyPairDeps, UnsavedKey } from "#app/keyPairs.ts";
import type { StorePlace } from "#cli/dataFlag.ts";
import type { ConnectionValues, RegistryValues } from "#cli/registryFlags.ts";
import type { AskedManner } from "#cli/scanFlags.ts";
import type { CycloneDxVersion } from "#cli/sbomFlags.ts";
import type { BaseImage } from "#sbom/findBase.ts";
import type { Repositories } from "#core/content.ts";
import type { Ctx, LogLevel } from "#core/ctx.ts";
import type { Digest } from "#core/digest.ts";
import type { WaybillError } from "#core/errors.ts";
import type { LockedSigner } from "#core/signer.ts";
import type { IssueMode } from "#records/operation.ts";
import type { TrustChoice } from "#app/trustChoice.ts";
import type { TrustMaterial } from "#trust/verifiedClaim.ts";

/** What this program is. */
export interface ProgramFacts {
  readonly version: string;
  /** Version of the Node that runs it. */
  readonly node: string;
  /** Operating system and processor, such as `linux-x64`. */
  readonly platform: string;
}

/** How the embedded registry is to run. */
export interface RegistrySettings {
  readonly dir: string;
  readonly listen: Listen;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly allowPlainHttp: boolean;
  /** A file of users with bcrypt hashes; undefined: everybody may do everything. */
  readonly htpasswd: string | undefined;
  readonly readOnly: boolean;
  /** Bytes of all content together; undefined: no limit. */
  readonly maxSize: number | undefined;
  /** Undefined: no metrics. */
  readonly metricsListen: Listen | undefined;
}

/** What of a registry's directory is to be removed. */
export interface GarbageSettings {
  readonly dir: string;
  readonly dryRun: boolean;
  readonly deleteUntagged: boolean;
  /** What is younger stays. */
  readonly graceMs: number;
}

/** What went from one repository, or why nothing did. */
export interface CollectedRepository {
  readonly name: string;
  readonly manifests: number;
  readonly blobs: number;
  readonly bytes: number;
  readonly failure?: WaybillError;
}

export interface RunningRegistry {
  /** `http://HOST:PORT`, or https. */
  readonly url: string;
  readonly metricsUrl: string | undefined;
  /** Ends what is under way within seconds. */
  readonly close: () => Promise<void>;
}

/** How a local Sigstore is to run. */
export interface DevSigstoreSettings {
  readonly listen: Listen;
  /** Gets the files for clients; undefined: a temporary directory. */
  readonly dir: string | undefined;
}

export interface RunningDevSigstore {
  /** `http://HOST:PORT` */
  readonly url: string;
  readonly urls: {
    readonly oidcIssuer: string;
    readonly fulcio: string;
    readonly rekor: string;
    readonly rekorTiles: string;
    readonly timestamp: string;
    readonly tuf: string;
  };
  /** Where the files for clients are: an absolute path. */
  readonly dir: string;
  /** Ends requests under way within a second; a temporary directory goes. */
  readonly close: () => Promise<void>;
}

/** The tour's own registry, keys and folder. */
export interface QuickstartTour {
  readonly url: string;
  readonly dir: string;
  /** How the program is called in commands to copy. */
  readonly program: string;
  /** What this machine lacks. */
  readonly notes: readonly string[];
  /** Of the control plane, `http://HOST:PORT`. */
  readonly api: string;
  /** An operator's of that control plane, which ends with the tour. */
  readonly token: string;
  /** Whether a browser finds the dashboard there: a checkout has none before its first build. */
  readonly dashboard: boolean;
  /** Resolves to the signed image's `name@digest`. */
  readonly run: (ctx: Ctx, tell: (event: QuickstartEvent) => Promise<void>) => Promise<string>;
  readonly close: () => Promise<void>;
}

/** How the control plane is to run. */
export interface ControlPlaneSettings extends RegistryValues, StorePlace {
  readonly listen: Listen;
  /** Undefined: no metrics. */
  readonly metricsListen: Listen | undefined;
  readonly allowPlainHttp: boolean;
  /** Undefined: papers wait until a service with a key is started. */
  readonly key: string | undefined;
  readonly passwordFile: string | undefined;
  /** `HOST/PATH` or `TENANT=HOST/PATH`, with wildcards; none: nothing is issued. */
  readonly repositories: readonly string[];
  readonly builderId: string;
  readonly tokenFile: string | undefined;
  readonly rateLimit: "on" | "off";
  /** Addresses and CIDR ranges of proxies whose X-Forwarded-For is believed. */
  readonly trustedProxies: readonly string[];
  /** Images under way at once. */
  readonly workers: number;
  /** Layers inflated at once, of all images. */
  readonly jobs: number;
  readonly settleMs: number;
  /** How long the end is told on /readyz before nothing new is taken. */
  readonly drainMs: number;
  /** Of requests to issue that name none. */
  readonly mode: IssueMode;
  /** False: WAYBILL_ISSUE switches it off. */
  readonly issue: boolean;
  readonly oidcIssuer: string | undefined;
  readonly oidcAudience: string | undefined;
  /** The least that its own log tells. */
  readonly logFrom: LogLevel;
}

/** The memory of a control plane, opened beside it. */
export interface ControlPlaneStore extends ServiceDeps {
  readonly newSecret: () => string;
  /** Everything that is not as it should be; none: all is well. */
  readonly check: (ctx: Ctx) => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
}

/** An address to listen on; port 0 takes a free one. */
export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface RunningControlPlane {
  /** `http://HOST:PORT`. */
  readonly url: string;
  readonly metricsUrl: string | undefined;
  /** The operator's token of the very first start, if it is to be shown. */
  readonly token: string | undefined;
  /** Ends requests and jobs under way within seconds; what is cut off goes on at the next start. */
  readonly close: () => Promise<void>;
}

/** What makes and imports key pairs. */
export interface KeyPairAccess extends KeyPairDeps {
  readonly generate: (ctx: Ctx) => Promise<UnsavedKey>;
  readonly read: (ctx: Ctx, key: string) => Promise<UnsavedKey>;
}

/** From which TUF repository trust material is to come from now on. */
export interface TufSettings {
  /** An address, or a directory. */
  readonly mirror: string;
  /** A file or an address; undefined: what is embedded. */
  readonly root: string | undefined;
  /** What it must be. */
  readonly rootChecksum: Digest | undefined;
}

/** What is trusted from now on. */
export interface InitializedTrust {
  readonly mirror: string;
  /** Where that is written down. */
  readonly directory: string;
  readonly rootVersion: number;
  readonly rootExpires: Date;
  readonly timestampExpires: Date;
}

/** Repositories of one command. */
export interface OpenRepositories extends Repositories {
  /** Archives are written at the end, all changes at once, or left as they were. */
  readonly finish: (ctx: Ctx, outcome: "save" | "discard") => Promise<void>;
}

/** Lists what is in platform images. Dispose of it, or its threads keep the process open. */
export interface ContentLister extends AsyncDisposable {
  /** `base`: what the image is known to be built on; undefined: what it says itself. */
  readonly list: (ctx: Ctx, image: ResolvedImage, format: CycloneDxVersion, base?: BaseImage) => Promise<ContentList>;
  /** The document of an index, out of those of its children. */
  readonly describe: (
    ctx: Ctx,
    index: ResolvedImage,
    made: ReadonlyMap<Digest, Uint8Array>,
    format: CycloneDxVersion,
  ) => Promise<IndexDescription>;
}

/**
 * Everything from outside that commands use. `main/compose.ts` builds it; what is costly to load or to open is a function
 * that does it when called.
 */
export interface Deps {
  readonly program: ProgramFacts;
  /** `references` are those that the user named: credentials of flags are for their registry alone. */
  readonly openRepositories: (settings: RegistryValues, references: readonly string[]) => Promise<OpenRepositories>;
  /** Says in a layout directory which image `cosign load` is to take. */
  readonly markLayout: (ctx: Ctx, path: string, image: Digest) => Promise<void>;
  /** Asks on the terminal, without echo; undefined where there is none, or nothing was typed. */
  readonly askSecret: (ctx: Ctx, prompt: string) => Promise<string | undefined>;
  /** What `doctor` looks at; dispose of it. `references` as for `openRepositories`. */
  readonly openDiagnosis: (
    ctx: Ctx,
    settings: RegistryValues,
    references: readonly string[],
    passwordFile: string | undefined,
  ) => Promise<DiagnosisDeps & AsyncDisposable>;
  readonly openLogins: (settings: ConnectionValues) => Promise<LoginKeeper>;
  /** A private key and its password, asked for where nothing gives it. */
  readonly readKey: (ctx: Ctx, key: string, passwordFile: string | undefined) => Promise<LockedSigner>;
  readonly openKeyPairs: (passwordFile: string | undefined) => Promise<KeyPairAccess>;
  /** Chooses the TUF mirror of all later runs, once it is verified. */
  readonly initializeTuf: (ctx: Ctx, settings: TufSettings) => Promise<InitializedTrust>;
  /** Public keys by reference; each goes by that reference in results. */
  readonly openTrust: (ctx: Ctx, keys: readonly string[]) => Promise<TrustMaterial>;
  /** Keys, identities, trusted roots and trust sets; a root is fetched only where one is needed and none is given. */
  readonly openTrustMaterial: (ctx: Ctx, choice: TrustChoice) => Promise<TrustMaterial>;
  /** A file that the chosen TUF mirror publishes, and what messages call it. */
  readonly readMirrorTarget: (
    ctx: Ctx,
    target: string,
  ) => Promise<{ readonly bytes: Uint8Array; readonly name: string }>;
  /** A file the user named, `-` for stdin; capped. */
  readonly readInput: (ctx: Ctx, path: string, readStdin: () => AsyncIterable<Uint8Array>) => Promise<Uint8Array>;
  /** A small regular file, as text; undefined where there is none. */
  readonly readFileIfThere: (ctx: Ctx, path: string) => Promise<string | undefined>;
  /** Files of a directory by the ends of their names, and links in it that are not followed; undefined for anything else. */
  readonly listFiles: (
    ctx: Ctx,
    path: string,
    endings: readonly string[],
  ) => Promise<{ readonly files: readonly string[]; readonly links: readonly string[] } | undefined>;
  /** Files to sign or to verify, and their papers; `-` is stdin. */
  readonly openBlobFiles: (readStdin: () => AsyncIterable<Uint8Array>) => Promise<BlobFiles>;
  /** Whole or not at all. */
  readonly writeOutput: (ctx: Ctx, path: string, bytes: Uint8Array) => Promise<void>;
  /** A folder that is not there yet, or empty; whole or not at all. */
  readonly writeFolder: (
    ctx: Ctx,
    path: string,
    files: readonly { readonly name: string; readonly bytes: Uint8Array }[],
  ) => Promise<void>;
  /** The public instance's trusted_root.json as it was when this program was built. */
  readonly readBuiltInRoot: () => Promise<{ readonly bytes: Uint8Array; readonly taken: Date }>;
  /** `jobs` layers are inflated at once; what it needs starts in the background, so open it before what it waits for. */
  readonly openContentLister: (manner: AskedManner) => ContentLister;
  readonly startRegistry: (ctx: Ctx, settings: RegistrySettings) => Promise<RunningRegistry>;
  /** What it did in each repository of a registry's directory, one after another. */
  readonly collectGarbage: (ctx: Ctx, settings: GarbageSettings) => Promise<AsyncIterable<CollectedRepository>>;
  /** What a control plane keeps, which may be running. NOT_FOUND where it is not there, unless it is to be made. */
  readonly openControlPlaneStore: (ctx: Ctx, place: StorePlace, absent?: "create") => Promise<ControlPlaneStore>;
  readonly startControlPlane: (ctx: Ctx, settings: ControlPlaneSettings) => Promise<RunningControlPlane>;
  readonly startDevSigstore: (ctx: Ctx, settings: DevSigstoreSettings) => Promise<RunningDevSigstore>;
  /** `from` is an image of the user's to take along. */
  readonly startQuickstart: (ctx: Ctx, settings: RegistryValues, from: string | undefined) => Promise<QuickstartTour>;
}
