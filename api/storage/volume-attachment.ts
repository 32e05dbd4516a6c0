// HEADER: say what VolumeAttachment is and what it must never do.

import { persistentVolumeSpec } from "../core/persistent-volume.ts";
import { kubeObject } from "../meta/object.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { subdomainProblems } from "../meta/names.ts";
import { ageColumn, nameColumn } from "../meta/standard-columns.ts";
import type { ResourceDefinition } from "../resource.ts";
import { type Infer, boolean, map, object, optional, present, required, string, time } from "../schema/schema.ts";

export const volumeAttachmentSource = object("io.k8s.api.storage.v1.VolumeAttachmentSource", "", {
  persistentVolumeName: optional(1, string(), ""),
  inlineVolumeSpec: optional(2, persistentVolumeSpec, ""),
});
export interface VolumeAttachmentSource extends Infer<typeof volumeAttachmentSource> {}

export const volumeAttachmentSpec = object("io.k8s.api.storage.v1.VolumeAttachmentSpec", "", {
  attacher: required(1, string(), ""),
  source: required(2, volumeAttachmentSource, ""),
  nodeName: required(3, string(), ""),
});
export interface VolumeAttachmentSpec extends Infer<typeof volumeAttachmentSpec> {}

export const volumeError = object("io.k8s.api.storage.v1.VolumeError", "", {
  time: optional(1, time(), ""),
  message: optional(2, string(), ""),
});
export interface VolumeError extends Infer<typeof volumeError> {}

export const volumeAttachmentStatus = object("io.k8s.api.storage.v1.VolumeAttachmentStatus", "", {
  attached: required(1, boolean(), ""),
  attachmentMetadata: optional(2, map(string()), ""),
  attachError: optional(3, volumeError, ""),
  detachError: optional(4, volumeError, ""),
});
export interface VolumeAttachmentStatus extends Infer<typeof volumeAttachmentStatus> {}

export const volumeAttachment = kubeObject("io.k8s.api.storage.v1.VolumeAttachment", "", {
  spec: required(2, volumeAttachmentSpec, ""),
  status: present(3, volumeAttachmentStatus, ""),
});
export interface VolumeAttachment extends Infer<typeof volumeAttachment> {}

export const volumeAttachments: ResourceDefinition<VolumeAttachment> = {
  group: "storage.k8s.io",
  version: "v1",
  kind: "VolumeAttachment",
  plural: "volumeattachments",
  scope: "Cluster",
  schema: volumeAttachment,
  subresources: ["status"],
  validate: (object, old) => [...validateMetadata(object, old, { name: subdomainProblems })],
  columns: [nameColumn, ageColumn],
};
