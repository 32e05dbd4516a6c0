// Who looks after a job: this project's controller, or another one that spec.managedBy names.

import type { Job } from "../../api/batch/job.ts";

const BUILT_IN = "kubernetes.io/job-controller";

export const isManagedElsewhere = ({ spec }: Job): boolean => (spec.managedBy ?? BUILT_IN) !== BUILT_IN;
