// What changes in the API changes in the volumes of pods that run, all at once, and under the eyes of those who read.

import { expect } from "chai";
import { configMaps } from "../../api/core/config-map.ts";
import { secrets } from "../../api/core/secret.ts";
import type { PodLab } from "../pod-spec/pod-lab.ts";
import { isReady, telling } from "../pod-spec/pod-case.ts";
import { eventually } from "../waiting.ts";
import { AT_V, lookAt, looksInto } from "./volume-pods.ts";

const namespace = "default";
const ROUNDS = 20;

/** Reads both files of one version again and again; of a version that is gone by then it has seen nothing. */
const READ = `
torn=0; seen=0
until test "$(cat /v/one)" = ${ROUNDS}; do
  version=$(busybox readlink /v/..data)
  one=$(cat /v/$version/one 2> /dev/null); two=$(cat /v/$version/two 2> /dev/null)
  if test "$one" -a "$two"; then
    seen=$((seen + 1))
    test "$one" = "$two" || torn=$((torn + 1))
  fi
done
until test "$(cat /s/key)" = new -a "$(cat /d/note)" = new -a -e /o/wall -a ! -e /v/gone; do sleep 0.1; done
test $seen -gt 5 && echo "torn $torn, fixed $(cat /fixed)"
`;

const ofRound = (round: number) => ({ one: String(round), two: String(round) });

export function describeLiveUpdates(lab: () => PodLab): void {
  const metadata = (name: string) => ({ namespace, name });
  const apply = async (round: number) => {
    const data = ofRound(round);
    await lab().kubectl(["patch", "configmap", "moving", "--type=merge", "-p", JSON.stringify({ data })]);
  };

  it("never show a torn set to a reader, and leave what was mounted by its path as it was", async () => {
    const { client } = lab();
    const gone = { gone: "soon" };
    await client.create(configMaps, { metadata: metadata("moving"), data: { ...ofRound(0), ...gone } });
    await client.create(secrets, { metadata: metadata("moving"), stringData: { key: "old" } });
    const spec = looksInto({ configMap: { name: "moving" } }, "", {
      volumes: [
        { name: "v", configMap: { name: "moving" } },
        { name: "s", secret: { secretName: "moving" } },
        { name: "o", configMap: { name: "late", optional: true } },
        {
          name: "d",
          downwardAPI: { items: [{ path: "note", fieldRef: { fieldPath: "metadata.annotations['note']" } }] },
        },
      ],
      containers: [
        telling(READ.trim(), {
          volumeMounts: [
            AT_V,
            { name: "s", mountPath: "/s" },
            { name: "o", mountPath: "/o" },
            { name: "d", mountPath: "/d" },
            { name: "v", mountPath: "/fixed", subPath: "one" },
          ],
        }),
      ],
    });
    await lab().create("reader", spec, { annotations: { note: "old" } });
    await lab().until("reader", isReady);
    await lab().kubectl(["patch", "configmap", "moving", "--type=merge", "-p", '{"data":{"gone":null}}']);
    for (let round = 1; round <= ROUNDS; round++) await apply(round);
    await lab().kubectl(["patch", "secret", "moving", "-p", '{"stringData":{"key":"new"}}']);
    await lab().kubectl(["annotate", "pod", "reader", "--overwrite", "note=new"]);
    await client.create(configMaps, { metadata: metadata("late"), data: { wall: "red" }, immutable: true });
    const seen = await lookAt(lab(), "reader");
    expect(seen.said()).to.equal("torn 0, fixed 0\n");
  });

  it("let a pod start as soon as what it waits for is there", async () => {
    await lab().create("waiting", looksInto({ configMap: { name: "awaited" } }, "cat /v/wall"));
    await lab().event("waiting", "FailedMount", 'configmap "awaited" not found');
    await lab().client.create(configMaps, { metadata: metadata("awaited"), data: { wall: "red" } });
    const seen = await lookAt(lab(), "waiting");
    expect(seen.said()).to.equal("red");
  });

  after(async () => {
    await Promise.all(["reader", "waiting"].map((name) => lab().remove(name)));
    await eventually("its pods are gone", async () => (await lab().kubectl(["get", "pods", "-o", "name"])) === "");
  });
}
