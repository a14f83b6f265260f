import type { JSX } from "preact";
import { useEffect } from "preact/hooks";
import { followEvents } from "./liveEvents.ts";
import { route } from "./location.ts";
import { AppPage } from "./page/appPage.tsx";
import { AppsPage } from "./page/appsPage.tsx";
import { AuditPage } from "./page/auditPage.tsx";
import { BuildPage } from "./page/buildPage.tsx";
import { ImagePage } from "./page/imagePage.tsx";
import { JobsPage } from "./page/jobsPage.tsx";
import { KeysPage } from "./page/keysPage.tsx";
import { MissingPage } from "./page/missingPage.tsx";
import { OverviewPage } from "./page/overviewPage.tsx";
import { TokenPage } from "./page/tokenPage.tsx";
import { Announcer } from "./part/announcer.tsx";
import { LiveMark, OfflineNotice } from "./part/liveMark.tsx";
import { RouteLink } from "./part/routeLink.tsx";
import { routePath } from "./route.ts";
import type { Route } from "./route.ts";
import { signOut, token } from "./session.ts";

/** The frame around all pages; without a token there is only the page that asks for one. */
export const Shell = (): JSX.Element => (
  <>
    {token.value === undefined ? <TokenPage /> : <Frame />}
    <Announcer />
  </>
);

const Frame = (): JSX.Element => {
  useEffect(() => {
    const stop = new AbortController();
    void followEvents(stop.signal);
    return () => stop.abort();
  }, []);
  return (
    <div class="frame">
      <a class="skip" href="#main">
        Skip to the page
      </a>
      <header class="top">
        <RouteLink to={{ page: "overview" }}>
          <span class="brand">Waybill</span>
        </RouteLink>
        <Navigation />
        <div class="top-end">
          <LiveMark />
          <button type="button" class="quiet" onClick={() => signOut()}>
            Sign out
          </button>
        </div>
      </header>
      <OfflineNotice />
      <main id="main" tabIndex={-1}>
        <OpenPage key={routePath(route.value)} at={route.value} />
      </main>
    </div>
  );
};

const SECTIONS = [
  ["overview", "Overview"],
  ["apps", "Apps"],
  ["keys", "Keys"],
  ["jobs", "Jobs"],
  ["audit", "Audit"],
] as const;

const Navigation = (): JSX.Element => (
  <nav class="sections" aria-label="Sections">
    {SECTIONS.map(([page, title]) => (
      <RouteLink key={page} to={{ page }} current={sectionOf(route.value) === page}>
        {title}
      </RouteLink>
    ))}
  </nav>
);

const sectionOf = ({ page }: Route): string => (page === "app" || page === "build" || page === "image" ? "apps" : page);

const OpenPage = ({ at }: { readonly at: Route }): JSX.Element => {
  switch (at.page) {
    case "overview":
      return <OverviewPage />;
    case "apps":
      return <AppsPage />;
    case "app":
      return <AppPage app={at.app} />;
    case "build":
      return <BuildPage app={at.app} build={at.build} />;
    case "image":
      return <ImagePage digest={at.digest} />;
    case "keys":
      return <KeysPage />;
    case "jobs":
      return <JobsPage />;
    case "audit":
      return <AuditPage />;
    case "missing":
      return <MissingPage />;
  }
};
