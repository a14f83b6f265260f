import { CLOUDS } from "./quirk/clouds.ts";
import { CODE_HOSTS } from "./quirk/codeHosts.ts";
import { DOCKER_HUB } from "./quirk/dockerHub.ts";
import { INSTALLED } from "./quirk/installed.ts";
import type { Quirk } from "./quirk/quirk.ts";

/** Registries with habits of their own, as they were recorded; in the order of the documentation. */
export const QUIRKS: readonly Quirk[] = [...DOCKER_HUB, ...CODE_HOSTS, ...CLOUDS, ...INSTALLED];
