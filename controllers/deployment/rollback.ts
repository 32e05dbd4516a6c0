// Automatic rollback: a template that failed its progress deadline is replaced by the last one that was complete. Pure. It never
// goes round in circles: what a rollback has put there is not rolled back, and what has failed is not tried again.

import type { Deployment } from "../../api/apps/deployment.ts";
import { asksForRollback, ROLLBACK_NOTE } from "../../api/apps/deployment-options.ts";
import type { ReplicaSet } from "../../api/apps/replica-set.ts";
import { lastComplete } from "./complete.ts";
import { nextRevision, revisionOf, TEMPLATE_HASH, withoutHash, type History } from "./history.ts";
import { hasTimedOut } from "./progress.ts";
import { templateHash } from "./template.ts";

const CHANGE_CAUSE = "kubernetes.io/change-cause";
const REMEMBERED_MAX = 10;

/** Templates are known by their hashes: they may be rolled out under several revisions. */
export interface RollbackNote {
  /** The templates that have failed, the last one last. */
  readonly failed: readonly string[];
  /** The template that the last rollback has put there, and the revision that it is under. */
  readonly restored: string;
  readonly revision: string;
  readonly message: string;
}

export type RollbackPlan =
  | { readonly do: "nothing" }
  /** It should be undone, and cannot be. */
  | { readonly do: "tell"; readonly reason: string; readonly message: string }
  | { readonly do: "restore"; readonly to: ReplicaSet; readonly note: RollbackNote };

const nothing: RollbackPlan = { do: "nothing" };

/** `cause`: what is the matter with the current template's pods. */
export function planRollback(deployment: Deployment, history: History, cause: () => string): RollbackPlan {
  if (!asksForRollback(deployment)) return nothing;
  const { failed = [] } = readNote(deployment) ?? {};
  const hash = hashOfCurrent(deployment, history);
  const failedBefore = failed.includes(hash);
  if (!failedBefore && !hasTimedOut(deployment, history)) return nothing;
  const tell = (reason: string, message: string): RollbackPlan => ({ do: "tell", reason, message });
  const what = `${nameOf(history)} failed`;
  // 1. Somebody has asked for a halt.
  if (deployment.spec.paused) return tell("DeploymentPaused", `${what}. It is rolled back once it is resumed.`);
  // 2. What ran before does not run any more: the template is not to blame, and there is no third way.
  if (rollbackInForce(deployment, history)) {
    return tell("PreviousRevisionFailed", `${what}, to which an earlier failure was rolled back: ${cause()}.`);
  }
  // 3. Back to the last that was complete, unless that has failed since.
  const to = lastComplete(history.old.filter((each) => !failed.includes(hashOf(each))));
  if (!to) return tell("NothingToGoBackTo", `${what}, and no revision before it has been complete: ${cause()}.`);
  const why = failedBefore ? "its template has failed before" : cause();
  const message =
    `${what}: ${why}. The template of revision ${revisionOf(to)} (ReplicaSet ${JSON.stringify(to.metadata.name)}) is back. ` +
    `The failed one is not tried again, unless the annotation ${ROLLBACK_NOTE} is removed.`;
  const remembered = [...failed.filter((each) => each !== hash), hash].slice(-REMEMBERED_MAX);
  const revision = String(revisionAfter(history, to));
  return { do: "restore", to, note: { failed: remembered, restored: hashOf(to), revision, message } };
}

/** The Deployment after the rollback: template and change cause go back, everything else stays. */
export function restoreTemplate(deployment: Deployment, to: ReplicaSet, note: RollbackNote): Deployment {
  const kept = Object.entries(deployment.metadata.annotations ?? {}).filter(([name]) => name !== CHANGE_CAUSE);
  const cause = to.metadata.annotations?.[CHANGE_CAUSE];
  const annotations = {
    ...Object.fromEntries(kept),
    ...(cause !== undefined && { [CHANGE_CAUSE]: cause }),
    [ROLLBACK_NOTE]: JSON.stringify(note),
  };
  const template = withoutHash(to.spec.template);
  return {
    ...deployment,
    metadata: { ...deployment.metadata, annotations },
    spec: { ...deployment.spec, template },
  };
}

/** The last rollback, as long as what it has restored is what the Deployment wants: nothing came after it. */
export function rollbackInForce(deployment: Deployment, history: History): RollbackNote | undefined {
  const note = readNote(deployment);
  if (!note || !history.current || note.restored !== hashOfCurrent(deployment, history)) return undefined;
  return note.revision === String(revisionOf(history.current)) ? note : undefined;
}

/** The number that the ReplicaSet will have once it is the current one. */
function revisionAfter({ current, old }: History, to: ReplicaSet): bigint {
  const others = [...old, ...(current ? [current] : [])].filter((each) => each !== to);
  const next = nextRevision({ old: others });
  return next > revisionOf(to) ? next : revisionOf(to);
}

/** Undefined where there is none that can be read: people can write annotations. */
function readNote({ metadata }: Deployment): RollbackNote | undefined {
  const text = metadata.annotations?.[ROLLBACK_NOTE];
  if (text === undefined) return undefined;
  try {
    const { failed, restored, revision, message } = (JSON.parse(text) ?? {}) as Partial<
      Record<keyof RollbackNote, unknown>
    >;
    if (!Array.isArray(failed) || typeof restored !== "string") return undefined;
    if (typeof revision !== "string" || typeof message !== "string") return undefined;
    const hashes = failed.filter((each) => typeof each === "string").slice(-REMEMBERED_MAX);
    return { failed: hashes, restored, revision, message };
  } catch {
    return undefined;
  }
}

const hashOf = (replicaSet: ReplicaSet): string => replicaSet.metadata.labels?.[TEMPLATE_HASH] ?? "";

const hashOfCurrent = (deployment: Deployment, { current }: History): string =>
  (current && hashOf(current)) || templateHash(deployment);

const nameOf = ({ current }: History): string =>
  current ? `Revision ${revisionOf(current)} (ReplicaSet ${JSON.stringify(current.metadata.name)})` : "A template";
