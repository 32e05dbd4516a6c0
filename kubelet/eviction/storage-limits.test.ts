import { expect } from "chai";
import type { Container } from "../../api/core/container.ts";
import type { Volume } from "../../api/core/volume.ts";
import { container, podOf } from "../../testing/pod-states.ts";
import { parseSizes } from "./disk-meter.ts";
import { hasStorageLimit, judgeStorage } from "./storage-limits.ts";

const MIB = 2 ** 20;

const limited = (name: string, limit: string, more: Partial<Container> = {}) =>
  container(name, { resources: { limits: { "ephemeral-storage": limit } }, ...more });
const emptyDir = (name: string, source: NonNullable<Volume["emptyDir"]>): Volume => ({ name, emptyDir: source });

interface Case {
  readonly title: string;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly Volume[];
  readonly used?: Readonly<Record<string, number>>;
  readonly written?: Readonly<Record<string, number>>;
  readonly given?: number;
  readonly message: string | undefined;
}

const cases: readonly Case[] = [
  {
    title: "keeps a pod whose volume is just full",
    volumes: [emptyDir("data", { sizeLimit: "10Mi" })],
    used: { data: 10 * MIB },
    message: undefined,
  },
  {
    title: "gives up one with a byte more",
    volumes: [emptyDir("data", { sizeLimit: "10Mi" })],
    used: { data: 10 * MIB + 1 },
    message: 'Usage of EmptyDir volume "data" exceeds the limit "10Mi". ',
  },
  {
    title: "takes a limit of 0 for none",
    volumes: [emptyDir("data", { sizeLimit: "0" })],
    used: { data: MIB },
    message: undefined,
  },
  {
    title: "does not judge what could not be measured",
    volumes: [emptyDir("data", { sizeLimit: "1Mi" })],
    message: undefined,
  },
  {
    title: "adds up what all containers and volumes hold",
    containers: [limited("main", "10Mi"), limited("side", "5Mi")],
    volumes: [emptyDir("data", {})],
    used: { data: 8 * MIB },
    written: { main: 4 * MIB, side: 4 * MIB },
    message: "Pod ephemeral local storage usage exceeds the total limit of containers 15Mi. ",
  },
  {
    title: "counts the files that the kubelet gave the pod, which no container's limit covers",
    containers: [limited("main", "10Mi")],
    written: { main: 4 * MIB },
    given: 7 * MIB,
    message: "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. ",
  },
  {
    title: "leaves volumes in memory out of that",
    containers: [limited("main", "10Mi")],
    volumes: [emptyDir("data", { medium: "Memory" })],
    used: { data: 80 * MIB },
    message: undefined,
  },
  {
    title: "counts sidecars with the containers, and other init containers by themselves",
    containers: [limited("main", "10Mi")],
    initContainers: [limited("proxy", "4Mi", { restartPolicy: "Always" }), limited("first", "12Mi")],
    written: { main: 17 * MIB },
    message: "Pod ephemeral local storage usage exceeds the total limit of containers 16Mi. ",
  },
  {
    title: "holds each container to its own limit",
    containers: [limited("main", "10Mi"), limited("side", "1Mi")],
    written: { main: MIB, side: 2 * MIB },
    message: 'Container side exceeded its local ephemeral storage limit "1Mi". ',
  },
];

describe("a pod's limits on disk", () => {
  for (const { title, used = {}, written = {}, given = 0, message, ...spec } of cases) {
    it(title, () => {
      const pod = podOf({ containers: [container("main")], ...spec });
      const usage = { volumes: new Map(Object.entries(used)), given, containers: new Map(Object.entries(written)) };
      expect(hasStorageLimit(pod)).to.equal(title !== "takes a limit of 0 for none");
      expect(judgeStorage(pod, usage)).to.deep.equal(
        message === undefined ? undefined : { message, graceSeconds: 1, isDisruption: false },
      );
    });
  }

  it("are nothing to measure for most pods", () => {
    const volumes = [emptyDir("data", {})];
    expect(hasStorageLimit(podOf({ containers: [container("main")], volumes }))).to.equal(false);
  });

  it("are compared with what du says, which tells of failures elsewhere", () => {
    const sizes = parseSizes("4096\t/a b\ndu: cannot access '/c'\n12\t/d\n");
    expect([...sizes]).to.deep.equal([
      ["/a b", 4096],
      ["/d", 12],
    ]);
  });
});
