// Rules for the volumes of a pod, from Kubernetes' pod validation. Plug-ins that the kubelets here do not carry are checked
// for what every source has to name, which the schema's required fields say.

import { validateResourceFieldRef, validateVolumeFieldRef } from "./validate-env.ts";
import { checkFileName, checkNoBacksteps } from "./validate-path.ts";
import type { EmptyDirVolumeSource, HostPathVolumeSource, NFSVolumeSource, Volume } from "./volume.ts";
import type {
  DownwardAPIVolumeFile,
  DownwardAPIVolumeSource,
  KeyToPath,
  ProjectedVolumeSource,
  SecretVolumeSource,
  VolumeProjection,
} from "./volume-projection.ts";
import { checkOneSort, checkRequired, checkRequiredFormat, eachItem, when } from "../meta/field-checks.ts";
import { labelProblems } from "../meta/names.ts";
import { duplicateField, forbiddenField, invalidField, requiredField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

export function validateVolumes(volumes: readonly Volume[] | undefined, path: string): Errors {
  const names = new Set<string>();
  return eachItem(volumes, path, (volume, at) => {
    const isTaken = names.has(volume.name);
    names.add(volume.name);
    return [
      ...validateSource(volume, at),
      ...checkRequiredFormat(`${at}.name`, volume.name, labelProblems),
      ...(isTaken && volume.name ? [duplicateField(`${at}.name`, volume.name)] : []),
    ];
  });
}

function validateSource(volume: Volume, path: string): Errors {
  const names = Object.keys(volume).filter((name) => name !== "name" && volume[name as keyof Volume] !== undefined);
  const { ephemeral, persistentVolumeClaim: claim } = volume;
  return [
    ...checkOneSort(path, names, "volume type"),
    ...when(names.length === 0, requiredField(path, "must specify a volume type")),
    ...checkEach(volume.emptyDir, `${path}.emptyDir`, validateEmptyDir),
    ...checkEach(volume.hostPath, `${path}.hostPath`, validateHostPath),
    ...checkEach(volume.nfs, `${path}.nfs`, validateNfs),
    ...checkEach(volume.secret, `${path}.secret`, validateSecretSource),
    ...checkEach(volume.configMap, `${path}.configMap`, validateNamedKeys),
    ...checkEach(volume.downwardAPI, `${path}.downwardAPI`, validateDownward),
    ...checkEach(volume.projected, `${path}.projected`, validateProjected),
    ...when(claim?.claimName === "", requiredField(`${path}.persistentVolumeClaim.claimName`)),
    ...when(ephemeral && !ephemeral.volumeClaimTemplate, requiredField(`${path}.ephemeral.volumeClaimTemplate`)),
  ];
}

/** The errors of a source that is there. */
const checkEach = <T>(source: T | undefined, path: string, check: (source: T, path: string) => Errors): Errors =>
  source === undefined ? [] : check(source, path);

const validateSecretSource = (secret: SecretVolumeSource, path: string): Errors => [
  ...checkRequired(`${path}.secretName`, secret.secretName),
  ...validateKeys(secret, path),
];

const validateNamedKeys = (source: WithKeys & { readonly name?: string }, path: string): Errors => [
  ...checkRequired(`${path}.name`, source.name),
  ...validateKeys(source, path),
];

const validateDownward = ({ items, defaultMode }: DownwardAPIVolumeSource, path: string): Errors => [
  ...checkMode(defaultMode, `${path}.defaultMode`),
  ...eachItem(items, `${path}.items`, validateDownwardFile),
];

function validateEmptyDir({ sizeLimit = "0" }: EmptyDirVolumeSource, path: string): Errors {
  const problem = "SizeLimit field must be a valid resource quantity";
  return when(sizeLimit.startsWith("-"), forbiddenField(`${path}.sizeLimit`, problem));
}

export function validateHostPath({ path: target }: HostPathVolumeSource, path: string): Errors {
  return target ? checkNoBacksteps(`${path}.path`, target) : [requiredField(`${path}.path`)];
}

export function validateNfs({ server, path: target }: NFSVolumeSource, path: string): Errors {
  const isRelative = target && !target.startsWith("/");
  return [
    ...checkRequired(`${path}.server`, server),
    ...checkRequired(`${path}.path`, target),
    ...when(isRelative, invalidField(`${path}.path`, target, "must be an absolute path")),
  ];
}

interface WithKeys {
  readonly items?: readonly KeyToPath[];
  readonly defaultMode?: number;
}

function validateKeys(source: WithKeys, path: string): Errors {
  return [
    ...checkMode(source.defaultMode, `${path}.defaultMode`),
    ...eachItem(source.items, `${path}.items`, ({ key, path: target, mode }, at) => [
      ...checkRequired(`${at}.key`, key),
      ...checkTarget(target, `${at}.path`),
      ...checkMode(mode, `${at}.mode`),
    ]),
  ];
}

const checkTarget = (target: string, path: string): Errors =>
  target ? checkFileName(path, target) : [requiredField(path)];

function checkMode(mode: number | undefined, path: string): Errors {
  const isOutside = mode !== undefined && (mode < 0 || mode > 0o777);
  return when(isOutside, invalidField(path, mode, "must be a number between 0 and 0777 (octal), both inclusive"));
}

function validateDownwardFile(file: DownwardAPIVolumeFile, path: string): Errors {
  const { path: target, fieldRef, resourceFieldRef, mode } = file;
  const both = "fieldRef and resourceFieldRef can not be specified simultaneously";
  return [
    ...checkTarget(target, `${path}.path`),
    ...(fieldRef ? validateVolumeFieldRef(fieldRef, `${path}.fieldRef`) : []),
    ...(resourceFieldRef && !fieldRef ? validateResourceFieldRef(resourceFieldRef, `${path}.resourceFieldRef`) : []),
    ...when(
      resourceFieldRef && !resourceFieldRef.containerName,
      requiredField(`${path}.resourceFieldRef.containerName`),
    ),
    ...when(fieldRef && resourceFieldRef, invalidField(path, "resource", both)),
    ...when(!fieldRef && !resourceFieldRef, requiredField(path, "one of fieldRef and resourceFieldRef is required")),
    ...checkMode(mode, `${path}.mode`),
  ];
}

function validateProjected({ sources, defaultMode }: ProjectedVolumeSource, path: string): Errors {
  return [
    ...checkMode(defaultMode, `${path}.defaultMode`),
    ...eachItem(sources, `${path}.sources`, validateProjection),
  ];
}

const TOKEN_SECONDS_MIN = 600;

function validateProjection(projection: VolumeProjection, path: string): Errors {
  const { secret, configMap, downwardAPI, serviceAccountToken } = projection;
  const names = Object.entries(projection).filter(([, value]) => value !== undefined);
  const seconds = serviceAccountToken?.expirationSeconds ?? TOKEN_SECONDS_MIN;
  const tokenPath = `${path}.serviceAccountToken`;
  return [
    ...names.slice(1).map(([name]) => forbiddenField(`${path}.${name}`, "may not specify more than 1 volume type")),
    ...checkEach(secret, `${path}.secret`, validateNamedKeys),
    ...checkEach(configMap, `${path}.configMap`, validateNamedKeys),
    ...checkEach(downwardAPI, `${path}.downwardAPI`, validateDownward),
    ...(serviceAccountToken ? checkTarget(serviceAccountToken.path, `${tokenPath}.path`) : []),
    ...when(
      seconds < TOKEN_SECONDS_MIN,
      invalidField(`${tokenPath}.expirationSeconds`, seconds, "may not specify a duration less than 10 minutes"),
    ),
  ];
}
