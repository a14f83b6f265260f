import type { IssueJob } from "#app/issueJob.ts";
import type { ControlPlaneSettings } from "#cli/deps.ts";
import { startIssueThread } from "#main/issueThread.ts";
import type { HearVerifications, IssueThread } from "#main/issueThread.ts";

/** Issues papers in threads, each job in one of its own. */
export interface IssuePool {
  readonly issue: IssueJob;
  /** Ends the threads; jobs under way fail. */
  readonly close: () => Promise<void>;
}

/** Threads start when they are needed, as many as there are jobs at once, and stay for the next job. */
export const openIssuePool = (settings: ControlPlaneSettings, hear: HearVerifications): IssuePool => {
  const all = new Set<IssueThread>();
  const idle: IssueThread[] = [];
  const start = (): IssueThread => {
    const thread = startIssueThread(settings, hear);
    all.add(thread);
    return thread;
  };
  const take = (): IssueThread => {
    const thread = idle.pop() ?? start();
    return thread.isUsable() ? thread : take();
  };
  const give = async (thread: IssueThread): Promise<void> => {
    if (thread.isUsable()) {
      idle.push(thread);
      return;
    }
    all.delete(thread);
    await thread.close();
  };
  return {
    issue: async (...input) => {
      const thread = take();
      try {
        return await thread.issue(...input);
      } finally {
        await give(thread);
      }
    },
    close: async () => {
      await Promise.all([...all].map((thread) => thread.close()));
    },
  };
};
