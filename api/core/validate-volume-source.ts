// Rules for where a persistent volume lies, one function for each storage system, from Kubernetes' validation of volumes.

import type {
  AzureFilePersistentVolumeSource,
  CSIPersistentVolumeSource,
  CephFSPersistentVolumeSource,
  CinderPersistentVolumeSource,
  FlexPersistentVolumeSource,
  GlusterfsPersistentVolumeSource,
  ISCSIPersistentVolumeSource,
  LocalVolumeSource,
  PersistentVolumeSource,
  RBDPersistentVolumeSource,
  ScaleIOPersistentVolumeSource,
  StorageOSPersistentVolumeSource,
} from "./persistent-volume-source.ts";
import type { SecretReference } from "./reference.ts";
import { validateHostPath, validateNfs } from "./validate-volume.ts";
import { checkNoBacksteps } from "./validate-path.ts";
import type {
  AzureDiskVolumeSource,
  FCVolumeSource,
  FlockerVolumeSource,
  QuobyteVolumeSource,
} from "./volume-plugins.ts";
import { checkFormat, checkRange, checkRequired, checkRequiredFormat, when } from "../meta/field-checks.ts";
import { labelProblems, subdomainProblems } from "../meta/names.ts";
import {
  forbiddenField,
  invalidField,
  requiredField,
  tooLongField,
  unsupportedField,
  type FieldError,
} from "../schema/field-error.ts";

type Errors = readonly FieldError[];
type Sources = { readonly [Name in keyof PersistentVolumeSource]-?: NonNullable<PersistentVolumeSource[Name]> };
type Rules = { readonly [Name in keyof Sources]: (source: Sources[Name], path: string, volume: string) => Errors };

/** In the order in which they are looked for: where there are several, the first counts and the others are refused. */
const RULES: Rules = {
  hostPath: validateHostPath,
  gcePersistentDisk: (disk, path) =>
    validateCloudDisk("pdName", disk, path.replace(/gcePersistentDisk$/, "persistentDisk")),
  awsElasticBlockStore: (disk, path) => validateCloudDisk("volumeID", disk, path),
  glusterfs: validateGlusterfs,
  flocker: validateFlocker,
  nfs: validateNfs,
  rbd: validateRbd,
  quobyte: validateQuobyte,
  cephfs: validateCephFS,
  iscsi: validateIscsi,
  cinder: validateCinder,
  fc: validateFibreChannel,
  flexVolume: validateFlex,
  azureFile: validateAzureFile,
  vsphereVolume: ({ volumePath }, path) => checkRequired(`${path}.volumePath`, volumePath),
  photonPersistentDisk: ({ pdID }, path) => checkRequired(`${path}.pdID`, pdID),
  portworxVolume: ({ volumeID }, path) => checkRequired(`${path}.volumeID`, volumeID),
  azureDisk: validateAzureDisk,
  scaleIO: validateScaleIO,
  local: validateLocal,
  storageos: validateStorageOS,
  csi: validateCsi,
};

const NAMES = Object.keys(RULES) as (keyof PersistentVolumeSource)[];

/** `volume` is the name of the persistent volume, empty where it has none. */
export function validateVolumeSource(source: PersistentVolumeSource, path: string, volume: string): Errors {
  const [first, ...others] = NAMES.filter((name) => source[name] !== undefined);
  if (!first) return [requiredField(path, "must specify a volume type")];
  return [
    ...validateOne(source, first, { path: `${path}.${first}`, volume }),
    ...others.flatMap((name) =>
      name === "flexVolume"
        ? validateOne(source, name, { path: `${path}.${name}`, volume })
        : [forbiddenField(`${path}.${name === "cephfs" ? "cephFS" : name}`, "may not specify more than 1 volume type")],
    ),
  ];
}

/** The fields of a volume's spec that say where it lies. */
export function sourceOf(spec: PersistentVolumeSource): PersistentVolumeSource {
  return Object.fromEntries(NAMES.filter((name) => spec[name] !== undefined).map((name) => [name, spec[name]]));
}

interface Place {
  readonly path: string;
  readonly volume: string;
}

function validateOne<Name extends keyof Sources>(
  source: PersistentVolumeSource,
  name: Name,
  { path, volume }: Place,
): Errors {
  return RULES[name](source[name] as Sources[Name], path, volume);
}

interface CloudDisk {
  readonly pdName?: string;
  readonly volumeID?: string;
  readonly partition?: number;
}

function validateCloudDisk(id: "pdName" | "volumeID", disk: CloudDisk, path: string): Errors {
  const { partition = 0 } = disk;
  const isOutside = partition < 0 || partition > 255;
  return [
    ...checkRequired(`${path}.${id}`, disk[id]),
    ...when(isOutside, invalidField(`${path}.partition`, partition, "must be between 1 and 255, inclusive")),
  ];
}

function validateGlusterfs(source: GlusterfsPersistentVolumeSource, path: string): Errors {
  const { endpoints, path: volume, endpointsNamespace } = source;
  const at = `${path}.endpointsNamespace`;
  const blank = "if the endpointnamespace is set, it must be a valid namespace name";
  return [
    ...checkRequired(`${path}.endpoints`, endpoints),
    ...checkRequired(`${path}.path`, volume),
    ...when(endpointsNamespace === "", invalidField(at, "", blank)),
    ...checkFormat(at, endpointsNamespace, labelProblems),
  ];
}

function validateFlocker({ datasetName, datasetUUID }: FlockerVolumeSource, path: string): Errors {
  const both = "datasetName and datasetUUID can not be specified simultaneously";
  return [
    ...when(!datasetName && !datasetUUID, requiredField(path, "one of datasetName and datasetUUID is required")),
    ...when(datasetName && datasetUUID, invalidField(path, "resource", both)),
    ...when(datasetName?.includes("/"), invalidField(`${path}.datasetName`, datasetName, "must not contain '/'")),
  ];
}

function validateRbd({ monitors, image }: RBDPersistentVolumeSource, path: string): Errors {
  return [...when(!monitors?.length, requiredField(`${path}.monitors`)), ...checkRequired(`${path}.image`, image)];
}

const HOST_AND_PORT = /^([^:[\]]*|\[[^[\]]*\]):[^:[\]]*$/;

function validateQuobyte({ registry, tenant = "", volume }: QuobyteVolumeSource, path: string): Errors {
  const pairs = "must be a host:port pair or multiple pairs separated by commas";
  const checkRegistry = (): Errors => {
    if (!registry) return [requiredField(`${path}.registry`, pairs)];
    if (tenant.length >= 65) {
      return [requiredField(`${path}.tenant`, "must be a UUID and may not exceed a length of 64 characters")];
    }
    const wrong = registry.split(",").filter((pair) => !HOST_AND_PORT.test(pair));
    return wrong.map(() => invalidField(`${path}.registry`, registry, pairs));
  };
  return [...checkRegistry(), ...checkRequired(`${path}.volume`, volume)];
}

function validateCephFS({ monitors }: CephFSPersistentVolumeSource, path: string): Errors {
  return when(!monitors?.length, requiredField(`${path}.monitors`));
}

const ISCSI_NAMES: Readonly<Record<string, RegExp>> = {
  iqn: /iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)$/,
  eui: /^eui.[A-Za-z0-9]{16}$/,
  naa: /^naa.[A-Za-z0-9]{32}$/,
};

const checkIscsiName = (path: string, name: string): Errors =>
  when(!ISCSI_NAMES[name.slice(0, 3)]?.test(name), invalidField(path, name, "must be valid format"));

function validateIscsi(iscsi: ISCSIPersistentVolumeSource, path: string, volume: string): Errors {
  const { targetPortal, initiatorName, iqn, lun, secretRef } = iscsi;
  const isTooLong = initiatorName !== undefined && `${volume}:${targetPortal}`.length > 64;
  const tooLong =
    "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.";
  const needsSecret = (iscsi.chapAuthDiscovery || iscsi.chapAuthSession) && !secretRef;
  return [
    ...checkRequired(`${path}.targetPortal`, targetPortal),
    ...when(isTooLong, invalidField(`${path}.targetportal`, targetPortal, tooLong)),
    ...(iqn ? checkIscsiName(`${path}.iqn`, iqn) : [requiredField(`${path}.iqn`)]),
    ...checkRange(`${path}.lun`, lun, { min: 0, max: 255 }),
    ...when(needsSecret, requiredField(`${path}.secretRef`)),
    ...when(secretRef && !secretRef.name, requiredField(`${path}.secretRef.name`)),
    ...(initiatorName === undefined ? [] : checkIscsiName(`${path}.initiatorname`, initiatorName)),
  ];
}

function validateCinder({ volumeID, secretRef }: CinderPersistentVolumeSource, path: string): Errors {
  return [
    ...checkRequired(`${path}.volumeID`, volumeID),
    ...(secretRef ? checkNamed(secretRef, `${path}.secretRef`) : []),
  ];
}

interface Named {
  readonly name?: string;
  readonly namespace?: string;
}

const checkNamed = ({ name, namespace }: Named, path: string): Errors => [
  ...checkRequired(`${path}.name`, name || undefined),
  ...checkRequired(`${path}.namespace`, namespace || undefined),
];

function validateFibreChannel({ targetWWNs = [], wwids = [], lun }: FCVolumeSource, path: string): Errors {
  const at = `${path}.targetWWNs`;
  const neither = targetWWNs.length === 0 && wwids.length === 0;
  const both = targetWWNs.length > 0 && wwids.length > 0;
  const checkUnit = () =>
    lun === undefined
      ? [requiredField(`${path}.lun`, "lun is required if targetWWNs is specified")]
      : checkRange(`${path}.lun`, lun, { min: 0, max: 255 });
  return [
    ...when(neither, requiredField(at, "must specify either targetWWNs or wwids, but not both")),
    ...when(both, invalidField(at, targetWWNs, "targetWWNs and wwids can not be specified simultaneously")),
    ...(targetWWNs.length > 0 ? checkUnit() : []),
  ];
}

function validateFlex({ driver, options = {} }: FlexPersistentVolumeSource, path: string): Errors {
  const reserved = "kubernetes.io and k8s.io namespaces are reserved";
  return [
    ...checkRequired(`${path}.driver`, driver),
    ...Object.keys(options)
      .filter((key) => /\.(kubernetes|k8s)\.io$/.test(`.${(key.split("/")[0] ?? "").toLowerCase()}`))
      .map((key) => invalidField(`${path}.options[${key}]`, key, reserved)),
  ];
}

function validateAzureFile(file: AzureFilePersistentVolumeSource, path: string): Errors {
  return [
    ...checkRequired(`${path}.secretName`, file.secretName),
    ...checkRequired(`${path}.shareName`, file.shareName),
    ...when(file.secretNamespace === "", requiredField(`${path}.secretNamespace`)),
  ];
}

const MANAGED_DISK = "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}";
const BLOB_DISK = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd";

function validateAzureDisk({ diskName, diskURI = "", kind }: AzureDiskVolumeSource, path: string): Errors {
  const [form, start] = kind === "Managed" ? [MANAGED_DISK, "/subscriptions/"] : [BLOB_DISK, "https://"];
  return [
    ...checkRequired(`${path}.diskName`, diskName),
    ...checkRequired(`${path}.diskURI`, diskURI),
    ...when(kind && !diskURI.startsWith(start), unsupportedField(`${path}.diskURI`, diskURI, [form])),
  ];
}

function validateScaleIO(scaleIO: ScaleIOPersistentVolumeSource, path: string): Errors {
  return (["gateway", "system", "volumeName"] as const).flatMap((name) =>
    checkRequired(`${path}.${name}`, scaleIO[name]),
  );
}

function validateLocal({ path: target }: LocalVolumeSource, path: string): Errors {
  return target ? checkNoBacksteps(`${path}.path`, target) : [requiredField(`${path}.path`)];
}

function validateStorageOS(storageos: StorageOSPersistentVolumeSource, path: string): Errors {
  const { volumeName, volumeNamespace, secretRef } = storageos;
  return [
    ...checkRequiredFormat(`${path}.volumeName`, volumeName, labelProblems),
    ...checkFormat(`${path}.volumeNamespace`, volumeNamespace, labelProblems),
    ...(secretRef ? checkNamed(secretRef, `${path}.secretRef`) : []),
  ];
}

const DRIVER_NAME_BYTES_MAX = 63;

/** The name of a CSI driver: a subdomain in either case, no longer than a label's value. */
export function checkDriverName(path: string, name = ""): Errors {
  return [
    ...when(!name, requiredField(path)),
    ...when(name.length > DRIVER_NAME_BYTES_MAX, tooLongField(path, DRIVER_NAME_BYTES_MAX)),
    ...subdomainProblems(name.toLowerCase()).map((problem) => invalidField(path, name, problem)),
  ];
}

/** The secret for staging is not looked at, as Kubernetes does not either. */
const CSI_SECRETS = [
  "controllerPublishSecretRef",
  "controllerExpandSecretRef",
  "nodePublishSecretRef",
  "nodeExpandSecretRef",
] as const;

function validateCsi(csi: CSIPersistentVolumeSource, path: string): Errors {
  const checkSecret = (at: string, secret: SecretReference | undefined): Errors =>
    secret
      ? [
          ...checkRequiredFormat(`${at}.name`, secret.name, subdomainProblems),
          ...checkRequiredFormat(`${at}.namespace`, secret.namespace, labelProblems),
        ]
      : [];
  return [
    ...checkDriverName(`${path}.driver`, csi.driver),
    ...checkRequired(`${path}.volumeHandle`, csi.volumeHandle),
    ...CSI_SECRETS.flatMap((name) => checkSecret(`${path}.${name}`, csi[name])),
  ];
}
