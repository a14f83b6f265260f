import { Worker } from "node:worker_threads";
import type { IssueJob, StagedImage } from "#app/issueJob.ts";
import type { ControlPlaneSettings } from "#cli/deps.ts";
import type { Ctx } from "#core/ctx.ts";
import { WaybillError } from "#core/errors.ts";
import type { Signer } from "#core/signer.ts";
import { receiveError, sendError } from "#main/sentError.ts";
import type { IssueAnswer, IssueRequest, Verification } from "#main/worker/issueMessage.ts";

/** A thread that issues papers, one job after the other. */
export interface IssueThread {
  readonly issue: IssueJob;
  /** False once it failed, or holds so much memory that another one is the better choice. */
  readonly isUsable: () => boolean;
  readonly close: () => Promise<void>;
}

// Beside the bundle's flat chunks the worker is a file of its own; from source it is where it is.
const WORKER_URL = new URL(
  import.meta.url.endsWith(".ts") ? "./worker/issue.worker.ts" : "./issue.worker.js",
  import.meta.url,
);

// An image of 40,000 packages fits, what is outside of the heap not counted; beyond this the thread ends, not the service.
const MAX_HEAP_MB = 400;
/** A thread that was told to stop and goes on for so long, milliseconds, is in the middle of something very large. */
const STOP_MS = 5000;

interface Task {
  readonly ctx: Ctx;
  readonly signer: Signer;
  readonly resolve: (images: readonly StagedImage[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Hears what a job verified, when it has ended. */
export type HearVerifications = (verifications: readonly Verification[]) => void;

/** Starts an issuing thread. It asks this one for signatures: the private key stays here. */
export const startIssueThread = (settings: ControlPlaneSettings, hear: HearVerifications): IssueThread => {
  const worker = new Worker(WORKER_URL, {
    name: "issue",
    workerData: settings,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  });
  const tell = (request: IssueRequest): void => worker.postMessage(request);
  let task: Task | undefined;
  let isUsable = true;
  const end = (settle: (ended: Task) => void): void => {
    const ended = task;
    task = undefined;
    if (ended !== undefined) settle(ended);
  };
  const fail = (error: WaybillError): void => {
    isUsable = false;
    end(({ reject }) => reject(error));
  };
  worker.on("message", (message: IssueAnswer) => {
    if (message.kind === "log") task?.ctx.log(message.level, message.message, message.fields);
    else if (message.kind === "sign") void sign(task, message, tell);
    else {
      isUsable &&= !message.isLarge;
      hear(message.verifications);
      if (message.kind === "done") end(({ resolve }) => resolve(message.images));
      else end(({ reject }) => reject(receiveError(message.error)));
    }
  });
  worker.on("error", (cause) => fail(asFailure(cause)));
  worker.on("exit", () => fail(new WaybillError("ABORTED", "the issuing thread was ended")));
  const issue: IssueJob = async (ctx, build, image, signer) => {
    ctx.signal.throwIfAborted();
    let alarm: NodeJS.Timeout | undefined;
    const stop = (): void => {
      tell({ kind: "stop" });
      alarm = setTimeout(() => void worker.terminate(), STOP_MS);
    };
    ctx.signal.addEventListener("abort", stop, { once: true });
    try {
      return await new Promise<readonly StagedImage[]>((resolve, reject) => {
        task = { ctx, signer, resolve, reject };
        tell({ kind: "issue", build, image, publicKey: signer.publicKey });
      });
    } finally {
      ctx.signal.removeEventListener("abort", stop);
      clearTimeout(alarm);
    }
  };
  return { issue, isUsable: () => isUsable, close: async () => void (await worker.terminate()) };
};

const sign = async (
  task: Task | undefined,
  { id, bytes }: Extract<IssueAnswer, { kind: "sign" }>,
  tell: (request: IssueRequest) => void,
): Promise<void> => {
  if (task === undefined) return;
  try {
    tell({ kind: "signed", id, signature: await task.signer.sign(task.ctx, bytes) });
  } catch (thrown) {
    tell({ kind: "unsigned", id, error: sendError(thrown) });
  }
};

const asFailure = (cause: unknown): WaybillError =>
  cause instanceof Error && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY"
    ? new WaybillError(
        "LIMIT_EXCEEDED",
        `the image's papers take more than ${MAX_HEAP_MB} MB of memory; issue them with the command waybill issue`,
      )
    : new WaybillError("INTERNAL", "the issuing thread failed", { cause });
