import { expect } from "chai";
import type { ContainerDetails, ContainerSummary, DockerEngine, EngineRequest } from "./docker-engine.ts";
import { DockerInventory } from "./docker-inventory.ts";
import { labels } from "./docker-spec.ts";

/** A Docker Engine that knows containers and answers the two requests of the inventory. */
class MemoryEngine implements DockerEngine {
  readonly states = new Map<string, Partial<ContainerDetails["State"]> & { Status: string }>();
  inspections = 0;
  /** Called when an inspection has been answered, before the answer arrives. */
  inspected: (id: string) => void = () => undefined;

  call({ path }: EngineRequest): Promise<unknown> {
    if (path === "/containers/json") return Promise.resolve([...this.states.keys()].map((id) => this.#summary(id)));
    this.inspections++;
    const id = path.split("/")[2] ?? "";
    const details = this.#details(id);
    this.inspected(id);
    return Promise.resolve(details);
  }

  stream(): Promise<never> {
    return Promise.reject(new Error("not asked for"));
  }

  connect(): Promise<never> {
    return Promise.reject(new Error("not asked for"));
  }

  /** As of Docker 20.10: the list is behind, and goes on saying that a container runs. */
  #summary(id: string): ContainerSummary {
    const of = { [labels.podUid]: "u", [labels.container]: id, [labels.attempt]: "0", [labels.sandbox]: "s" };
    return { Id: id, ImageID: "sha256:1", Labels: of, State: "running", Created: 100 };
  }

  #details(id: string): ContainerDetails {
    const times = { StartedAt: "2026-01-01T00:00:00.5Z", FinishedAt: "2026-01-01T00:00:01Z" };
    const State = { ExitCode: 0, OOMKilled: false, Error: "", Status: "running", ...times, ...this.states.get(id) };
    return { Id: id, Config: { Tty: false, Labels: {} }, State, NetworkSettings: { Networks: {} } };
  }
}

describe("DockerInventory", () => {
  const { signal } = new AbortController();
  let engine: MemoryEngine;
  let inventory: DockerInventory;
  const main = async () => (await inventory.list(signal))[0]?.containers[0];

  beforeEach(() => {
    engine = new MemoryEngine();
    inventory = new DockerInventory(engine, { cluster: "c", node: "n" });
    engine.states.set("main", { Status: "running" });
  });

  it("inspects a container once for each event, while events are followed", async () => {
    inventory.remember();
    await main();
    await main();
    expect(engine.inspections).to.equal(1);
    engine.states.set("main", { Status: "exited", ExitCode: 3 });
    inventory.forget("main");
    expect(await main()).to.include({ state: "exited", exitCode: 3 });
    await main();
    expect(engine.inspections).to.equal(2);
  });

  it("believes nothing from before while events are not followed", async () => {
    await main();
    engine.states.set("main", { Status: "exited" });
    expect(await main()).to.include({ state: "exited" });
    const release = inventory.remember();
    await main();
    release();
    engine.states.set("main", { Status: "running" });
    expect(await main()).to.include({ state: "running" });
  });

  it("waits for no container that Docker is starting, and looks at it anew afterwards", async () => {
    inventory.remember();
    engine.states.set("main", { Status: "created" });
    const details = await inventory.inspect("main", signal);
    if (!details) throw new Error("the engine has the container");
    await inventory.whileStarting(details, async () => {
      engine.states.set("main", { Status: "running" });
      expect(await main()).to.include({ state: "created" });
      expect(engine.inspections).to.equal(1);
    });
    expect(await main()).to.include({ state: "running" });
  });

  it("does not keep what an event has overtaken while it was read", async () => {
    inventory.remember();
    engine.inspected = (id) => {
      engine.inspected = () => undefined;
      engine.states.set(id, { Status: "exited", ExitCode: 1 });
      inventory.forget(id);
    };
    expect(await main()).to.include({ state: "running" });
    expect(await main()).to.include({ state: "exited", exitCode: 1 });
  });

  it("reports a start that failed as an exit, and one under way as created", async () => {
    engine.states.set("main", { Status: "created", Error: "no such file", ExitCode: 127 });
    expect(await main()).to.include({ state: "exited", exitCode: 128, reason: "StartError", message: "no such file" });
    engine.states.set("main", { Status: "created" });
    expect(await main()).to.include({ state: "created" });
  });
});
