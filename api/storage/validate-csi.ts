// Rules for CSI drivers, for what nodes and storage say about them, and for the attachments of volumes, from Kubernetes'
// validation of the storage group.

import type { CSIDriver, TokenRequest } from "./csi-driver.ts";
import type { CSINode, CSINodeDriver } from "./csi-node.ts";
import type { CSIStorageCapacity } from "./csi-storage-capacity.ts";
import type { VolumeAttachment, VolumeAttachmentSource, VolumeError } from "./volume-attachment.ts";
import { validateInlineVolume } from "../core/validate-persistent-volume.ts";
import { readQuantity } from "../core/validate-resources.ts";
import { checkDriverName } from "../core/validate-volume-source.ts";
import { checkFormat, checkNonNegative, checkUnchanged, eachItem, when } from "../meta/field-checks.ts";
import { qualifiedNameProblems } from "../meta/label-syntax.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateLabelSelector } from "../meta/validate-labels.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import {
  duplicateField,
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const MODES = ["Persistent", "Ephemeral"];
const TOKEN_SECONDS_MIN = 600;
const TOKEN_SECONDS_MAX = 2 ** 32;

export function validateCsiDriver(driver: CSIDriver, old?: CSIDriver): FieldError[] {
  const { spec } = driver;
  const modes = "spec.volumeLifecycleModes";
  return [
    ...validateMetadata(driver, old, { name: subdomainProblems, scope: "Cluster" }),
    ...validateTokenRequests(spec.tokenRequests, "spec.tokenRequests"),
    ...(spec.volumeLifecycleModes ?? [])
      .filter((mode) => !MODES.includes(mode))
      .map((mode) => unsupportedField(modes, mode, MODES)),
    ...(old
      ? [
          ...checkUnchanged("spec.attachedRequired", spec.attachRequired, old.spec.attachRequired),
          ...checkUnchanged(modes, spec.volumeLifecycleModes, old.spec.volumeLifecycleModes),
        ]
      : []),
  ];
}

function validateTokenRequests(requests: readonly TokenRequest[] | undefined, path: string): Errors {
  const audiences = new Set<string>();
  return eachItem(requests, path, ({ audience, expirationSeconds: seconds = TOKEN_SECONDS_MIN }, at) => {
    if (audiences.has(audience)) return [duplicateField(`${at}.audience`, audience)];
    audiences.add(audience);
    const refuse = (problem: string) => invalidField(`${at}.expirationSeconds`, seconds, problem);
    return [
      ...when(seconds < TOKEN_SECONDS_MIN, refuse("may not specify a duration less than 10 minutes")),
      ...when(seconds > TOKEN_SECONDS_MAX, refuse("may not specify a duration larger than 2^32 seconds")),
    ];
  });
}

const NODE_ID_LENGTH_MAX = 256;

export function validateCsiNode(node: CSINode, old?: CSINode): FieldError[] {
  const names = new Set<string>();
  const path = "spec.drivers";
  const before = new Map(old?.spec.drivers?.map((driver) => [driver.name, driver]));
  return [
    ...validateMetadata(node, old, { name: subdomainProblems, scope: "Cluster" }),
    ...eachItem(node.spec.drivers, path, (driver, at) => {
      const isTaken = names.has(driver.name);
      names.add(driver.name);
      return validateNodeDriver(driver, at, isTaken ? [duplicateField(`${at}.name`, driver.name)] : []);
    }),
    ...node.spec.drivers.flatMap((driver) => {
      const known = before.get(driver.name);
      return known ? checkUnchanged(path, driver, known) : [];
    }),
  ];
}

function validateNodeDriver(
  { name, nodeID = "", allocatable, topologyKeys }: CSINodeDriver,
  path: string,
  taken: Errors,
): Errors {
  const tooLong = `must be ${NODE_ID_LENGTH_MAX} characters or less`;
  return [
    ...checkDriverName(`${path}.name`, name),
    ...when(!nodeID, requiredField(`${path}.nodeID`)),
    ...when(Buffer.byteLength(nodeID) > NODE_ID_LENGTH_MAX, invalidField(`${path}.nodeID`, nodeID, tooLong)),
    ...checkNonNegative(`${path}.allocatable.count`, allocatable?.count),
    ...taken,
    ...eachItem(topologyKeys, "", (key, _, index) => [
      ...when(!key, requiredField(path, key)),
      ...when((topologyKeys ?? []).indexOf(key) < index, duplicateField(path, key)),
      ...qualifiedNameProblems(key).map((problem) => invalidField(path, key, problem)),
    ]),
  ];
}

export function validateStorageCapacity(capacity: CSIStorageCapacity, old?: CSIStorageCapacity): FieldError[] {
  const { nodeTopology, storageClassName, capacity: amount = "0" } = capacity;
  const isNegative = (readQuantity(amount)?.nanos ?? 0n) < 0n;
  return [
    ...validateMetadata(capacity, old, { name: subdomainProblems }),
    ...validateLabelSelector(nodeTopology, "nodeTopology"),
    ...subdomainProblems(storageClassName).map((problem) =>
      invalidField("storageClassName", storageClassName, problem),
    ),
    ...when(isNegative, invalidField("capacity", amount, "must be greater than or equal to 0")),
    ...(old
      ? [
          ...checkUnchanged("nodeTopology", nodeTopology, old.nodeTopology),
          ...checkUnchanged("storageClassName", storageClassName, old.storageClassName),
        ]
      : []),
  ];
}

const ATTACHMENT_METADATA_BYTES_MAX = 256 * 1024;
const ERROR_BYTES_MAX = 1024;

export function validateVolumeAttachment(attachment: VolumeAttachment, old?: VolumeAttachment): FieldError[] {
  const { spec, status } = attachment;
  const { attacher, source, nodeName } = spec;
  return [
    ...validateMetadata(attachment, old, { name: subdomainProblems, scope: "Cluster" }),
    ...when(!attacher, requiredField("spec.attacher")),
    ...validateAttachmentSource(source, "spec.source"),
    ...subdomainProblems(nodeName).map((problem) => invalidField("spec.nodeName", nodeName, problem)),
    ...validateAttachmentMetadata(status.attachmentMetadata, "status.attachmentMetadata"),
    ...validateVolumeError(status.attachError, "status.attachError"),
    ...validateVolumeError(status.detachError, "status.detachError"),
    // Attachments that are older than these rules stay as they are.
    ...(old
      ? checkUnchanged("spec", spec, old.spec)
      : [
          ...checkDriverName("spec.attacher", attacher),
          ...checkFormat("spec.source.persistentVolumeName", source.persistentVolumeName, subdomainProblems),
        ]),
  ];
}

function validateAttachmentSource(
  { inlineVolumeSpec, persistentVolumeName }: VolumeAttachmentSource,
  path: string,
): Errors {
  const one = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";
  if (!inlineVolumeSpec && persistentVolumeName === undefined) return [requiredField(path, one)];
  if (inlineVolumeSpec && persistentVolumeName !== undefined) return [forbiddenField(path, one)];
  if (inlineVolumeSpec) return validateInlineVolume(inlineVolumeSpec, `${path}.inlineVolumeSpec`);
  const empty = "must specify non empty persistentVolumeName";
  return when(!persistentVolumeName, requiredField(`${path}.persistentVolumeName`, empty));
}

function validateAttachmentMetadata(metadata: Readonly<Record<string, string>> | undefined, path: string): Errors {
  const bytes = Object.entries(metadata ?? {}).reduce((sum, pair) => sum + Buffer.byteLength(pair.join("")), 0);
  return when(bytes > ATTACHMENT_METADATA_BYTES_MAX, tooLongField(path, ATTACHMENT_METADATA_BYTES_MAX));
}

/** The limit that the message names is not the one that counts: Kubernetes has it so. */
const validateVolumeError = (error: VolumeError | undefined, path: string): Errors =>
  when(
    Buffer.byteLength(error?.message ?? "") > ERROR_BYTES_MAX,
    tooLongField(`${path}.message`, ATTACHMENT_METADATA_BYTES_MAX),
  );
