// Volumes behind claims: persistent volumes that an administrator has made.

import { expect } from "chai";
import type { PersistentVolumeSpec } from "../../api/core/persistent-volume.ts";
import type { PodSpec } from "../../api/core/pod.ts";
import type { SeenPod } from "../pod-spec/pod-case.ts";
import { telling } from "../pod-spec/pod-case.ts";
import { AT_V, NODE_PLACE } from "./volume-pods.ts";

export interface ClaimCase {
  readonly title: string;
  /** Besides capacity and access modes; `$NODE` is the node's name. */
  readonly volume: Partial<PersistentVolumeSpec>;
  /** Below NODE_PLACE; made, with a file in it, before the pod. */
  readonly directory?: string;
  /** The pod claims the volume by itself. */
  readonly isEphemeral?: boolean;
  readonly isReadOnly?: boolean;
  readonly pod: Partial<PodSpec>;
  /** The words of a FailedMount event, where the pod must not start. */
  readonly failure?: string;
  check?(seen: SeenPod): void;
}

const tells = (script: string, more: Partial<PodSpec> = {}): Partial<PodSpec> => ({
  restartPolicy: "Never",
  containers: [telling(script, { volumeMounts: [AT_V] })],
  ...more,
});
const says = (text: string) => (seen: SeenPod) => void expect(seen.said()).to.equal(text);

const onNode = (name: string): Partial<PersistentVolumeSpec> => ({
  nodeAffinity: {
    required: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: "kubernetes.io/hostname", operator: "In", values: [name] }] }],
    },
  },
});
const local = (directory: string) => ({ local: { path: `${NODE_PLACE}/${directory}` } });
const GROUPED = { runAsUser: 1000, fsGroup: 4321 };
const RIGHTS = 'stat -c "%a %g" /v /v/file; touch /v/new && stat -c %g /v/new';

export const claimCases: readonly ClaimCase[] = [
  {
    title: "may be a directory of the node, which keeps its mode and owner whatever group the pod has",
    directory: "pv-host",
    volume: { hostPath: { path: `${NODE_PLACE}/pv-host`, type: "Directory" } },
    pod: tells('cat /v/file; stat -c "%a %g" /v', { securityContext: { fsGroup: 4321 } }),
    check: says("content\n755 0\n"),
  },
  {
    title: "may be a local directory, which the pod's group gets with all that is in it",
    directory: "pv-local",
    volume: { ...local("pv-local"), ...onNode("$NODE") },
    pod: tells(RIGHTS, { securityContext: GROUPED }),
    check: says("2775 4321\n664 4321\n4321\n"),
  },
  {
    title: "is given to the group where its root is not the group's",
    directory: "pv-mismatch",
    volume: { ...local("pv-mismatch"), ...onNode("$NODE") },
    pod: tells(RIGHTS, { securityContext: { ...GROUPED, fsGroupChangePolicy: "OnRootMismatch" } }),
    check: says("2775 4321\n664 4321\n4321\n"),
  },
  {
    title: "can only be read where the claim is used so",
    directory: "pv-read",
    volume: { ...local("pv-read"), ...onNode("$NODE") },
    isReadOnly: true,
    pod: tells("cat /v/file; touch /v/new || true"),
    check: (seen) => {
      expect(seen.said()).to.match(/^content\n/);
      expect(seen.said()).to.contain("Read-only file system");
    },
  },
  {
    title: "may be claimed by the pod itself",
    directory: "pv-ephemeral",
    volume: { hostPath: { path: `${NODE_PLACE}/pv-ephemeral` } },
    isEphemeral: true,
    pod: tells("cat /v/file"),
    check: says("content\n"),
  },
  {
    title: "says what mount said of a server's directory, with the options it was told",
    volume: { nfs: { server: "127.0.0.1", path: "/exports" }, mountOptions: ["nfsvers=4.1", "soft"] },
    pod: tells("true"),
    failure:
      'MountVolume.SetUp failed for volume "$VOLUME" : mount failed: exit status 32\nMounting command: mount\n' +
      "Mounting arguments: -t nfs -o nfsvers=4.1,soft 127.0.0.1:/exports ",
  },
  {
    title: "says that a local directory is not there",
    volume: { ...local("nowhere"), ...onNode("$NODE") },
    pod: tells("true"),
    failure:
      'MountVolume.SetUp failed for volume "$VOLUME" : hostPath type check failed: ' +
      `${NODE_PLACE}/nowhere is not a directory`,
  },
  {
    title: "says that a volume is of another node, to a pod that no scheduler has placed",
    directory: "pv-elsewhere",
    volume: { ...local("pv-elsewhere"), ...onNode("elsewhere") },
    pod: tells("true", { nodeName: "$NODE" }),
    failure: 'MountVolume.NodeAffinity check failed for volume "$VOLUME" : no matching NodeSelectorTerms',
  },
  {
    title: "says that a raw device cannot be mounted as files",
    directory: "pv-block",
    volume: { ...local("pv-block"), ...onNode("$NODE"), volumeMode: "Block" },
    pod: tells("true"),
    failure: "volume v has volumeMode Block, but is specified in volumeMounts",
  },
  {
    title: "says that a raw device cannot be given to a container",
    directory: "pv-device",
    volume: { ...local("pv-device"), ...onNode("$NODE"), volumeMode: "Block" },
    pod: tells("true", { containers: [telling("true", { volumeDevices: [{ name: "v", devicePath: "/dev/v" }] })] }),
    failure: "volume v is a raw device, which this kubelet does not support",
  },
];
