import type { Cloud, CloudDeps } from "#registry/credential/cloud/cloud.ts";
import { tokenOfGoogleFile } from "#registry/credential/cloud/googleFile.ts";
import { tokenOfGoogleMachine } from "#registry/credential/cloud/googleToken.ts";

// Artifact Registry's `LOCATION-docker.pkg.dev`, and the names of Container Registry that it answers to.
const HOST = /^(?:[a-z0-9]+(?:-[a-z0-9]+)*-docker\.pkg\.dev|(?:[a-z0-9-]+\.)?gcr\.io)$/;

/** Google Artifact Registry: an access token as the password of the user `oauth2accesstoken`. */
export const artifactRegistry = (deps: CloudDeps): Cloud => ({
  owns: (registry) => HOST.test(registry),
  find: async (ctx) => {
    const path = deps.env["GOOGLE_APPLICATION_CREDENTIALS"];
    const found = path ? await tokenOfGoogleFile(deps, ctx, path) : await tokenOfGoogleMachine(deps, ctx);
    if (found === undefined) return undefined;
    const { token, usableUntil, of } = found;
    return { credential: { kind: "password", username: "oauth2accesstoken", password: token }, usableUntil, from: of };
  },
});
