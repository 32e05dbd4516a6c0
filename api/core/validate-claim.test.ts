import { expect } from "chai";
import { persistentVolumeClaims, type PersistentVolumeClaim } from "./persistent-volume-claim.ts";
import { validateClaim } from "./validate-claim.ts";
import { storedObject } from "../../testing/stored-object.ts";

const CLASS = "volume.beta.kubernetes.io/storage-class";
const base = { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } };
const snapshot = { apiGroup: "snapshot.storage.k8s.io", kind: "VolumeSnapshot", name: "s" };
const claimOf = (spec: object, rest: object = {}): PersistentVolumeClaim =>
  storedObject(persistentVolumeClaims, { spec: { ...base, ...spec }, ...rest });
const errorsOf = (claim: PersistentVolumeClaim, old?: PersistentVolumeClaim) =>
  validateClaim(claim, old).map(({ path, message }) => `${path}: ${message}`);

describe("the validation of a claim", () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    ["accepts a size and a way of access", {}, []],
    ["accepts a source that is named in both ways", { dataSource: snapshot, dataSourceRef: snapshot }, []],
    [
      "refuses nothing at all",
      { accessModes: [], resources: {} },
      [
        "spec.accessModes: Required value: at least 1 access mode is required",
        "spec.resources[storage]: Required value",
      ],
    ],
    [
      "refuses no size, and names that are none",
      {
        resources: { requests: { storage: "0" } },
        storageClassName: "A",
        selector: { matchExpressions: [{ key: "a", operator: "In" }] },
      },
      [
        "spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn'",
        'spec.resources[storage]: Invalid value: "0": must be greater than zero',
        "spec.storageClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
    ],
    [
      "refuses sources that contradict each other",
      { dataSource: snapshot, dataSourceRef: { kind: "Pod", name: "p" } },
      [
        "spec.dataSourceRef: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default apiGroup",
        'spec: Invalid value: "spec.dataSource": must match dataSourceRef',
      ],
    ],
  ];
  for (const [title, spec, errors] of cases) {
    it(title, () => {
      expect(errorsOf(claimOf(spec))).to.deep.equal(errors);
    });
  }

  it("wants the status to speak of storage", () => {
    const status = {
      capacity: { storage: "-1" },
      allocatedResources: { cpu: "1" },
      allocatedResourceStatuses: { "example.com/a": "Done" },
    };
    expect(errorsOf(claimOf({}, { status }))).to.deep.equal([
      "status.capacity[storage]: Invalid value: -1: must be a valid resource quantity",
      'status.allocatedResourceStatus: Unsupported value: "example.com/a": supported values: "ControllerResizeInProgress", "ControllerResizeInfeasible", "NodeResizeInProgress", "NodeResizeInfeasible", "NodeResizePending"',
      'status.allocatedResources: Unsupported value: "cpu": supported values: "storage"',
    ]);
  });
});

describe("a claim that changes", () => {
  const sized = (storage: string) => ({ resources: { requests: { storage } } });
  const bound = (capacity: string) => ({ status: { phase: "Bound", capacity: { storage: capacity } } });
  const immutable = (fields: string) =>
    `spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\nchanged: ${fields}`;
  const annotated = { metadata: { annotations: { [CLASS]: "gold" } } };

  const cases: readonly (readonly [string, PersistentVolumeClaim, PersistentVolumeClaim, readonly string[]])[] = [
    ["is given its volume", claimOf({ volumeName: "v" }), claimOf({}), []],
    ["keeps its volume", claimOf({ volumeName: "w" }), claimOf({ volumeName: "v" }), [immutable("volumeName")]],
    ["keeps its ways of access", claimOf({ accessModes: ["ReadWriteMany"] }), claimOf({}), [immutable("accessModes")]],
    ["is given a class that it lacked", claimOf({ storageClassName: "gold" }), claimOf({}), []],
    [
      "keeps its class",
      claimOf({ storageClassName: "gold" }),
      claimOf({ storageClassName: "" }),
      [immutable("storageClassName")],
    ],
    ["moves its class from the annotation", claimOf({ storageClassName: "gold" }), claimOf({}, annotated), []],
    [
      "keeps the annotation otherwise",
      claimOf({}),
      claimOf({}, annotated),
      [`metadata.annotations.${CLASS}: Invalid value: "": field is immutable`],
    ],
    ["grows once it is bound", claimOf(sized("2Gi"), bound("1Gi")), claimOf({}, bound("1Gi")), []],
    ["does not grow before", claimOf(sized("2Gi")), claimOf({}), [immutable("resources")]],
    ["recovers from growing too much", claimOf(sized("2Gi"), bound("1Gi")), claimOf(sized("9Gi"), bound("1Gi")), []],
    [
      "never becomes smaller than it is",
      claimOf(sized("1Gi"), bound("1Gi")),
      claimOf(sized("9Gi"), bound("1Gi")),
      ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"],
    ],
    [
      "keeps its mode",
      claimOf({ volumeMode: "Block" }),
      claimOf({}),
      [immutable("volumeMode"), 'volumeMode: Invalid value: "Block": field is immutable'],
    ],
    [
      "is given another class of attributes once it is bound",
      claimOf({ volumeAttributesClassName: "b" }, bound("1Gi")),
      claimOf({ volumeAttributesClassName: "a" }, bound("1Gi")),
      [],
    ],
    [
      "keeps some class of attributes",
      claimOf({}, bound("1Gi")),
      claimOf({ volumeAttributesClassName: "a" }, bound("1Gi")),
      [
        immutable("volumeAttributesClassName"),
        "spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden",
      ],
    ],
    [
      "may leave out the field that the server had filled in",
      claimOf({ dataSource: snapshot, dataSourceRef: snapshot }),
      claimOf({ dataSource: snapshot }),
      [],
    ],
  ];
  for (const [title, claim, old, errors] of cases) {
    it(title, () => {
      expect(errorsOf(claim, old)).to.deep.equal(errors);
    });
  }
});

describe("a claim that is written", () => {
  const prepare = (spec: object, old?: PersistentVolumeClaim) => persistentVolumeClaims.prepare?.(claimOf(spec), old);

  it("begins as Pending, whatever the client says", () => {
    const claim = claimOf({}, { status: { phase: "Bound" } });
    expect(persistentVolumeClaims.prepare?.(claim).status).to.deep.equal({ phase: "Pending" });
  });

  it("says in both fields what its volume starts with", () => {
    expect(prepare({ dataSource: snapshot })?.spec.dataSourceRef).to.deep.equal(snapshot);
    expect(prepare({ dataSourceRef: snapshot })?.spec.dataSource).to.deep.equal(snapshot);
  });

  it("ignores sources that the older field never knew, and other namespaces", () => {
    const pod = { kind: "Pod", name: "p" };
    expect(prepare({ dataSource: pod })?.spec).to.not.have.any.keys("dataSource", "dataSourceRef");
    expect(prepare({ dataSource: pod }, claimOf({ dataSource: pod }))?.spec.dataSource).to.deep.equal(pod);
    expect(prepare({ dataSourceRef: { ...snapshot, namespace: "n" } })?.spec.dataSourceRef).to.deep.equal(snapshot);
  });
});
