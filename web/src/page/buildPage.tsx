import type { JSX } from "preact";
import type { Build, ImagePapers, Operation, Paper } from "../apiTypes.ts";
import { checkCommands, issueCommand, rerunCommand } from "../commands.ts";
import { papersOfBuild } from "../papersOfBuild.ts";
import { Card } from "../part/card.tsx";
import { CommandList } from "../part/commandList.tsx";
import { CopiedCode } from "../part/copiedCode.tsx";
import { DigestText } from "../part/digestText.tsx";
import { Facts } from "../part/facts.tsx";
import { Loaded } from "../part/loaded.tsx";
import { EmptyState } from "../part/notice.tsx";
import { OutsideLink } from "../part/outsideLink.tsx";
import { PageHead } from "../part/pageHead.tsx";
import { PaperTable } from "../part/paperTable.tsx";
import { ProvenanceCard } from "../part/provenanceCard.tsx";
import { RouteLink } from "../part/routeLink.tsx";
import { SignedBadge } from "../part/signedBadge.tsx";
import { TimeText } from "../part/timeText.tsx";
import { Timeline } from "../part/timeline.tsx";
import { useApi } from "../useAnswer.ts";
import type { Known } from "../useAnswer.ts";
import { useKeyStates } from "../useKeyStates.ts";

interface BuildPageProps {
  readonly app: string;
  readonly build: string;
}

/** A build: what it says of itself, its papers, how they came to be, and how to check them elsewhere. */
export const BuildPage = ({ app, build: id }: BuildPageProps): JSX.Element => {
  const path = `/v1/apps/${encodeURIComponent(app)}/builds/${encodeURIComponent(id)}`;
  const known = useApi<Build>(path, (event) => event.app === app && event.build_id === id);
  const trail = (
    <>
      <RouteLink to={{ page: "apps" }}>Apps</RouteLink>
      <RouteLink to={{ page: "app", app }}>{app}</RouteLink>
    </>
  );
  return (
    <>
      <PageHead title={id} trail={trail}>
        {known.value === undefined ? null : <SignedBadge build={known.value} />}
      </PageHead>
      <Loaded known={known}>{(build) => <BuildParts build={build} />}</Loaded>
    </>
  );
};

const BuildParts = ({ build }: { readonly build: Build }): JSX.Element => (
  <div class="grid">
    {build.image === null ? <Unissued build={build} /> : <IssuedParts build={build} digest={build.image.digest} />}
  </div>
);

const Unissued = ({ build }: { readonly build: Build }): JSX.Element => (
  <>
    <Card title="Attestation" wide>
      <EmptyState title="No papers have been asked for">
        <p>The build platform asks for them once the image is in its registry.</p>
        <CommandList commands={[issueCommand(build, globalThis.location.origin)]} />
      </EmptyState>
    </Card>
    <RegisteredCard build={build} />
  </>
);

interface IssuedPartsProps {
  readonly build: Build;
  readonly digest: string;
}

const IssuedParts = ({ build, digest }: IssuedPartsProps): JSX.Element => {
  const { value, refusal } = useApi<ImagePapers>(
    `/v1/images/${digest}`,
    (event) => event.app === build.app && event.build_id === build.build_id,
  );
  const known = { value: value && papersOfBuild(value.papers, build), refusal };
  const papers = known.value ?? [];
  const stateOf = useKeyStates();
  const signature = ownSignature(papers);
  const retired = signature !== undefined && stateOf(signature.keyid) === "retired" ? signature.keyid : undefined;
  return (
    <>
      <AttestationCard build={build} known={known} />
      <ProvenanceCard papers={papers} stateOf={stateOf} />
      <div class="stack">
        <IntegrityCard build={build} />
        <RegisteredCard build={build} />
      </div>
      {build.operation === null ? null : <OperationCard id={build.operation} build={build} signature={signature} />}
      {papers.length === 0 && build.state !== "done" ? null : (
        <Card title="Check it yourself" wide>
          <p class="dim">
            These commands need nothing from this service but its public key. Papers stand in no public log unless
            somebody asked for it, so cosign is told not to look there.
          </p>
          <CommandList commands={checkCommands(build, papers, { origin: globalThis.location.origin, retired })} />
        </Card>
      )}
    </>
  );
};

interface AttestationCardProps {
  readonly build: Build;
  readonly known: Known<readonly Paper[]>;
}

const AttestationCard = ({ build, known }: AttestationCardProps): JSX.Element => (
  <Card title="Attestation" wide>
    {build.reason === null ? null : <Reason build={build} />}
    <Loaded known={known}>
      {(papers) =>
        papers.length === 0 ? (
          <EmptyState title="No papers yet">
            <p>{EXPECTATIONS[build.state]}</p>
          </EmptyState>
        ) : (
          <>
            <SignedBy papers={papers} />
            <PaperTable papers={papers} />
          </>
        )
      }
    </Loaded>
  </Card>
);

/** Who signed, in a sentence: the words that a person takes away (evidence.md 3.2). */
const SignedBy = ({ papers }: { readonly papers: readonly Paper[] }): JSX.Element | null => {
  const signature = ownSignature(papers);
  if (signature === undefined) return null;
  return (
    <p class="signed-by">
      Signed under the service's key and confirmed <TimeText time={signature.verified_at} />; anybody can repeat that
      with the commands below. Key: <DigestText digest={signature.keyid} what="key id" />
    </p>
  );
};

const ownSignature = (papers: readonly Paper[]): Paper | undefined =>
  papers.find(({ kind, signed_by_service: own }) => kind === "signature" && own);

const EXPECTATIONS: Readonly<Record<Build["state"], string>> = {
  pending: "They are waiting for their turn, and show up here when they are there.",
  running: "They are being made, and show up here when they are there.",
  done: "The service made them, but knows none that it could confirm; check the image with the commands below.",
  failed: "They could not be made; the reason stands above.",
  skipped: "The service has been told not to issue papers.",
  signing_unavailable: "The service has no key to sign with; they follow when it gets one.",
};

const Reason = ({ build }: { readonly build: Build }): JSX.Element => (
  <div class="reason">
    <p class="breakable">
      {build.reason?.message} <code>{build.reason?.code}</code>
    </p>
    {build.state === "failed" ? <CommandList commands={[rerunCommand(build, globalThis.location.origin)]} /> : null}
  </div>
);

const IntegrityCard = ({ build: { image } }: { readonly build: Build }): JSX.Element => (
  <Card title="Integrity">
    <Facts
      facts={[
        ["Repository", <span class="breakable">{image?.repository}</span>],
        ["Image digest", image && <DigestText digest={image.digest} what="image digest" whole image />],
        ["Reference", image && <CopiedCode text={image.reference} what="image reference" />],
      ]}
    />
  </Card>
);

/** The platform's own words; what was signed of them is the provenance. */
const RegisteredCard = ({ build }: { readonly build: Build }): JSX.Element => (
  <Card title="As registered">
    <Facts
      facts={[
        ["Source", build.source && <OutsideLink text={build.source} />],
        ["Commit", build.commit_sha && <CopiedCode text={build.commit_sha} what="commit" />],
        ["Builder", build.builder && <OutsideLink text={build.builder} />],
        ["Registered", <TimeText time={build.created_at} exact />],
        ...Object.entries(build.parameters).map(
          ([name, value]) => [name, <span class="breakable">{value}</span>] as const,
        ),
      ]}
    />
  </Card>
);

interface OperationCardProps {
  readonly id: string;
  readonly build: Build;
  readonly signature: Paper | undefined;
}

const OperationCard = ({ id, build, signature }: OperationCardProps): JSX.Element => {
  const known = useApi<Operation>(
    `/v1/operations/${id}`,
    (event) => event.operation === id || event.build_id === build.build_id,
  );
  return (
    <Card title="Timeline">
      <Loaded known={known}>
        {(operation) => <Timeline build={build} operation={operation} signature={signature} />}
      </Loaded>
    </Card>
  );
};
