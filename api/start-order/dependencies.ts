// Start and stop order between applications of a namespace: what a pod starts after, as an annotation of it or of the template that
// it is made from. All of it is opt-in.

import { daemonSets } from "../apps/daemon-set.ts";
import { deployments } from "../apps/deployment.ts";
import { statefulSets } from "../apps/stateful-set.ts";
import { jobs } from "../batch/job.ts";
import { pods } from "../core/pod.ts";
import { services } from "../core/service.ts";
import type { KubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { invalidField, unsupportedField, type FieldError } from "../schema/field-error.ts";

/** On pods: what has to be ready before, as `statefulset/db, job/migrate`. Also the name of the gate that holds them until then. */
export const STARTS_AFTER = "kctl.dev/starts-after";

/** On pods: what becomes of them when what they start after has been restarted. */
export const ON_RESTART = "kctl.dev/on-dependency-restart";

/** On pods that restart along: which pods of each dependency were ready when they were let go. Written by the controller alone. */
export const STARTED_WITH = "kctl.dev/started-with";

/** The finalizer of what others start after: it stops only when they have. */
export const STOPS_LAST = "kctl.dev/stops-last";

const RESTART_POLICIES = ["restart", "ignore"];

/** A pod that names more than so many is refused. */
const DEPENDENCIES_MAX = 32;

/** What can be started after, by the word that stands for it. */
export const dependencyKinds = {
  deployment: deployments,
  statefulset: statefulSets,
  daemonset: daemonSets,
  job: jobs,
  service: services,
  pod: pods,
} as const;

export type DependencyKind = keyof typeof dependencyKinds;

const KINDS = Object.keys(dependencyKinds) as readonly DependencyKind[];

/** An object of the same namespace. */
export interface Dependency {
  readonly kind: DependencyKind;
  readonly name: string;
}

type Annotations = Readonly<Record<string, string>>;

/** `statefulset/db`: how people read it, and its identity within a namespace. */
export const formatDependency = ({ kind, name }: Dependency): string => `${kind}/${name}`;

/** What the annotation names, each once; what cannot be understood is left out. */
export function dependenciesIn(annotations: Annotations | undefined): readonly Dependency[] {
  const text = annotations?.[STARTS_AFTER];
  return text === undefined ? NONE : readEntries(text).flatMap(({ dependency }) => dependency ?? []);
}

const NONE: readonly Dependency[] = [];

/** The pod is to be restarted along with what it starts after. */
export const restartsAlong = (annotations: Annotations | undefined): boolean => annotations?.[ON_RESTART] === "restart";

/** Every error of the annotations that are about start order. `path`: where they are. */
export function validateStartOrder(annotations: Annotations, path: string): readonly FieldError[] {
  const text = annotations[STARTS_AFTER];
  const policy = annotations[ON_RESTART];
  const entries = readEntries(text);
  const at = `${path}[${STARTS_AFTER}]`;
  const errors = entries.flatMap(({ problem }) => (problem === undefined ? [] : [invalidField(at, text, problem)]));
  if (entries.length > DEPENDENCIES_MAX) {
    errors.push(invalidField(at, text, `must not name more than ${DEPENDENCIES_MAX} objects`));
  }
  if (policy !== undefined && !RESTART_POLICIES.includes(policy)) {
    errors.push(unsupportedField(`${path}[${ON_RESTART}]`, policy, RESTART_POLICIES));
  }
  return errors;
}

interface Entry {
  readonly dependency?: Dependency;
  readonly problem?: string;
}

/** A trailing comma does no harm. */
function readEntries(text = ""): readonly Entry[] {
  const words = new Set(text.split(",").map((each) => each.trim()));
  return [...words].filter((each) => each !== "").map(readEntry);
}

const NAME = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

function readEntry(text: string): Entry {
  const [word = "", name = "", ...more] = text.split("/");
  const quoted = JSON.stringify(text);
  if (more.length > 0 || name === "") {
    return { problem: `${quoted} must be KIND/NAME of an object in the same namespace, such as statefulset/db` };
  }
  const kind = kindOf(word.toLowerCase());
  if (!kind) return { problem: `${quoted} must be one of the kinds ${Object.keys(dependencyKinds).join(", ")}` };
  return NAME.test(name) ? { dependency: { kind, name } } : { problem: `${quoted} has no valid name behind the slash` };
}

/** By the names that kubectl takes, with or without the group: `sts`, `statefulsets`, `statefulset.apps`. */
function kindOf(word: string): DependencyKind | undefined {
  return KINDS.find((kind) => {
    const { plural, group, shortNames = [] }: ResourceDefinition = dependencyKinds[kind];
    const names = [kind, plural, ...shortNames];
    return names.includes(word) || (group !== "" && names.some((name) => word === `${name}.${group}`));
  });
}

/** An object that makes pods from a template. */
interface Templated extends KubeObject {
  readonly spec?: {
    readonly template?: Template;
    readonly jobTemplate?: { readonly spec?: { readonly template?: Template } };
  };
}

interface Template {
  readonly metadata?: { readonly annotations?: Annotations; readonly labels?: Annotations };
}

/** What the object makes pods from; undefined where it makes none. */
export function templateOf(object: KubeObject): Template | undefined {
  const { spec } = object as Templated;
  return spec?.template ?? spec?.jobTemplate?.spec?.template;
}
