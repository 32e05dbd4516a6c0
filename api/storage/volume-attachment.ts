// VolumeAttachment: a wish to attach a volume to a node. Its rules are in validate-csi.ts.

import { validateVolumeAttachment } from "./validate-csi.ts";
import { persistentVolumeSpec } from "../core/persistent-volume.ts";
import { kubeObject } from "../meta/object.ts";
import { ageColumn, column, nameColumn } from "../meta/standard-columns.ts";
import { keepSpecAndMetadata } from "../meta/status-write.ts";
import type { ResourceDefinition } from "../resource.ts";
import {
  type Infer,
  boolean,
  completed,
  map,
  object,
  optional,
  present,
  presentRequired,
  required,
  string,
  time,
} from "../schema/schema.ts";

export const volumeAttachmentSource = object(
  "io.k8s.api.storage.v1.VolumeAttachmentSource",
  "The volume that is attached. Exactly one of the fields is set.",
  {
    persistentVolumeName: optional(1, string(), "The name of the persistent volume."),
    inlineVolumeSpec: optional(
      2,
      persistentVolumeSpec,
      "What the volume is, where it has no object of its own. Only for volumes that CSI took over.",
    ),
  },
);
export interface VolumeAttachmentSource extends Infer<typeof volumeAttachmentSource> {}

export const volumeAttachmentSpec = completed(
  object("io.k8s.api.storage.v1.VolumeAttachmentSpec", "Which volume is to be attached to which node.", {
    attacher: required(1, string(), "The CSI driver that has to do it."),
    source: presentRequired(2, volumeAttachmentSource, "The volume."),
    nodeName: required(3, string(), "The node."),
  }),
  (draft) => {
    draft.attacher ??= "";
    draft.nodeName ??= "";
  },
);
export interface VolumeAttachmentSpec extends Infer<typeof volumeAttachmentSpec> {}

export const volumeError = object("io.k8s.api.storage.v1.VolumeError", "What went wrong with a volume.", {
  time: optional(1, time(), "When it went wrong."),
  message: optional(2, string(), "What went wrong. It may be logged, so it must not contain secrets."),
});
export interface VolumeError extends Infer<typeof volumeError> {}

export const volumeAttachmentStatus = object(
  "io.k8s.api.storage.v1.VolumeAttachmentStatus",
  "How far an attachment has come. The driver's attacher fills it in.",
  {
    attached: required(1, boolean(), "Whether the volume is attached."),
    attachmentMetadata: optional(2, map(string()), "What the node needs to know in order to mount the volume."),
    attachError: optional(3, volumeError, "The last error in attaching the volume."),
    detachError: optional(4, volumeError, "The last error in detaching the volume."),
  },
);
export interface VolumeAttachmentStatus extends Infer<typeof volumeAttachmentStatus> {}

export const volumeAttachment = kubeObject(
  "io.k8s.api.storage.v1.VolumeAttachment",
  "A wish to attach a volume to a node, or to keep it there. Deleting the object asks to detach it.",
  {
    spec: presentRequired(2, volumeAttachmentSpec, "Which volume and which node. It cannot be changed."),
    status: present(3, volumeAttachmentStatus, "How far it has come."),
  },
);
export interface VolumeAttachment extends Infer<typeof volumeAttachment> {}

export const volumeAttachments: ResourceDefinition<VolumeAttachment> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
  scope: "Cluster",
  schema: volumeAttachment,
  subresources: ["status"],
  validate: validateVolumeAttachment,
  columns: [
    nameColumn,
    column("Attacher", { format: "name", description: "The CSI driver that attaches." }, ({ spec }) => spec.attacher),
    column("PV", { description: "The volume." }, ({ spec }) => spec.source.persistentVolumeName ?? ""),
    column("Node", { description: "The node." }, ({ spec }) => spec.nodeName),
    column(
      "Attached",
      { type: "boolean", description: "Whether the volume is attached." },
      ({ status }) => status.attached,
    ),
    ageColumn,
  ],
  prepare: (attachment, old) => ({ ...attachment, status: old?.status ?? { attached: false } }),
  prepareStatus: keepSpecAndMetadata,
};
