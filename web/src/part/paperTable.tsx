import type { JSX } from "preact";
import type { Paper } from "../apiTypes.ts";
import { askBytes } from "../askApi.ts";
import { saveFile } from "../saveFile.ts";
import { paperName, shortDigest } from "../shortText.ts";
import { useKeyStates } from "../useKeyStates.ts";
import type { KeyStateOf } from "../useKeyStates.ts";
import { announce } from "./announcer.tsx";
import type { Column } from "./dataTable.tsx";
import { DataTable } from "./dataTable.tsx";
import { DigestText } from "./digestText.tsx";
import { Icon } from "./icon.tsx";
import { KeyName } from "./keyName.tsx";
import { StateBadge } from "./stateBadge.tsx";
import { TimeText } from "./timeText.tsx";

const nameOf = ({ kind, predicate_type: type }: Paper): string => paperName(kind, type);

const columnsWith = (stateOf: KeyStateOf): readonly Column<Paper>[] => [
  { title: "Paper", cell: (paper) => <PaperName paper={paper} />, text: nameOf },
  {
    title: "Signature",
    cell: (paper) => <StateBadge words={signerWords(paper)} />,
    text: (paper) => signerWords(paper).text,
  },
  {
    title: "Key",
    cell: ({ keyid }) => <KeyName id={keyid} state={stateOf(keyid)} />,
    text: ({ keyid }) => keyid,
  },
  { title: "Checked", cell: (paper) => <TimeText time={paper.verified_at} />, text: (paper) => paper.verified_at },
  {
    title: "Payload",
    cell: (paper) => <DigestText digest={paper.payload} what="payload digest" />,
    text: (paper) => paper.payload,
  },
  { title: "Documents", cell: (paper) => <Documents paper={paper} />, text: (paper) => paper.predicate_url ?? "" },
];

const signerWords = (paper: Paper) =>
  paper.signed_by_service
    ? ({ tone: "good", text: "Confirmed" } as const)
    : ({ tone: "calm", text: "Another key" } as const);

// The signature stands for the rest, so it is what people look for first; papers of other keys come last.
const rankOf = ({ kind, signed_by_service: own }: Paper): number => (own ? 0 : 2) + (kind === "signature" ? 0 : 1);

/** The papers of an image that the service has checked, and under which key. */
export const PaperTable = ({ papers }: { readonly papers: readonly Paper[] }): JSX.Element => {
  const stateOf = useKeyStates();
  return (
    <DataTable
      caption="papers"
      columns={columnsWith(stateOf)}
      rows={papers.toSorted((a, b) => rankOf(a) - rankOf(b) || nameOf(a).localeCompare(nameOf(b)))}
      rowKey={({ payload, keyid, subject }) => `${payload} ${keyid} ${subject}`}
    />
  );
};

const PaperName = ({ paper }: { readonly paper: Paper }): JSX.Element => {
  const annotations = Object.entries(paper.annotations);
  return (
    <>
      <strong>{nameOf(paper)}</strong>
      {annotations.length === 0 ? null : (
        <details>
          <summary>Says {annotations.length === 1 ? "one thing" : `${annotations.length} things`}</summary>
          <dl class="annotations">
            {annotations.map(([name, value]) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </>
  );
};

const Documents = ({ paper }: { readonly paper: Paper }): JSX.Element => {
  const documents = [
    ["predicate", paper.predicate_url],
    ["envelope", paper.envelope_url],
    ["bundle", paper.bundle_url],
  ] as const;
  if (documents.every(([, url]) => url === null)) return <span class="dim">in the registry</span>;
  return (
    <span class="exports">
      {documents.map(([name, url]) =>
        url === null ? null : <SaveDocument key={name} name={name} url={url} paper={paper} />,
      )}
    </span>
  );
};

interface SaveDocumentProps {
  readonly name: string;
  readonly url: string;
  readonly paper: Paper;
}

/** A document needs the token, so that it is fetched, not linked to. */
const SaveDocument = ({ name, url, paper }: SaveDocumentProps): JSX.Element => {
  const save = async (): Promise<void> => {
    const answer = await askBytes(url, new AbortController().signal);
    if (answer.ok) saveFile(`${nameOf(paper)}-${shortDigest(paper.payload).slice(7, 19)}-${name}.json`, answer.value);
    announce(answer.ok ? `Saved the ${name}` : `Could not fetch the ${name}: ${answer.refusal.title}`);
  };
  return (
    <button type="button" class="quiet" aria-label={`Save the ${name} of ${nameOf(paper)}`} onClick={() => void save()}>
      <Icon name="save" /> {name}
    </button>
  );
};
