import * as builds from "#api/contract/buildRoutes.ts";
import * as papers from "#api/contract/paperRoutes.ts";
import type { Route } from "#api/contract/route.ts";
import * as service from "#api/contract/serviceRoutes.ts";

/** Every route of the API, in the order of its description. */
export const ROUTES: readonly Route[] = [
  service.getCosignPub,
  service.listApps,
  service.patchApp,
  builds.listBuilds,
  builds.postBuild,
  builds.getBuild,
  builds.postIssue,
  builds.getGate,
  papers.getSbom,
  papers.getSignature,
  papers.getProvenance,
  papers.listAttestations,
  papers.listVerifications,
  papers.getBadgeSvg,
  papers.getBadgeJson,
  builds.listOperations,
  builds.getOperation,
  builds.postCancel,
  papers.getImage,
  papers.listPackages,
  papers.getDocument,
  service.listJobs,
  service.listKeys,
  service.listAudit,
  service.getEvents,
  service.listTokens,
  service.postToken,
  service.deleteToken,
  service.getOverview,
  service.getOpenApiJson,
  service.getOpenApiYaml,
];
