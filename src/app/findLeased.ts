import type { Job } from "#records/job.ts";
import type { Records } from "#records/recordStore.ts";

/** The job as it is now, as long as it is still held under the lease it was taken with; what another worker holds is not ours to touch. */
export const findLeased = async (records: Records, { id, owner }: Job): Promise<Job | undefined> => {
  const job = await records.jobs.find(id);
  return job?.state === "leased" && job.owner === owner ? job : undefined;
};
