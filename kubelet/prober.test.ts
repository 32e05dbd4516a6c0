import { expect } from "chai";
import type { Container } from "../api/core/container.ts";
import type { Pod } from "../api/core/pod.ts";
import { seededRandom } from "../lib/random.ts";
import { FakeClock } from "../testing/fake-clock.ts";
import { container, podOf, running, runtimeOf } from "../testing/pod-states.ts";
import { Prober } from "./prober.ts";
import { failed, passed, type ProbeResult } from "./probes/probe.ts";
import { FakeRuntime } from "./runtimes/fake.ts";

const handler = { tcpSocket: { port: 80 } };

describe("Prober", () => {
  let clock: FakeClock;
  let prober: Prober;
  let answer: () => Promise<ProbeResult>;
  let looks: number[];
  let recorded: string[];
  let stop: AbortController;

  beforeEach(() => {
    clock = new FakeClock();
    stop = new AbortController();
    looks = [];
    recorded = [];
    answer = () => Promise.resolve(passed);
    const look = () => {
      looks.push(clock.monotonic() / 1000);
      return answer();
    };
    prober = new Prober(
      {
        probes: [{ field: "tcpSocket", run: look }],
        runtime: new FakeRuntime({ clock }),
        snapshot: { hasAnswered: () => Promise.resolve(true) },
        hostIP: "192.168.0.1",
        events: { record: (...[, , reason, message]) => recorded.push(`${reason} ${message}`) },
        clock,
        random: seededRandom(1),
      },
      stop.signal,
    );
  });
  afterEach(() => prober.forget("u1"));

  const podWith = (more: Partial<Container>, pod: Parameters<typeof podOf>[1] = {}) =>
    podOf({ containers: [container("main", more)] }, pod);
  /** As a worker does: again after each new verdict. */
  const sync = (pod: Pod, startedAtMs = clock.now()) => {
    const runtime = runtimeOf([running("main", { startedAtMs })]);
    prober.sync(pod, runtime, () => prober.sync(pod, runtime, () => undefined));
  };
  const verdicts = () => prober.verdicts("u1").get("main-0") ?? {};

  it("looks after the initial delay and then once per period", async () => {
    sync(podWith({ readinessProbe: { ...handler, initialDelaySeconds: 3, periodSeconds: 5 } }));
    await clock.advance(14_000);
    expect(looks).to.deep.equal([3, 8, 13]);
    expect(verdicts()).to.deep.equal({ readiness: true });
  });

  it("needs as many successes and failures in a row as the thresholds say", async () => {
    const results = [true, false, true, true, false, true, false, false];
    answer = () => Promise.resolve(results.shift() ? passed : failed("refused"));
    sync(podWith({ readinessProbe: { ...handler, periodSeconds: 1, successThreshold: 2, failureThreshold: 2 } }));
    const seen: unknown[] = [];
    for (let second = 0; second < 8; second++) {
      await clock.advance(second === 0 ? 0 : 1000);
      seen.push(verdicts().readiness);
    }
    expect(seen).to.deep.equal([undefined, undefined, undefined, true, true, true, true, false]);
    expect(recorded[0]).to.equal("Unhealthy Readiness probe failed: refused");
  });

  it("looks for readiness more often until the first success, and tells of the period's looks only", async () => {
    answer = () => Promise.resolve(clock.monotonic() < 1500 ? failed("refused") : passed);
    sync(podWith({ readinessProbe: { ...handler, initialDelaySeconds: 1, periodSeconds: 10, failureThreshold: 2 } }));
    await clock.advance(30_000);
    expect(looks).to.deep.equal([1, 1.05, 1.15, 1.35, 1.75, 11, 21]);
    expect(verdicts()).to.deep.equal({ readiness: true });
    expect(recorded).to.deep.equal(["Unhealthy Readiness probe failed: refused"]);
  });

  it("keeps to the period when a container does not become ready, and after it was", async () => {
    answer = () => Promise.resolve(clock.monotonic() >= 2000 && clock.monotonic() < 3000 ? passed : failed("refused"));
    sync(podWith({ readinessProbe: { ...handler, periodSeconds: 1, failureThreshold: 2 } }));
    await clock.advance(4500);
    expect(looks).to.deep.equal([0, 0.05, 0.15, 0.35, 0.75, 1, 2, 3, 4]);
    expect(verdicts()).to.deep.equal({ readiness: false });
  });

  describe("when a look takes too long", () => {
    const slow = (signal: AbortSignal) =>
      new Promise<ProbeResult>((resolve) => signal.addEventListener("abort", () => resolve(failed("i/o timeout"))));

    const proberOf = (field: "exec" | "tcpSocket", runtimeAnswers: boolean) =>
      new Prober(
        {
          probes: [{ field, run: (_handler, _target, signal) => slow(signal) }],
          runtime: new FakeRuntime({ clock }),
          snapshot: { hasAnswered: () => Promise.resolve(runtimeAnswers) },
          hostIP: "",
          events: { record: (...[, , , message]) => recorded.push(message) },
          clock,
          random: seededRandom(1),
        },
        stop.signal,
      );

    const lookOnce = async () => {
      sync(podWith({ livenessProbe: { ...handler, timeoutSeconds: 2, failureThreshold: 1 } }));
      await clock.advance(2000);
    };
    const lookInside = async () => {
      sync(podWith({ livenessProbe: { exec: { command: ["check"] }, timeoutSeconds: 2, failureThreshold: 1 } }));
      await clock.advance(2000);
    };

    it("counts it as a failure", async () => {
      prober = proberOf("tcpSocket", false);
      await lookOnce();
      expect(verdicts()).to.deep.equal({ liveness: false });
      expect(recorded).to.deep.equal(["Liveness probe failed: i/o timeout"]);
    });

    it("counts a command as a failure where the runtime answers", async () => {
      prober = proberOf("exec", true);
      await lookInside();
      expect(verdicts()).to.deep.equal({ liveness: false });
    });

    it("blames no container for a runtime that hangs", async () => {
      prober = proberOf("exec", false);
      await lookInside();
      expect(verdicts()).to.deep.equal({});
      expect(recorded).to.deep.equal([
        "Liveness probe errored and resulted in unknown state: the container runtime does not answer",
      ]);
    });
  });

  it("asks the other probes only after the startup probe has passed", async () => {
    const results = [failed("not yet"), failed("not yet"), passed];
    answer = () => Promise.resolve(results.shift() ?? passed);
    const probe = { ...handler, periodSeconds: 1 };
    sync(podWith({ startupProbe: { ...probe, failureThreshold: 5 }, readinessProbe: probe, livenessProbe: probe }));
    await clock.advance(1000);
    expect(verdicts()).to.deep.equal({});
    await clock.advance(1000);
    expect(verdicts()).to.deep.equal({ startup: true, readiness: true, liveness: true });
    expect(recorded).to.have.length(2);
  });

  it("asks a pod that is being deleted only whether it is ready", async () => {
    const probe = { ...handler, periodSeconds: 1 };
    const deletionTimestamp = "2026-01-01T12:00:00Z";
    sync(podWith({ readinessProbe: probe, livenessProbe: probe }, { metadata: { deletionTimestamp } }));
    await clock.advance(0);
    expect(verdicts()).to.deep.equal({ readiness: true });
  });

  it("believes what was reported before it started, and spreads the first looks", async () => {
    const status = {
      name: "main",
      state: { running: {} },
      lastState: {},
      ready: true,
      started: true,
      restartCount: 0,
      image: "",
      imageID: "",
      containerID: "fake://main-0",
    };
    const pod = podWith(
      { readinessProbe: { ...handler, periodSeconds: 10 } },
      { status: { containerStatuses: [status] } },
    );
    sync(pod, clock.now() - 60_000);
    expect(verdicts()).to.deep.equal({ readiness: true });
    await clock.advance(10_000);
    expect(looks).to.have.length(1);
    expect(looks[0]).to.be.greaterThan(0);
  });

  it("stops when the container does", async () => {
    const pod = podWith({ readinessProbe: { ...handler, periodSeconds: 1 } });
    sync(pod);
    await clock.advance(0);
    prober.sync(pod, runtimeOf([]), () => undefined);
    await clock.advance(10_000);
    expect(looks).to.deep.equal([0]);
    expect(clock.nextTimerMs()).to.equal(undefined);
  });
});
