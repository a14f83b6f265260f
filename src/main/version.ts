import manifest from "../../package.json" with { type: "json" };

/** Version of this program; the build writes it into the bundle. */
export const VERSION: string = manifest.version;
