// Rules of the kinds of the storage group.

import { expect } from "chai";
import { csiDrivers } from "./csi-driver.ts";
import { csiNodes } from "./csi-node.ts";
import { csiStorageCapacities } from "./csi-storage-capacity.ts";
import { storageClasses } from "./storage-class.ts";
import { volumeAttachments } from "./volume-attachment.ts";
import type { KubeObject } from "../meta/object.ts";
import type { ResourceDefinition } from "../resource.ts";
import { storedObject } from "../../testing/stored-object.ts";

function errorsOf<T extends KubeObject>(resource: ResourceDefinition<T>, fields: object, old?: object): string[] {
  const errors = resource.validate?.(storedObject(resource, { ...fields }), old && storedObject(resource, { ...old }));
  return (errors ?? []).map(({ path, message }) => `${path}: ${message}`);
}

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

describe("a storage class", () => {
  const base = { provisioner: "Example.com/disk" };
  const at = "allowedTopologies";

  it("deletes volumes with their claims, and finds them at once, unless it says so", () => {
    expect(storedObject(storageClasses, base)).to.include({ reclaimPolicy: "Delete", volumeBindingMode: "Immediate" });
  });

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["is valid with a provisioner", base, []],
    ["needs a provisioner", { provisioner: "" }, ["provisioner: Required value"]],
    [
      "has no more parameters than a provisioner can read",
      { ...base, parameters: { a: "x".repeat(256 * 1024) } },
      ["parameters: Too long: may not be more than 262144 bytes"],
    ],
    [
      "has parameters with names",
      { ...base, parameters: { "": "x" } },
      ['parameters: Invalid value: "": field can not be empty.'],
    ],
    [
      "has places that differ, with labels that differ",
      {
        ...base,
        allowedTopologies: [
          { matchLabelExpressions: [{ key: "zone", values: ["a", "b"] }] },
          { matchLabelExpressions: [{ key: "zone", values: ["b", "a"] }] },
          {
            matchLabelExpressions: [
              { key: "zone", values: ["c", "c"] },
              { key: "zone", values: [] },
            ],
          },
        ],
      },
      [
        `${at}[1].matchLabelExpressions: Duplicate value: ""`,
        `${at}[2].matchLabelExpressions[0].values[1]: Duplicate value: "c"`,
        `${at}[2].matchLabelExpressions[1].values: Required value`,
        `${at}[2].matchLabelExpressions[1].key: Duplicate value: "zone"`,
      ],
    ],
  ];
  for (const [title, fields, errors] of cases) {
    it(title, () => {
      expect(errorsOf(storageClasses, fields)).to.deep.equal(errors);
    });
  }

  it("stays what volumes were made from", () => {
    const changed = {
      provisioner: "b",
      parameters: { a: "b" },
      reclaimPolicy: "Retain",
      volumeBindingMode: "WaitForFirstConsumer",
      allowVolumeExpansion: true,
    };
    expect(errorsOf(storageClasses, changed, { provisioner: "a" })).to.deep.equal([
      "parameters: Forbidden: updates to parameters are forbidden.",
      "provisioner: Forbidden: updates to provisioner are forbidden.",
      "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.",
      'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ]);
  });
});

describe("a CSI driver", () => {
  it("is assumed to be like most drivers", () => {
    expect(storedObject(csiDrivers).spec).to.deep.equal({
      attachRequired: true,
      podInfoOnMount: false,
      storageCapacity: false,
      fsGroupPolicy: "ReadWriteOnceWithFSType",
      volumeLifecycleModes: ["Persistent"],
      requiresRepublish: false,
      seLinuxMount: false,
    });
  });

  it("has known modes, and tokens for different audiences that last long enough", () => {
    const tokenRequests = [
      { audience: "a", expirationSeconds: 599 },
      { audience: "a" },
      { expirationSeconds: 2 ** 32 + 1 },
    ];
    expect(errorsOf(csiDrivers, { spec: { volumeLifecycleModes: ["Long"], tokenRequests } })).to.deep.equal([
      "spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes",
      'spec.tokenRequests[1].audience: Duplicate value: "a"',
      "spec.tokenRequests[2].expirationSeconds: Invalid value: 4294967297: may not specify a duration larger than 2^32 seconds",
      'spec.volumeLifecycleModes: Unsupported value: "Long": supported values: "Persistent", "Ephemeral"',
    ]);
  });

  it("keeps how its volumes are attached and how long they live", () => {
    const changed = { attachRequired: false, volumeLifecycleModes: ["Ephemeral"], podInfoOnMount: true };
    expect(errorsOf(csiDrivers, { spec: changed }, {})).to.deep.equal([
      "spec.attachedRequired: Invalid value: false: field is immutable",
      'spec.volumeLifecycleModes: Invalid value: ["Ephemeral"]: field is immutable',
    ]);
  });

  it("counts its changes", () => {
    const old = csiDrivers.prepare?.(storedObject(csiDrivers));
    const next = csiDrivers.prepare?.(storedObject(csiDrivers, { spec: { podInfoOnMount: true } }), old);
    expect([old, next].map((driver) => driver?.metadata.generation)).to.deep.equal([1, 2]);
  });
});

describe("a CSI node", () => {
  const driver = { name: "csi.example.com", nodeID: "n1" };

  it("may have no drivers yet", () => {
    expect(storedObject(csiNodes).spec).to.deep.equal({ drivers: [] });
    expect(errorsOf(csiNodes, {})).to.deep.equal([]);
  });

  it("has every driver once, with an id and labels that are some", () => {
    const drivers = [
      { ...driver, nodeID: "", allocatable: { count: -1 } },
      { ...driver, nodeID: "x".repeat(257), topologyKeys: ["a", "a", "b c"] },
    ];
    const errors = errorsOf(csiNodes, { spec: { drivers } });
    expect(errors.map((error) => error.slice(0, 70))).to.deep.equal([
      "spec.drivers[0].nodeID: Required value",
      "spec.drivers[0].allocatable.count: Invalid value: -1: must be greater ",
      `spec.drivers[1].nodeID: Invalid value: "${"x".repeat(30)}`,
      'spec.drivers[1].name: Duplicate value: "csi.example.com"',
      'spec.drivers[1]: Duplicate value: "a"',
      'spec.drivers[1]: Invalid value: "b c": name part must consist of alpha',
    ]);
  });

  it("lets drivers come and go, but not change", () => {
    const old = { spec: { drivers: [driver] } };
    expect(errorsOf(csiNodes, {}, old)).to.deep.equal([]);
    expect(errorsOf(csiNodes, { spec: { drivers: [{ ...driver, nodeID: "n2" }] } }, old)).to.deep.equal([
      'spec.drivers: Invalid value: {"name":"csi.example.com","nodeID":"n2"}: field is immutable',
    ]);
  });
});

describe("a storage capacity", () => {
  it("is of a class, and not below nothing", () => {
    expect(errorsOf(csiStorageCapacities, { capacity: "-1" })).to.deep.equal([
      `storageClassName: Invalid value: "": ${SUBDOMAIN}`,
      'capacity: Invalid value: "-1": must be greater than or equal to 0',
    ]);
  });

  it("keeps its place", () => {
    const next = { storageClassName: "b", nodeTopology: { matchLabels: { zone: "a" } }, capacity: "1Gi" };
    expect(errorsOf(csiStorageCapacities, next, { storageClassName: "a" })).to.deep.equal([
      'nodeTopology: Invalid value: {"matchLabels":{"zone":"a"}}: field is immutable',
      'storageClassName: Invalid value: "b": field is immutable',
    ]);
  });
});

describe("an attachment of a volume", () => {
  const spec = { attacher: "csi.example.com", nodeName: "n1", source: { persistentVolumeName: "v" } };
  const one = "must specify exactly one of inlineVolumeSpec and persistentVolumeName";

  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["is valid with a driver, a node and a volume", { spec }, []],
    [
      "needs all of them",
      {},
      [
        "spec.attacher: Required value",
        `spec.source: Required value: ${one}`,
        `spec.nodeName: Invalid value: "": ${SUBDOMAIN}`,
        "spec.attacher: Required value",
        `spec.attacher: Invalid value: "": ${SUBDOMAIN}`,
      ],
    ],
    [
      "has one volume",
      { spec: { ...spec, source: { persistentVolumeName: "v", inlineVolumeSpec: {} } } },
      [`spec.source: Forbidden: ${one}`],
    ],
    [
      "has a volume that is well described",
      { spec: { ...spec, source: { inlineVolumeSpec: { csi: { driver: "d", volumeHandle: "h" } } } } },
      ["spec.source.inlineVolumeSpec.accessModes: Required value"],
    ],
    [
      "keeps errors short",
      { spec, status: { attachError: { message: "x".repeat(1025) } } },
      ["status.attachError.message: Too long: may not be more than 262144 bytes"],
    ],
  ];
  for (const [title, fields, errors] of cases) {
    it(title, () => {
      expect(errorsOf(volumeAttachments, fields)).to.deep.equal(errors);
    });
  }

  it("is of the same volume and node for ever", () => {
    expect(errorsOf(volumeAttachments, { spec: { ...spec, nodeName: "n2" } }, { spec })).to.deep.equal([
      'spec: Invalid value: {"attacher":"csi.example.com","nodeName":"n2","source":{"persistentVolumeName":"v"}}: field is immutable',
    ]);
  });

  it("has its status from the attacher, who changes nothing else", () => {
    const status = { attached: true };
    const old = storedObject(volumeAttachments, { metadata: { labels: { a: "b" } }, spec, status });
    expect(volumeAttachments.prepare?.(old).status).to.deep.equal({ attached: false });
    expect(volumeAttachments.prepare?.(storedObject(volumeAttachments, { spec }), old).status).to.equal(old.status);
    const next = storedObject(volumeAttachments, { metadata: { labels: { c: "d" } }, spec: {}, status: {} });
    const written = volumeAttachments.prepareStatus?.(next, old, "");
    expect(written?.spec).to.equal(old.spec);
    expect(written?.metadata.labels).to.deep.equal({ a: "b" });
    expect(written?.status).to.deep.equal({ attached: false });
  });
});
