import { expect } from "chai";
import { asStored } from "../../testing/builders.ts";
import { newClaim, newVolume, onlyOn } from "../../testing/storage-builders.ts";
import type { PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import type { PersistentVolume } from "./persistent-volume.ts";
import {
  bindClaim,
  bindVolume,
  findVolume,
  isFullyBound,
  isReservedFor,
  mismatchOf,
  volumeFinder,
} from "./volume-binding.ts";

type ClaimOptions = Parameters<typeof newClaim>[1];
type VolumeOptions = Parameters<typeof newVolume>[1];

const claimOf = (options: ClaimOptions = {}): PersistentVolumeClaim =>
  asStored(newClaim("data", options), { uid: "c1" });
const volumeOf = (name: string, options: VolumeOptions = {}, phase = "Available"): PersistentVolume =>
  asStored({ ...newVolume(name, options), status: { phase } });
const reserved = (uid?: string): VolumeOptions => ({
  spec: { claimRef: { namespace: "default", name: "data", ...(uid && { uid }) } },
});
const nameOf = (volume: PersistentVolume | undefined) => volume?.metadata.name;

describe("the volume for a claim", () => {
  const searches: [string, ClaimOptions, PersistentVolume[], string | undefined][] = [
    [
      "is the smallest that is large enough",
      { size: "2Gi" },
      [volumeOf("a", { size: "5Gi" }), volumeOf("b", { size: "3Gi" }), volumeOf("c")],
      "b",
    ],
    ["is the first by name among equals", {}, [volumeOf("b"), volumeOf("a")], "a"],
    ["is as large as is asked for, however it is written", { size: "1024Mi" }, [volumeOf("a")], "a"],
    [
      "has all of the access modes",
      { modes: ["ReadWriteOnce", "ReadOnlyMany"] },
      [volumeOf("a"), volumeOf("b", { modes: ["ReadOnlyMany", "ReadWriteOnce"] })],
      "b",
    ],
    [
      "has no more access modes than it must, before it is small",
      {},
      [volumeOf("a", { modes: ["ReadWriteOnce", "ReadWriteMany"] }), volumeOf("b", { size: "9Gi" })],
      "b",
    ],
    ["is of the same class", { storageClassName: "x" }, [volumeOf("a"), volumeOf("b", { storageClassName: "x" })], "b"],
    [
      "is of no class where the claim says none",
      { storageClassName: "" },
      [volumeOf("a", { storageClassName: "x" }), volumeOf("b")],
      "b",
    ],
    [
      "has the labels",
      { spec: { selector: { matchLabels: { a: "1" } } } },
      [volumeOf("a"), volumeOf("b", { metadata: { name: "b", labels: { a: "1" } } })],
      "b",
    ],
    [
      "is a device where that is asked for",
      { spec: { volumeMode: "Block" } },
      [volumeOf("a"), volumeOf("b", { spec: { volumeMode: "Block" } })],
      "b",
    ],
    [
      "is not one that is taken, released or on its way out",
      {},
      [
        volumeOf("a", {}, "Released"),
        volumeOf("b", { spec: { claimRef: { namespace: "default", name: "other" } } }),
        asStored(volumeOf("c"), { deletionTimestamp: "2026-01-01T00:00:00Z" }),
      ],
      undefined,
    ],
    [
      "is the one that is reserved for it, though it is larger",
      {},
      [volumeOf("a"), volumeOf("b", { ...reserved(), size: "9Gi" })],
      "b",
    ],
    ["is not one that is reserved for an earlier claim of the name", {}, [volumeOf("a", reserved("c0"))], undefined],
    ["is not one that is reserved but too small", { size: "2Gi" }, [volumeOf("a", reserved())], undefined],
  ];
  for (const [title, options, volumes, expected] of searches) {
    it(title, () => expect(nameOf(findVolume(claimOf(options), volumes))).to.equal(expected));
  }

  it("is only one that is reserved, where the scheduler is to choose", () => {
    const search = { reservedOnly: true };
    expect(findVolume(claimOf(), [volumeOf("a")], search)).to.equal(undefined);
    expect(nameOf(findVolume(claimOf(), [volumeOf("a"), volumeOf("b", reserved("c1"))], search))).to.equal("b");
  });

  const places: [string, PersistentVolume[], string | undefined][] = [
    [
      "is one that the node reaches",
      [
        volumeOf("a", { spec: { nodeAffinity: onlyOn("m") } }),
        volumeOf("b", { size: "3Gi", spec: { nodeAffinity: onlyOn("n") } }),
      ],
      "b",
    ],
    ["is one that every node reaches", [volumeOf("a")], "a"],
    [
      "is none where the reserved one is elsewhere",
      [volumeOf("a"), volumeOf("b", { spec: { ...reserved()?.spec, nodeAffinity: onlyOn("m") } })],
      undefined,
    ],
    ["is not one that another claim of the pod has", [volumeOf("taken"), volumeOf("z")], "z"],
  ];
  for (const [title, volumes, expected] of places) {
    it(`on a node ${title}`, () => {
      const place = { labels: { "kubernetes.io/hostname": "n" }, taken: new Set(["taken"]) };
      expect(nameOf(volumeFinder(claimOf())(volumes, place))).to.equal(expected);
    });
  }

  const mismatches: [string, ClaimOptions, VolumeOptions, string | undefined][] = [
    ["suits", {}, {}, undefined],
    ["is too small", { size: "2Gi" }, {}, "requested PV is too small"],
    ["has another class", { storageClassName: "x" }, {}, "storageClassName does not match"],
    ["is a device", {}, { spec: { volumeMode: "Block" } }, "incompatible volumeMode"],
    ["has other modes", { modes: ["ReadWriteMany"] }, {}, "incompatible accessMode"],
  ];
  for (const [title, claim, volume, expected] of mismatches) {
    it(`that was asked for by name ${title}`, () => {
      expect(mismatchOf(volumeOf("v", volume), claimOf(claim))).to.equal(expected);
    });
  }
});

describe("binding", () => {
  it("marks on both sides that it was not people who chose", () => {
    const volume = bindVolume(volumeOf("v"), claimOf());
    expect(volume.spec.claimRef).to.deep.equal({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      namespace: "default",
      name: "data",
      uid: "c1",
      resourceVersion: "1",
    });
    expect(volume.metadata.annotations).to.deep.equal({ "pv.kubernetes.io/bound-by-controller": "yes" });
    const claim = bindClaim(claimOf(), volume);
    expect(isFullyBound(claim)).to.equal(true);
    expect(claim.metadata.annotations).to.have.keys(
      "pv.kubernetes.io/bound-by-controller",
      "pv.kubernetes.io/bind-completed",
    );
  });

  it("marks nothing where people chose, but takes down whom they meant", () => {
    const volume = bindVolume(volumeOf("v", reserved()), claimOf());
    expect(volume.spec.claimRef?.uid).to.equal("c1");
    expect(volume.metadata.annotations).to.equal(undefined);
    const claim = bindClaim(claimOf({ spec: { volumeName: "v" } }), volume);
    expect(claim.metadata.annotations).to.have.keys("pv.kubernetes.io/bind-completed");
  });

  it("changes nothing that is done already", () => {
    const volume = bindVolume(volumeOf("v"), claimOf());
    const claim = bindClaim(claimOf(), volume);
    expect(bindVolume(volume, claim)).to.equal(volume);
    expect(bindClaim(claim, volume)).to.equal(claim);
    expect(isReservedFor(volume, claim)).to.equal(true);
  });
});
