import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { FakeClock } from "../../testing/fake-clock.ts";
import { container, podOf, running, runtimeOf } from "../../testing/pod-states.ts";
import type { RuntimeImage } from "../runtimes/image-store.ts";
import { RuntimeError } from "../runtimes/runtime-error.ts";
import type { RuntimePod } from "../runtimes/runtime.ts";
import { ImageCollector } from "./image-collector.ts";
import { DEFAULT_IMAGES } from "./plan-collection.ts";
import { PulledImages } from "./pulled-images.ts";

const { signal } = new AbortController();
const MINUTE = 60_000;

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined, debug: () => undefined };

function startNode() {
  const clock = new FakeClock();
  const disk = new Map<string, string>();
  const files = {
    readStart: (path: string) => Promise.resolve(Buffer.from(disk.get(path) ?? "")),
    write: (path: string, text: string) => Promise.resolve(void disk.set(path, text)),
  };
  const openPulled = () => new PulledImages({ rootDirectory: "/node", files });
  const pulled = openPulled();
  const node = {
    clock,
    pulled,
    openPulled,
    present: [] as RuntimeImage[],
    blocked: "",
    removed: [] as string[],
    events: [] as string[],
    available: 500,
    pods: [] as Pod[],
    runtimePods: [] as RuntimePod[],
    async pull(name: string, id = `id-${name}`) {
      const before = node.present.find(({ names }) => names.includes(name))?.id;
      node.present = [...node.present.filter((each) => each.id !== id), { id, names: [name], sizeBytes: 60 }];
      await pulled.note(name, { id, before });
    },
  };
  const log = { ...silent, with: () => log };
  const collector = new ImageCollector({
    images: {
      list: () => Promise.resolve(node.present),
      remove: (name) => {
        if (name === node.blocked) return Promise.reject(new RuntimeError("InUse", "a container uses it"));
        node.removed.push(name);
        node.present = node.present.filter(({ names }) => !names.includes(name));
        return Promise.resolve();
      },
    },
    pulled,
    snapshot: {
      get pods() {
        return node.runtimePods;
      },
    },
    pods: () => node.pods,
    collection: {
      settings: DEFAULT_IMAGES,
      room: () => Promise.resolve({ available: node.available, capacity: 1000 }),
    },
    events: { record: (...[, , reason, message]) => node.events.push(`${reason} ${message}`) },
    nodeName: "n1",
    clock,
    log,
  });
  void collector.run(signal);
  return { node, collector };
}

/** Two rounds: the first one sees the images, the second may remove them. */
const settle = async (clock: FakeClock) => {
  for (let round = 0; round < 2; round++) {
    await clock.advance(5 * MINUTE);
    await clock.advance(0);
  }
};

describe("the removal of images", () => {
  it("takes those that this kubelet has pulled and nothing uses, until there is room", async () => {
    const { node } = startNode();
    node.present = [{ id: "id-own", names: ["own:1"], sizeBytes: 500 }];
    for (const name of ["a:1", "b:1", "used:1", "wanted:1"]) await node.pull(name);
    node.runtimePods = [runtimeOf([running("main", { image: "used:1", imageId: "id-used:1" })])];
    node.pods = [podOf({ containers: [container("main", { image: "wanted:1" })] })];
    node.available = 100;
    await settle(node.clock);
    expect(node.removed).to.deep.equal(["a:1", "b:1"]);
    expect(node.present.map(({ names }) => names[0])).to.deep.equal(["own:1", "used:1", "wanted:1"]);
  });

  it("leaves a name that somebody had already, even where a pod made the kubelet pull it again", async () => {
    const { node, collector } = startNode();
    node.present = [{ id: "id-old", names: ["app:latest"], sizeBytes: 60 }];
    await node.pull("app:latest", "id-new");
    await settle(node.clock);
    await collector.removeUnused(signal);
    expect(node.removed).to.deep.equal([]);
  });

  it("leaves a name that somebody has given to another image since", async () => {
    const { node, collector } = startNode();
    await node.pull("app:1");
    await settle(node.clock);
    node.present = [{ id: "id-built-here", names: ["app:1"], sizeBytes: 60 }];
    await collector.removeUnused(signal);
    expect(node.removed).to.deep.equal([]);
    expect((await node.pulled.names()).size).to.equal(0);
  });

  it("goes on with the next one where a container of somebody else's uses an image", async () => {
    const { node, collector } = startNode();
    for (const name of ["a:1", "b:1"]) await node.pull(name);
    await settle(node.clock);
    node.blocked = "a:1";
    await collector.removeUnused(signal);
    expect(node.removed).to.deep.equal(["b:1"]);
  });

  it("tells the cluster where that is not enough", async () => {
    const { node } = startNode();
    await node.pull("a:1");
    node.available = 100;
    await settle(node.clock);
    expect(node.events.at(-1)).to.match(
      /^FreeDiskSpaceFailed Failed to garbage collect required amount of images\. Attempted to free 100 bytes, but only found \d+ bytes eligible to free\.$/,
    );
  });

  it("remembers over a restart what was pulled", async () => {
    const { node } = startNode();
    await node.pull("a:1");
    expect([...(await node.openPulled().names())]).to.deep.equal([["a:1", "id-a:1"]]);
  });
});
