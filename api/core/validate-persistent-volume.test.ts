import { expect } from "chai";
import { persistentVolumes, type PersistentVolume } from "./persistent-volume.ts";
import { validateInlineVolume, validatePersistentVolume } from "./validate-persistent-volume.ts";
import { storedObject } from "../../testing/stored-object.ts";
import type { FieldError } from "../schema/field-error.ts";

const base = { capacity: { storage: "1Gi" }, accessModes: ["ReadWriteOnce"] };
const nfs = { server: "s", path: "/p" };
const csi = { driver: "csi.example.com", volumeHandle: "v" };
const onZone = (key: string) => ({
  required: { nodeSelectorTerms: [{ matchExpressions: [{ key, operator: "In", values: ["a"] }] }] },
});
const volumeOf = (spec: object): PersistentVolume => storedObject(persistentVolumes, { spec: { ...base, ...spec } });
const texts = (errors: readonly FieldError[]) => errors.map(({ path, message }) => `${path}: ${message}`);

describe("the validation of a persistent volume", () => {
  const valid: readonly (readonly [string, object])[] = [
    ["a directory of a server", { nfs }],
    ["a local disk of a node", { local: { path: "/mnt" }, nodeAffinity: onZone("kubernetes.io/hostname") }],
    ["a volume of a driver with a class of attributes", { csi, volumeAttributesClassName: "gold" }],
    [
      "a disk over iSCSI",
      {
        iscsi: {
          targetPortal: "10.0.0.1",
          iqn: "iqn.2001-04.com.example:storage",
          lun: 255,
          initiatorName: `eui.${"a".repeat(16)}`,
        },
      },
    ],
    ["a Fibre Channel disk by its id", { fc: { wwids: ["a"] } }],
    ["registries of Quobyte", { quobyte: { registry: "a:1,[::1]:2", volume: "v" } }],
    ["a managed disk", { azureDisk: { diskName: "d", diskURI: "/subscriptions/a", kind: "Managed" } }],
  ];
  for (const [title, spec] of valid) {
    it(`accepts ${title}`, () => {
      expect(texts(validatePersistentVolume(volumeOf(spec)))).to.deep.equal([]);
    });
  }

  const invalid: readonly (readonly [string, object, readonly string[]])[] = [
    [
      "nothing",
      { capacity: undefined, accessModes: [] },
      [
        "spec.accessModes: Required value",
        "spec.capacity: Required value",
        'spec.capacity: Unsupported value: null: supported values: "storage"',
        "spec: Required value: must specify a volume type",
      ],
    ],
    [
      "wrong ways of access",
      { nfs, accessModes: ["Often", "ReadWriteOncePod", "ReadWriteOnce"] },
      [
        'spec.accessModes: Unsupported value: "Often": supported values: "ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"',
        "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes",
      ],
    ],
    [
      "less than no storage",
      { nfs, capacity: { storage: "-1" } },
      [
        "spec.capacity[storage]: Invalid value: -1: must be a valid resource quantity",
        'spec.capacity[storage]: Invalid value: "-1": must be greater than zero',
      ],
    ],
    [
      "two places",
      { cephfs: { monitors: ["m"] }, nfs },
      ["spec.cephFS: Forbidden: may not specify more than 1 volume type"],
    ],
    [
      "a local disk of no node",
      { local: { path: "/../etc" } },
      [
        "spec.local.path: Invalid value: \"/../etc\": must not contain '..'",
        "spec.nodeAffinity: Required value: Local volume requires node affinity",
      ],
    ],
    [
      "to empty the whole node",
      { hostPath: { path: "//" }, persistentVolumeReclaimPolicy: "Recycle" },
      ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"],
    ],
    [
      "an affinity without nodes",
      { nfs, nodeAffinity: {} },
      ["spec.nodeAffinity.required: Required value: must specify required node constraints"],
    ],
    [
      "attributes of what has none",
      { nfs, volumeAttributesClassName: "" },
      [
        "spec.volumeAttributesClassName: Required value: an empty string is disallowed",
        "spec.csi: Required value: has to be specified when using volumeAttributesClassName",
      ],
    ],
    [
      "a driver without a proper name, and a secret without a namespace",
      { csi: { driver: "a_b", volumeHandle: "", nodePublishSecretRef: { name: "s" } } },
      [
        "spec.csi.driver: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
        "spec.csi.volumeHandle: Required value",
        "spec.csi.nodePublishSecretRef.namespace: Required value",
      ],
    ],
    [
      "an unknown target",
      { iscsi: { targetPortal: "p", iqn: "x", lun: 300, chapAuthSession: true } },
      [
        'spec.iscsi.iqn: Invalid value: "x": must be valid format',
        "spec.iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive",
        "spec.iscsi.secretRef: Required value",
      ],
    ],
    [
      "a partition beyond the last",
      { gcePersistentDisk: { pdName: "", partition: 256 } },
      [
        "spec.persistentDisk.pdName: Required value",
        "spec.persistentDisk.partition: Invalid value: 256: must be between 1 and 255, inclusive",
      ],
    ],
    [
      "reserved options",
      { flexVolume: { driver: "d", options: { "a.K8s.io/b": "" } } },
      [
        'spec.flexVolume.options[a.K8s.io/b]: Invalid value: "a.K8s.io/b": kubernetes.io and k8s.io namespaces are reserved',
      ],
    ],
  ];
  for (const [title, spec, errors] of invalid) {
    it(`refuses ${title}`, () => {
      expect(texts(validatePersistentVolume(volumeOf(spec)))).to.deep.equal(errors);
    });
  }

  it("has no namespace", () => {
    const volume = storedObject(persistentVolumes, { metadata: { namespace: "a" }, spec: { ...base, nfs } });
    expect(texts(validatePersistentVolume(volume))).to.deep.equal([
      "metadata.namespace: Forbidden: not allowed on this type",
    ]);
  });
});

describe("a persistent volume that changes", () => {
  const check = (spec: object, old: object) => texts(validatePersistentVolume(volumeOf(spec), volumeOf(old)));

  it("stays where it lies and what it is", () => {
    expect(check({ nfs: { ...nfs, path: "/q" }, volumeMode: "Block" }, { nfs })).to.deep.equal([
      "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\nchanged: nfs",
      'volumeMode: Invalid value: "Block": field is immutable',
    ]);
  });

  it("may be given a secret for enlarging it, once", () => {
    const secret = { name: "s", namespace: "n" };
    const grown = { csi: { ...csi, controllerExpandSecretRef: secret } };
    expect(check(grown, { csi })).to.deep.equal([]);
    expect(check({ csi }, grown)).to.have.lengthOf(1);
  });

  it("may be given nodes, and newer names for their labels, but no other nodes", () => {
    const beta = onZone("failure-domain.beta.kubernetes.io/zone");
    const stable = onZone("topology.kubernetes.io/zone");
    expect(check({ nfs, nodeAffinity: beta }, { nfs })).to.deep.equal([]);
    expect(check({ nfs, nodeAffinity: stable }, { nfs, nodeAffinity: beta })).to.deep.equal([]);
    expect(check({ nfs, nodeAffinity: beta }, { nfs, nodeAffinity: stable })).to.have.lengthOf(1);
    expect(check({ nfs }, { nfs, nodeAffinity: stable })).to.have.lengthOf(1);
  });

  it("keeps some class of attributes", () => {
    expect(check({ csi }, { csi, volumeAttributesClassName: "gold" })).to.deep.equal([
      "spec.volumeAttributesClassName: Forbidden: update from non-nil value to nil is forbidden",
    ]);
  });
});

describe("a volume that is described where it is used", () => {
  it("is of a driver, and has nothing of an object's life", () => {
    const spec = { ...base, nfs, persistentVolumeReclaimPolicy: "Delete", storageClassName: "s", volumeMode: "Block" };
    const inline = "in the context of inline volumes";
    expect(texts(validateInlineVolume(spec as PersistentVolume["spec"], "spec"))).to.deep.equal([
      `spec.capacity: Forbidden: may not be specified ${inline}`,
      `spec.csi: Required value: has to be specified ${inline}`,
      `spec.persistentVolumeReclaimPolicy: Forbidden: may only be Retain ${inline}`,
      `spec.storageClassName: Forbidden: may not be specified ${inline}`,
      `spec.volumeMode: Forbidden: may not specify volumeMode other than Filesystem ${inline}`,
    ]);
  });
});

describe("the phase of a persistent volume", () => {
  const at = (time: string) => ({ phase: "Available", lastPhaseTransitionTime: time });
  const since = (status: object, old: object) => {
    const write = persistentVolumes.prepareStatus;
    const object = storedObject(persistentVolumes, { status });
    return write?.(object, storedObject(persistentVolumes, { status: old }), "now").status.lastPhaseTransitionTime;
  };

  it("begins as Pending when the volume is made", () => {
    const created = persistentVolumes.prepare?.(volumeOf({ nfs }));
    expect(created?.status).to.deep.equal({ phase: "Pending", lastPhaseTransitionTime: "1970-01-01T00:00:00Z" });
  });

  it("has held since it last changed, unless the controller knows better", () => {
    expect(since({ phase: "Available" }, at("then"))).to.equal("then");
    expect(since({ phase: "Bound" }, at("then"))).to.equal("now");
    expect(since({ ...at("then"), phase: "Bound" }, at("then"))).to.equal("now");
    expect(since({ ...at("later"), phase: "Bound" }, at("then"))).to.equal("later");
  });
});
