import { expect } from "chai";
import type { Pod } from "../../api/core/pod.ts";
import { POD_GROUP_LABEL, podGroups } from "../../api/kctl-scheduling/pod-group.ts";
import { asStored, newPod } from "../../testing/builders.ts";
import { storedObject } from "../../testing/stored-object.ts";
import { Gangs, judgeMember, type MemberState } from "./gangs.ts";

const KEY = "default/g";

function member(name: string, state: MemberState, group = "g"): Pod {
  const isPlaced = state !== "pending" && state !== "binding";
  const phase = state === "succeeded" ? "Succeeded" : state === "failed" ? "Failed" : "Pending";
  const metadata = state === "leaving" ? { deletionTimestamp: "2026-01-01T00:00:00Z" } : {};
  const labels = { [POD_GROUP_LABEL]: group };
  const spec = isPlaced ? { nodeName: "n1" } : {};
  return asStored<Pod>(newPod(name, { labels, spec, status: { phase } }), metadata);
}

/** A group of which there are so many members in each state. */
function gangsWith(counts: Partial<Record<MemberState, number>>, spec?: object): Gangs {
  const gangs = new Gangs();
  if (spec) gangs.setGroup(KEY, storedObject(podGroups, { metadata: { name: "g" }, spec }));
  for (const [state, count] of Object.entries(counts) as [MemberState, number][]) {
    for (let index = 0; index < count; index++) {
      const pod = member(`${state}-${index}`, state);
      gangs.setPod(pod.metadata.uid, pod);
      if (state === "binding") gangs.setBinding(pod.metadata.uid, true);
    }
  }
  return gangs;
}

describe("a member of a pod group", () => {
  const cases: readonly (readonly [string, Partial<Record<MemberState, number>>, object | undefined, string])[] = [
    ["waits for its group", { pending: 1 }, undefined, 'wait: there is no pod group "default/g"'],
    [
      "waits for the other members",
      { pending: 7 },
      { minMember: 8 },
      'wait: pod group "default/g" needs 8 members before it is placed',
    ],
    ["is placed together with the others", { pending: 9 }, { minMember: 8 }, "together: 8"],
    ["needs nobody in a group of one", { pending: 1 }, { minMember: 1 }, "single"],
    [
      "waits while the others are bound",
      { pending: 1, binding: 8 },
      { minMember: 8 },
      'wait: pod group "default/g" is being placed',
    ],
    ["comes by itself when the group runs", { pending: 1, placed: 8 }, { minMember: 8 }, "single"],
    ["replaces one that died by itself", { pending: 3, placed: 5, failed: 3 }, { minMember: 8 }, "single"],
    [
      "comes beside those that have succeeded",
      { pending: 5, succeeded: 3, failed: 5 },
      { minMember: 8 },
      "together: 5",
    ],
    ["is the last that is missing", { pending: 1, succeeded: 7, failed: 1 }, { minMember: 8 }, "single"],
    ["begins anew when all have failed", { pending: 8, failed: 8 }, { minMember: 8 }, "together: 8"],
    [
      "begins anew when the others are leaving",
      { pending: 2, leaving: 6 },
      { minMember: 8 },
      'wait: pod group "default/g" needs 8 members before it is placed',
    ],
    [
      "waits when there are enough",
      { pending: 1, placed: 9, binding: 1 },
      { minMember: 8, maxMember: 10 },
      'wait: pod group "default/g" has the 10 members that it may have at most',
    ],
  ];
  for (const [title, counts, spec, expected] of cases) {
    it(title, () => {
      const gang = gangsWith(counts, spec).find(KEY) ?? expect.fail("there is a gang");
      const verdict = judgeMember(gang);
      const detail =
        verdict.kind === "wait" ? verdict.message : verdict.kind === "together" ? verdict.needed : undefined;
      expect(detail === undefined ? verdict.kind : `${verdict.kind}: ${detail}`).to.equal(expected);
    });
  }
});

describe("the pod groups", () => {
  it("count a pod whose node is chosen as being bound until the server shows it there", () => {
    const gangs = gangsWith({ binding: 1 });
    expect(gangs.find(KEY)?.counts).to.include({ pending: 0, binding: 1 });
    const pod = member("binding-0", "pending");
    expect(gangs.setPod(pod.metadata.uid, pod)).to.deep.equal([]);
    expect(gangs.find(KEY)?.counts).to.include({ pending: 0, binding: 1 });
    gangs.setPod(pod.metadata.uid, member("binding-0", "placed"));
    expect(gangs.setBinding(pod.metadata.uid, false)).to.equal(undefined);
    expect(gangs.find(KEY)?.counts).to.include({ pending: 0, binding: 0, placed: 1 });
  });

  it("follow a pod that joins another group", () => {
    const gangs = gangsWith({ pending: 1 });
    const moved = member("pending-0", "pending", "h");
    expect(gangs.setPod(moved.metadata.uid, moved).map(({ key }) => key)).to.deep.equal([KEY, "default/h"]);
    expect(gangs.gangOf(moved.metadata.uid)?.key).to.equal("default/h");
  });

  it("forget what is gone", () => {
    const gangs = gangsWith({ pending: 1, placed: 1 }, { minMember: 1 });
    for (const name of ["pending-0", "placed-0"]) gangs.setPod(`uid-default-${name}`, undefined);
    gangs.setGroup(KEY, undefined);
    expect([...gangs.all]).to.deep.equal([]);
    expect(gangs.gangOf("uid-default-pending-0")).to.equal(undefined);
  });
});
