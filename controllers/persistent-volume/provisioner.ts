// Who makes the volumes of a storage class. Everybody who does runs outside of the cluster's own controllers: those of the
// provisioners that were once built into Kubernetes which live on do so as CSI drivers. Pure.

import type { StorageClass } from "../../api/storage/storage-class.ts";

const BUILT_IN = "kubernetes.io/";

const DRIVERS: Readonly<Record<string, string>> = {
  "kubernetes.io/aws-ebs": "ebs.csi.aws.com",
  "kubernetes.io/azure-disk": "disk.csi.azure.com",
  "kubernetes.io/azure-file": "file.csi.azure.com",
  "kubernetes.io/cinder": "cinder.csi.openstack.org",
  "kubernetes.io/gce-pd": "pd.csi.storage.gke.io",
  "kubernetes.io/portworx-volume": "pxd.portworx.com",
  "kubernetes.io/vsphere-volume": "csi.vsphere.vmware.com",
};

/** Kinds of volumes that Kubernetes knows, and that nothing makes. */
const UNPROVISIONABLE: ReadonlySet<string> = new Set(
  ["csi", "local-volume", "nfs"].map((kind) => `${BUILT_IN}${kind}`),
);

export interface Provisioner {
  /** What it answers to. */
  readonly name: string;
  /** Why it makes no volumes, in Kubernetes' words. */
  readonly problem?: string;
}

export function provisionerOf({ provisioner }: StorageClass): Provisioner {
  const name = DRIVERS[provisioner] ?? provisioner;
  if (!name.startsWith(BUILT_IN)) return { name };
  if (name === `${BUILT_IN}host-path`) {
    const disabled = `provisioning in volume plugin ${JSON.stringify(name)} is disabled`;
    return { name, problem: `Failed to create provisioner: ${disabled}` };
  }
  if (UNPROVISIONABLE.has(name)) return { name, problem: "no provisionable volume plugin matched" };
  return { name, problem: `no volume plugin matched name: ${name}` };
}
