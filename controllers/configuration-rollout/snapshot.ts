// An immutable copy of a ConfigMap or a Secret, named after what is in it: the same content is the same copy, whoever needs it.
// Pure. Its labels are not copied: whoever selects by them means the original.

import { createHash } from "node:crypto";
import type { ConfigMap } from "../../api/core/config-map.ts";
import type { Secret } from "../../api/core/secret.ts";
import { SNAPSHOT_OF } from "../../api/apps/deployment-options.ts";
import type { NewObject } from "../../api/meta/object.ts";
import type { OwnerReference } from "../../api/meta/object-meta.ts";
import { semanticEqual } from "../../api/meta/semantic-equal.ts";

export type Configuration = ConfigMap | Secret;

const NAME_LENGTH_MAX = 253;
const HASH_LENGTH = 10;
/** The alphabet of Kubernetes' generated names: without vowels and look-alikes. */
const SAFE_LETTERS = "bcdfghjklmnpqrstvwxz2456789";

/** Its tokens are somebody else's to make. */
const TOKEN_TYPE = "kubernetes.io/service-account-token";

/** What never changes needs no copy, and some must not have one. */
export const isPinnedItself = (object: Configuration): boolean =>
  object.immutable === true || ("type" in object && object.type === TOKEN_TYPE);

export const isSnapshot = ({ metadata, immutable }: Configuration): boolean =>
  immutable === true && metadata.annotations?.[SNAPSHOT_OF] !== undefined;

/** `attempt` gives another name where somebody else has taken the first one. */
export function buildSnapshot(original: Configuration, attempt: number): NewObject<Configuration> {
  const { name, namespace } = original.metadata;
  const content = contentOf(original);
  return {
    metadata: { name: nameOf(name, content, attempt), namespace, annotations: { [SNAPSHOT_OF]: name } },
    ...content,
    immutable: true,
  };
}

/** Whether what has the name is that copy. */
export const isSnapshotOf = (original: Configuration, found: Configuration): boolean =>
  isSnapshot(found) &&
  found.metadata.annotations?.[SNAPSHOT_OF] === original.metadata.name &&
  semanticEqual(contentOf(found), contentOf(original));

interface Content {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
  readonly type?: string;
}

function contentOf(object: Configuration): Content {
  const { data, binaryData, type } = object as Configuration & Content;
  return { ...(data && { data }), ...(binaryData && { binaryData }), ...(type !== undefined && { type }) };
}

function nameOf(name: string, content: Content, attempt: number): string {
  const sorted = (entries: Readonly<Record<string, string>> = {}) =>
    Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
  const text = JSON.stringify([name, content.type ?? "", sorted(content.data), sorted(content.binaryData), attempt]);
  const bytes = createHash("sha256").update(text).digest().subarray(0, HASH_LENGTH);
  const hash = [...bytes].map((byte) => SAFE_LETTERS[byte % SAFE_LETTERS.length]).join("");
  const start = name.slice(0, NAME_LENGTH_MAX - HASH_LENGTH - 1).replace(/[-.]+$/, "");
  return `${start}-${hash}`;
}

/** What an optional object is pinned to while it is missing: a name that nobody has. */
const ABSENT = "-absent";

export const absentName = (name: string): string =>
  name.endsWith(ABSENT) ? name : `${name.slice(0, NAME_LENGTH_MAX - ABSENT.length).replace(/[-.]+$/, "")}${ABSENT}`;

/** One that goes with its owner, and keeps nobody from being deleted. */
export const plainOwner = (
  { metadata }: { readonly metadata: { readonly name: string; readonly uid: string } },
  kind: "Deployment" | "ReplicaSet",
): OwnerReference => ({ apiVersion: "apps/v1", kind, name: metadata.name, uid: metadata.uid });
