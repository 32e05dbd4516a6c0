import {
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  mkdirSync,
  writeFileSync,
  existsSync,
  readlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "chai";
import type { ConfigMap } from "../../api/core/config-map.ts";
import type { Node } from "../../api/core/node.ts";
import type { Pod } from "../../api/core/pod.ts";
import type { PersistentVolumeClaim } from "../../api/core/persistent-volume-claim.ts";
import type { PersistentVolume } from "../../api/core/persistent-volume.ts";
import type { Secret } from "../../api/core/secret.ts";
import type { Volume } from "../../api/core/volume.ts";
import { notFound } from "../../api/meta/status.ts";
import type { Client } from "../../client/client.ts";
import { asStored, newNode } from "../../testing/builders.ts";
import { container, podOf } from "../../testing/pod-states.ts";
import { newClaim, newVolume, onlyOn } from "../../testing/storage-builders.ts";
import { diskFiles } from "../node-files.ts";
import { ClaimedVolumes } from "./claimed-volumes.ts";
import { volumePlugins } from "./index.ts";
import { PodVolumes } from "./pod-volumes.ts";

const { signal } = new AbortController();
const node = asStored<Node>(newNode("n1"));

describe("the volumes of a pod", () => {
  let root: string;
  let data: Record<string, string>;
  let recorded: string[];
  let volumes: PodVolumes;
  let claim: PersistentVolumeClaim;
  let disk: PersistentVolume;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "gantry-volumes-"));
    data = { wall: "red", door: "blue" };
    recorded = [];
    const annotations = { "pv.kubernetes.io/bind-completed": "yes" };
    claim = asStored(newClaim("data", { spec: { volumeName: "disk" } }), { annotations, uid: "c1" });
    disk = asStored(newVolume("disk", { spec: { claimRef: { namespace: "default", name: "data", uid: "c1" } } }));
    volumes = new PodVolumes({
      plugins: volumePlugins,
      claims: new ClaimedVolumes(storage),
      rootDirectory: root,
      files: diskFiles,
      events: { record: (...[, , reason, message]) => recorded.push(`${reason} ${message}`) },
      exec: { run: () => Promise.resolve({ code: 32, stdout: "", stderr: "not allowed", pid: 1 }) },
    });
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const storage: Pick<Client, "get"> = {
    get: (resource, { name }) => {
      const object = [claim, disk, node].find((each) => each.kind === resource.kind && each.metadata.name === name);
      if (!object) return Promise.reject(notFound(resource, name));
      return Promise.resolve(object as never);
    },
  };

  const setUp = (pod: Pod) =>
    volumes.setUp(pod, {
      facts: { podIP: undefined, hostIPs: ["192.168.0.1"], nodeName: "n1", allocatable: {} },
      configMap: (name) => (name === "colors" ? ({ data } as ConfigMap) : undefined),
      secret: (name) => (name === "keys" ? ({ data: { token: "aHVzaA==" } } as unknown as Secret) : undefined),
      token: ({ audience = "api" }) => Promise.resolve(`token for ${audience}`),
      signal,
    });
  const withVolume = (volume: Omit<Volume, "name">) =>
    podOf({ volumes: [{ name: "v", ...volume }] }, { metadata: { labels: { b: "2", a: "1" } } });
  /** The files as a container sees them. */
  const show = (pod: Pod): Record<string, string> => {
    const path = volumes.pathOf(pod, "v");
    const files = readdirSync(path).filter((name) => !name.startsWith(".."));
    return Object.fromEntries(files.map((name) => [name, readFileSync(join(path, name), "utf8")]));
  };
  const modeOf = (pod: Pod, name: string) => (statSync(join(volumes.pathOf(pod, "v"), name)).mode & 0o777).toString(8);
  const mountOf = (pod: Pod) => {
    const mount = { name: "v", mountPath: "/v" };
    const main = { name: "main", volumeMounts: [mount] };
    return volumes.mount({ pod, container: main, mount, environment: new Map(), sharesFiles: true, signal });
  };
  const failureOf = async (pod: Pod): Promise<string> => {
    const error: unknown = await setUp(pod).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    return error instanceof Error ? error.message : "";
  };

  it("shows the keys of a ConfigMap with their mode", async () => {
    const pod = withVolume({ configMap: { name: "colors", defaultMode: 0o640 } });
    await setUp(pod);
    expect(show(pod)).to.deep.equal({ wall: "red", door: "blue" });
    expect(modeOf(pod, "wall")).to.equal("640");
  });

  it("changes all files at once, and only when something has changed", async () => {
    const pod = withVolume({ configMap: { name: "colors" } });
    await setUp(pod);
    const version = () => readlinkSync(join(volumes.pathOf(pod, "v"), "..data"));
    const first = version();
    await setUp(pod);
    expect(version()).to.equal(first);
    data = { wall: "green", window: "white" };
    await setUp(pod);
    expect(version()).to.not.equal(first);
    expect(show(pod)).to.deep.equal({ wall: "green", window: "white" });
    expect(existsSync(join(volumes.pathOf(pod, "v"), first))).to.equal(false);
  });

  describe("of a claim", () => {
    const claimed = () => withVolume({ persistentVolumeClaim: { claimName: "data", readOnly: true } });
    const withSource = (source: object) => {
      disk = { ...disk, spec: { ...disk.spec, hostPath: undefined, ...source } };
    };

    it("is the directory that the claim's volume names", async () => {
      withSource({ hostPath: { path: join(root, "data") } });
      const pod = claimed();
      await setUp(pod);
      expect(volumes.pathOf(pod, "v")).to.equal(join(root, "data"));
      expect(existsSync(join(root, "data"))).to.equal(true);
      expect(await mountOf(pod)).to.deep.equal({
        hostPath: join(root, "data"),
        containerPath: "/v",
        readOnly: true,
      });
    });

    it("is a local directory, which has to be there, and stays when the pod goes", async () => {
      withSource({ local: { path: join(root, "local") } });
      const pod = claimed();
      expect(await failureOf(pod)).to.include(`${join(root, "local")} is not a directory`);
      mkdirSync(join(root, "local"));
      writeFileSync(join(root, "local", "kept"), "");
      await setUp(pod);
      expect(volumes.pathOf(pod, "v")).to.equal(join(root, "local"));
      await volumes.tearDown(pod.metadata.uid, signal);
      expect(existsSync(join(root, "local", "kept"))).to.equal(true);
    });

    const unprocessed = (message: string) =>
      "Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[v]: " +
      `error processing PVC default/data: ${message}`;
    const mounts = { containers: [container("main", { volumeMounts: [{ name: "v", mountPath: "/v" }] })] };
    const failing: [string, string, () => void][] = [
      [
        "is missing",
        unprocessed('failed to fetch PVC from API server: persistentvolumeclaims "data" not found'),
        () => (claim = asStored(newClaim("other"))),
      ],
      ["is not bound", unprocessed("PVC is not bound"), () => (claim = asStored(newClaim("data")))],
      [
        "has lost its volume",
        unprocessed('failed to fetch PV "disk" from API server: persistentvolumes "disk" not found'),
        () => (disk = asStored(newVolume("other"))),
      ],
      [
        "is not the volume's",
        unprocessed('PV "disk" is bound to another claim'),
        () => withSource({ claimRef: { uid: "c2" } }),
      ],
      [
        "is being deleted",
        unprocessed("can't start pod because PVC default/data is being deleted"),
        () => (claim = asStored(claim, { deletionTimestamp: "2026-01-01T00:00:00Z" })),
      ],
      [
        "has a volume on a server that cannot be mounted",
        'MountVolume.SetUp failed for volume "disk" : mount failed: exit status 32\nMounting command: mount\n' +
          "Mounting arguments: -t nfs -o ro,soft fs:/exports ",
        () => withSource({ nfs: { server: "fs", path: "/exports" }, mountOptions: ["soft"] }),
      ],
      [
        "has a driver's volume",
        unprocessed("volumes of the type csi are not supported by this kubelet"),
        () => withSource({ csi: { driver: "d", volumeHandle: "h" } }),
      ],
      [
        "is a raw device",
        unprocessed("volume v has volumeMode Block, but is specified in volumeMounts"),
        () => withSource({ volumeMode: "Block", local: { path: "/dev/x" } }),
      ],
      [
        "has a volume of another node",
        'MountVolume.NodeAffinity check failed for volume "disk" : no matching NodeSelectorTerms',
        () => withSource({ local: { path: root }, nodeAffinity: onlyOn("n2") }),
      ],
    ];
    for (const [title, message, change] of failing) {
      it(`says so when the claim ${title}`, async () => {
        change();
        const pod = podOf({ ...claimed().spec, ...mounts });
        expect(await failureOf(pod)).to.include(message);
        expect(recorded[0]).to.include(`FailedMount ${message}`);
      });
    }

    it("is of this node where its affinity says so", async () => {
      withSource({ local: { path: root }, nodeAffinity: onlyOn("n1") });
      await setUp(claimed());
      expect(volumes.pathOf(claimed(), "v")).to.equal(root);
    });
  });

  it("can only be read where the kubelet is the one who writes", async () => {
    const source = { sources: [{ configMap: { name: "colors" } }] };
    for (const [volume, readOnly] of [
      [{ configMap: { name: "colors" } }, true],
      [{ secret: { secretName: "keys" } }, true],
      [{ downwardAPI: { items: [] } }, true],
      [{ projected: source }, true],
      [{ emptyDir: {} }, undefined],
    ] as const) {
      expect((await mountOf(withVolume(volume))).readOnly).to.equal(readOnly);
    }
  });

  it("has places for what a container mounts inside of it", async () => {
    const mounts = [
      { name: "v", mountPath: "/etc/config" },
      { name: "w", mountPath: "/etc/config/more/deep/" },
    ];
    const spec = { containers: [container("main", { volumeMounts: mounts })] };
    const pod = podOf({ ...spec, volumes: [{ name: "v", configMap: { name: "colors" } }] });
    await setUp(pod);
    data = { wall: "green" };
    await setUp(pod);
    expect(statSync(join(volumes.pathOf(pod, "v"), "more/deep")).isDirectory()).to.equal(true);
  });

  it("is written to a place of the kubelet's own even where something has been put in the way", async () => {
    const pod = withVolume({ configMap: { name: "colors" } });
    await setUp(pod);
    const path = volumes.pathOf(pod, "v");
    const kept = join(root, "kept");
    mkdirSync(kept);
    writeFileSync(join(kept, "file"), "");
    rmSync(join(path, "..data"));
    symlinkSync(kept, join(path, "..data"));
    await setUp(pod);
    expect(show(pod)).to.deep.equal({ wall: "red", door: "blue" });
    expect(readdirSync(kept)).to.deep.equal(["file"]);
    expect(readdirSync(path).filter((name) => name.startsWith("..version"))).to.have.length(1);
  });

  it("shows chosen keys under paths of their own", async () => {
    const items = [{ key: "wall", path: "deep/paint", mode: 0o600 }];
    const pod = withVolume({ configMap: { name: "colors", items } });
    await setUp(pod);
    expect(readFileSync(join(volumes.pathOf(pod, "v"), "deep/paint"), "utf8")).to.equal("red");
    expect(modeOf(pod, "deep/paint")).to.equal("600");
  });

  it("shows Secrets, the downward API, and all of them together", async () => {
    const secret = withVolume({ secret: { secretName: "keys" } });
    await setUp(secret);
    expect(show(secret)).to.deep.equal({ token: "hush" });
    const items = [{ path: "labels", fieldRef: { fieldPath: "metadata.labels" } }];
    const all = withVolume({
      projected: {
        sources: [{ configMap: { name: "colors" } }, { secret: { name: "keys" } }, { downwardAPI: { items } }],
      },
    });
    await setUp(all);
    expect(show(all)).to.deep.equal({ wall: "red", door: "blue", token: "hush", labels: 'a="1"\nb="2"' });
  });

  it("shows a token, which only its reader may read where it is known who that is", async () => {
    const sources = [
      { serviceAccountToken: { path: "token" } },
      { serviceAccountToken: { path: "vault", audience: "vault" } },
    ];
    const pod = withVolume({ projected: { sources } });
    await setUp(pod);
    expect(show(pod)).to.deep.equal({ token: "token for api", vault: "token for vault" });
    expect(modeOf(pod, "token")).to.equal("644");
    const [runAsUser, fsGroup] = [process.getuid?.(), process.getgid?.()];
    for (const [securityContext, mode] of [
      [{ runAsUser }, "600"],
      [{ fsGroup }, "640"],
    ] as const) {
      const known = podOf({ ...pod.spec, securityContext });
      await setUp(known);
      expect(modeOf(known, "token")).to.equal(mode);
    }
  });

  it("leaves an optional source that is missing empty", async () => {
    const pod = withVolume({ configMap: { name: "no", optional: true } });
    await setUp(pod);
    expect(show(pod)).to.deep.equal({});
  });

  it("makes an empty directory that everybody may write to and that keeps its files", async () => {
    const pod = withVolume({ emptyDir: {} });
    await setUp(pod);
    writeFileSync(join(volumes.pathOf(pod, "v"), "kept"), "x");
    await setUp(pod);
    expect(show(pod)).to.deep.equal({ kept: "x" });
    expect(modeOf(pod, ".")).to.equal("777");
  });

  it("checks the type of a path of the node, and makes it only where it may", async () => {
    const path = join(root, "host");
    expect(await failureOf(withVolume({ hostPath: { path, type: "Directory" } }))).to.contain("is not a directory");
    await setUp(withVolume({ hostPath: { path, type: "DirectoryOrCreate" } }));
    expect(statSync(path).isDirectory()).to.equal(true);
    expect(await failureOf(withVolume({ hostPath: { path, type: "File" } }))).to.contain("is not a file");
  });

  for (const [volume, message] of [
    [{ configMap: { name: "no" } }, 'MountVolume.SetUp failed for volume "v" : configmap "no" not found'],
    [{ secret: { secretName: "no" } }, 'MountVolume.SetUp failed for volume "v" : secret "no" not found'],
    [
      { configMap: { name: "colors", items: [{ key: "no", path: "x" }] } },
      'MountVolume.SetUp failed for volume "v" : configmap references non-existent config key: no',
    ],
    [
      { configMap: { name: "colors", items: [{ key: "wall", path: "../out" }] } },
      `MountVolume.SetUp failed for volume "v" : invalid path "../out": it must stay below the volume's directory`,
    ],
    [
      { secret: { secretName: "keys", items: [{ key: "no", path: "x" }] } },
      'MountVolume.SetUp failed for volume "v" : references non-existent secret key: no',
    ],
    [
      { projected: { sources: [{ configMap: { name: "no" } }, { secret: { name: "no" } }] } },
      'MountVolume.SetUp failed for volume "v" : [configmap "no" not found, secret "no" not found]',
    ],
    [
      { iscsi: { targetPortal: "s", iqn: "i", lun: 0 } },
      'MountVolume.SetUp failed for volume "v" : volumes of the type iscsi are not supported by this kubelet',
    ],
    [
      { emptyDir: { medium: "Memory" } },
      'MountVolume.SetUp failed for volume "v" : a volume in memory needs the right to mount, which this kubelet does not have',
    ],
  ] as const) {
    it(`refuses with an event: ${message}`, async () => {
      expect(await failureOf(withVolume(volume))).to.equal(message);
      expect(recorded).to.deep.equal([`FailedMount ${message}`]);
    });
  }

  it("removes everything of a pod, and nothing that links in it lead to", async () => {
    const pod = withVolume({ emptyDir: {} });
    await setUp(pod);
    const outside = join(root, "outside");
    mkdirSync(outside);
    writeFileSync(join(outside, "kept"), "");
    symlinkSync(outside, join(volumes.pathOf(pod, "v"), "link"));
    await volumes.tearDown(pod.metadata.uid, signal);
    await volumes.tearDown(pod.metadata.uid, signal);
    expect(readdirSync(join(root, "pods"))).to.deep.equal([]);
    expect(readdirSync(outside)).to.deep.equal(["kept"]);
  });
});
