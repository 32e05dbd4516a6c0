// Volumes that show objects of the API: ConfigMaps, Secrets, the pod's own fields, tokens, and several of them together.

import { expect } from "chai";
import { telling, type PodCase } from "../pod-spec/pod-case.ts";
import { AT_V, fails, looksInto } from "./volume-pods.ts";

const LIST = 'for f in $(find /v -type f | sort); do echo "${f##*/} $(stat -c %a $f) $(cat $f)"; done';

export const objectCases: readonly PodCase[] = [
  {
    title:
      "shows the keys of a ConfigMap, text and binary, as links to files of a directory that is swapped as a whole",
    sees: [],
    spec: looksInto(
      { configMap: { name: "colors" } },
      'echo "$(busybox readlink /v/wall) $(stat -Lc %a /v/wall) $(cat /v/wall) $(busybox od -An -tx1 /v/raw)"; touch /v/new || true',
    ),
    check: ({ said }) => {
      expect(said()).to.match(/^\.\.data\/wall 644 red +00 ff 10\n/);
      expect(said()).to.contain("Read-only file system");
    },
  },
  {
    title: "shows chosen keys under paths and modes of their own, the others under the default mode",
    sees: [],
    spec: looksInto(
      {
        configMap: {
          name: "colors",
          defaultMode: 0o640,
          items: [
            { key: "wall", path: "deep/er/paint", mode: 0o400 },
            { key: "door", path: "door" },
          ],
        },
      },
      LIST,
    ),
    check: ({ said }) => expect(said()).to.equal("paint 400 red\ndoor 640 blue\n"),
  },
  {
    title: "shows a Secret from memory, to the pod's group as well",
    sees: [],
    spec: looksInto(
      { secret: { secretName: "hidden", defaultMode: 0o400 } },
      `cat /v/wall; echo; stat -Lc "%a %g" /v/wall; awk '$2 == "/v" { print $3 }' /proc/mounts`,
      { securityContext: { runAsUser: 1000, fsGroup: 4321 } },
    ),
    check: ({ said }) => expect(said()).to.equal("black\n440 4321\ntmpfs\n"),
  },
  {
    title: "shows the pod's own fields and resources",
    sees: [],
    labels: { tier: "web" },
    annotations: { note: 'a "b"' },
    spec: looksInto(
      {
        downwardAPI: {
          items: [
            { path: "name", fieldRef: { fieldPath: "metadata.namespace" } },
            { path: "labels", fieldRef: { fieldPath: "metadata.labels" } },
            { path: "note", fieldRef: { fieldPath: "metadata.annotations['note']" } },
            {
              path: "cpu",
              mode: 0o600,
              resourceFieldRef: { containerName: "main", resource: "limits.cpu", divisor: "1m" },
            },
          ],
        },
      },
      "",
      { containers: [telling(LIST, { volumeMounts: [AT_V], resources: { limits: { cpu: "250m" } } })] },
    ),
    check: ({ said }) =>
      expect(said()).to.equal('cpu 600 250\nlabels 644 tier="web"\nname 644 default\nnote 644 a "b"\n'),
  },
  {
    title: "shows several of them together, with a token for the audience and the time asked for",
    sees: [],
    spec: looksInto(
      {
        projected: {
          defaultMode: 0o444,
          sources: [
            { configMap: { name: "colors", items: [{ key: "door", path: "a/door" }] } },
            { secret: { name: "hidden" } },
            { secret: { name: "nowhere", optional: true } },
            { downwardAPI: { items: [{ path: "ns", fieldRef: { fieldPath: "metadata.namespace" } }] } },
            { serviceAccountToken: { path: "token", audience: "vault", expirationSeconds: 700 } },
          ],
        },
      },
      "cat /v/a/door /v/wall /v/ns; echo; cut -d. -f2 /v/token",
    ),
    check: ({ said }) => {
      const [content, token = ""] = said().split("\n");
      expect(content).to.equal("blueblackdefault");
      const claims = JSON.parse(Buffer.from(token, "base64url").toString()) as Record<string, unknown>;
      expect(claims).to.deep.include({ aud: ["vault"], sub: "system:serviceaccount:default:default" });
      expect(Number(claims["exp"]) - Number(claims["iat"])).to.equal(700);
    },
  },
  {
    title: "leaves out what is optional and missing",
    sees: [],
    spec: looksInto(
      {
        configMap: {
          name: "colors",
          optional: true,
          items: [
            { key: "wall", path: "wall" },
            { key: "no", path: "no" },
          ],
        },
      },
      LIST,
    ),
    check: ({ said }) => expect(said()).to.equal("wall 644 red\n"),
  },
  {
    title: "has room for what else a container mounts inside of it",
    sees: [],
    spec: looksInto({ configMap: { name: "colors" } }, "", {
      volumes: [
        { name: "v", configMap: { name: "colors" } },
        { name: "w", secret: { secretName: "hidden" } },
      ],
      containers: [
        telling("cat /v/door /v/more/secret/wall", {
          volumeMounts: [AT_V, { name: "w", mountPath: "/v/more/secret" }],
        }),
      ],
    }),
    check: ({ said }) => expect(said()).to.equal("blueblack"),
  },
];

const FAILED = 'MountVolume.SetUp failed for volume "v" : ';

export const failureCases: readonly PodCase[] = [
  fails("no ConfigMap", { configMap: { name: "nowhere" } }, `${FAILED}configmap "nowhere" not found`),
  fails("no Secret", { secret: { secretName: "nowhere" } }, `${FAILED}secret "nowhere" not found`),
  fails(
    "a ConfigMap without the key",
    { configMap: { name: "colors", items: [{ key: "no", path: "no" }] } },
    `${FAILED}configmap references non-existent config key: no`,
  ),
  fails(
    "a Secret without the key",
    { projected: { sources: [{ secret: { name: "hidden", items: [{ key: "no", path: "no" }] } }] } },
    `${FAILED}references non-existent secret key: no`,
  ),
  fails(
    "a bundle of certificates, which is off by default",
    { projected: { sources: [{ clusterTrustBundle: { name: "x", path: "ca" } }] } },
    `${FAILED}projected volumes from clusterTrustBundle are not supported by this kubelet`,
  ),
  fails(
    "an NFS server that cannot be mounted",
    { nfs: { server: "127.0.0.1", path: "/exports" } },
    `${FAILED}mount failed: exit status 32\nMounting command: mount\nMounting arguments: -t nfs 127.0.0.1:/exports `,
  ),
  ...Object.entries({
    awsElasticBlockStore: { volumeID: "x" },
    azureDisk: { diskName: "x", diskURI: "x" },
    azureFile: { secretName: "x", shareName: "x" },
    cephfs: { monitors: ["x"] },
    cinder: { volumeID: "x" },
    csi: { driver: "x" },
    fc: { targetWWNs: ["x"], lun: 0 },
    flexVolume: { driver: "x/y" },
    flocker: { datasetName: "x" },
    gcePersistentDisk: { pdName: "x" },
    gitRepo: { repository: "x" },
    glusterfs: { endpoints: "x", path: "x" },
    iscsi: { targetPortal: "127.0.0.1", iqn: "iqn.2020-01.x:y", lun: 0 },
    portworxVolume: { volumeID: "x" },
    quobyte: { registry: "x:1", volume: "x" },
    rbd: { monitors: ["x"], image: "x" },
    scaleIO: { gateway: "x", system: "x", secretRef: { name: "x" }, volumeName: "x" },
    storageos: { volumeName: "x" },
    vsphereVolume: { volumePath: "x" },
  }).map(([type, source]) =>
    fails(
      `a volume of the type ${type}`,
      { [type]: source },
      `${FAILED}volumes of the type ${type} are not supported by this kubelet`,
    ),
  ),
];
