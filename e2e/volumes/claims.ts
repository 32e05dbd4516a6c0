// Makes what a pod with a claim needs, and looks at the pod.

import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { persistentVolumeClaims } from "../../api/core/persistent-volume-claim.ts";
import { persistentVolumes } from "../../api/core/persistent-volume.ts";
import type { Volume } from "../../api/core/volume.ts";
import type { PodLab } from "../pod-spec/pod-lab.ts";
import { claimCases, type ClaimCase } from "./claim-cases.ts";
import { lookAt, NODE_PLACE } from "./volume-pods.ts";

const accessModes = ["ReadWriteOnce"];
const STORAGE = { storage: "1Gi" };

export function describeClaims(lab: () => PodLab): void {
  before(() => Promise.all(claimCases.map((each, position) => make(lab(), each, `claim-${position}`))));
  after(() => Promise.all(claimCases.map((_, position) => lab().remove(`claim-${position}`))));

  for (const [position, each] of claimCases.entries()) {
    it(each.title, async () => {
      const name = `claim-${position}`;
      const { failure, check } = each;
      if (failure) await lab().event(name, "FailedMount", failure.replace("$VOLUME", name));
      else check?.(await lookAt(lab(), name));
    });
  }
}

/** The volume, its claim and the pod have the same name. */
async function make(lab: PodLab, each: ClaimCase, name: string): Promise<void> {
  const { client, nodeName } = lab;
  const { directory, isEphemeral, isReadOnly, volume, pod } = withNode(each, nodeName);
  if (directory) makeDirectory(join(NODE_PLACE, directory));
  const claim = {
    accessModes,
    storageClassName: "",
    volumeMode: volume.volumeMode ?? "Filesystem",
    volumeName: name,
    resources: { requests: STORAGE },
  };
  await client.create(persistentVolumes, {
    metadata: { name },
    spec: { capacity: STORAGE, accessModes, persistentVolumeReclaimPolicy: "Retain", ...volume },
  });
  if (!isEphemeral) {
    await client.create(persistentVolumeClaims, { metadata: { namespace: "default", name }, spec: claim });
  }
  const source: Volume = isEphemeral
    ? { name: "v", ephemeral: { volumeClaimTemplate: { spec: claim } } }
    : { name: "v", persistentVolumeClaim: { claimName: name, ...(isReadOnly && { readOnly: true }) } };
  await lab.create(name, { volumes: [source], ...pod });
}

const withNode = (each: ClaimCase, nodeName: string) =>
  JSON.parse(JSON.stringify(each).replaceAll("$NODE", nodeName)) as ClaimCase;

function makeDirectory(path: string): void {
  mkdirSync(path, { mode: 0o755 });
  writeFileSync(join(path, "file"), "content\n", { mode: 0o644 });
  chmodSync(path, 0o755);
}
