// Rules for resource slices, from Kubernetes' validation.

import type {
  BasicDevice,
  Device,
  DeviceAttribute,
  ResourcePool,
  ResourceSlice,
  ResourceSliceSpec,
} from "./resource-slice.ts";
import { checkAttributeName, checkDriver, checkLabel, checkList, checkPool } from "./validate-device-names.ts";
import { validateNodeSelector } from "../core/validate-affinity.ts";
import { checkFormat, checkUnchanged, when } from "../meta/field-checks.ts";
import { subdomainProblems } from "../meta/names.ts";
import { validateMetadata } from "../meta/validate-metadata.ts";
import { invalidField, requiredField, tooLongField, type FieldError } from "../schema/field-error.ts";

type Errors = readonly FieldError[];

const DEVICES_MAX = 128;
const PROPERTIES_MAX = 32;
const VALUE_BYTES_MAX = 64;

export function validateResourceSlice(slice: ResourceSlice, old?: ResourceSlice): FieldError[] {
  const { spec } = slice;
  return [
    ...validateMetadata(slice, old, { name: subdomainProblems, scope: "Cluster" }),
    ...checkDriver("spec.driver", spec.driver),
    ...validatePool(spec.pool, "spec.pool"),
    ...(old
      ? [
          ...checkUnchanged("spec.pool.name", spec.pool.name, old.spec.pool.name),
          ...checkUnchanged("spec.driver", spec.driver, old.spec.driver),
          ...checkUnchanged("spec.nodeName", spec.nodeName ?? "", old.spec.nodeName ?? ""),
        ]
      : []),
    ...validatePlace(spec),
    ...checkList(spec.devices, "spec.devices", {
      ...{ countMax: DEVICES_MAX, check: validateDevice },
      key: { of: ({ name }) => name, field: "name" },
    }),
  ];
}

function validatePool({ name, resourceSliceCount, generation }: ResourcePool, path: string): Errors {
  return [
    ...checkPool(`${path}.name`, name),
    ...when(
      resourceSliceCount <= 0,
      invalidField(`${path}.resourceSliceCount`, resourceSliceCount, "must be greater than zero"),
    ),
    ...when(generation < 0, invalidField(`${path}.generation`, generation, "must be greater than or equal to zero")),
  ];
}

/** Devices are on one node, on some, or on all. */
function validatePlace({ nodeName, nodeSelector, allNodes }: ResourceSliceSpec): Errors {
  const places = Object.entries({ nodeName, nodeSelector, allNodes }).filter(([, value]) => value);
  const set = `{${places.map(([name]) => `\`${name}\``).join(", ")}}`;
  const problem = "exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required";
  const terms = nodeSelector?.nodeSelectorTerms;
  return [
    ...checkFormat("spec.nodeName", nodeName, subdomainProblems),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, "spec.nodeSelector") : []),
    ...when(
      nodeSelector && terms?.length !== 1,
      invalidField("spec.nodeSelector.nodeSelectorTerms", terms, "must have exactly one node selector term"),
    ),
    ...when(places.length === 0, requiredField("spec", problem)),
    ...when(places.length > 1, invalidField("spec", set, `${problem}, but multiple fields are set`)),
  ];
}

function validateDevice({ name, basic }: Device, path: string): Errors {
  return [
    ...checkLabel(`${path}.name`, name),
    ...(basic ? validateBasicDevice(basic, `${path}.basic`) : [requiredField(`${path}.basic`)]),
  ];
}

function validateBasicDevice({ attributes = {}, capacity = {} }: BasicDevice, path: string): Errors {
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  const tooMany = `the total number of attributes and capacities must not exceed ${PROPERTIES_MAX}`;
  return [
    ...Object.entries(attributes).flatMap(([name, value]) => [
      ...checkAttributeName(`${path}.attributes[${name}]`, name),
      ...validateAttribute(value, `${path}.attributes[${name}]`),
    ]),
    ...Object.keys(capacity).flatMap((name) => checkAttributeName(`${path}.capacity[${name}]`, name)),
    ...when(count > PROPERTIES_MAX, invalidField(path, count, tooMany)),
  ];
}

const NUMBER = "(0|[1-9]\\d*)";
const PRE_RELEASE = "(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)";
const BUILD = "[0-9a-zA-Z-]+";
/** https://semver.org, version 2.0.0. */
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PRE_RELEASE}(\\.${PRE_RELEASE})*)?(\\+${BUILD}(\\.${BUILD})*)?$`,
);

function validateAttribute(attribute: DeviceAttribute, path: string): Errors {
  const { string: text = "", version } = attribute;
  const count = Object.keys(attribute).length;
  const problem = "exactly one value must be specified";
  return [
    ...when(Buffer.byteLength(text) > VALUE_BYTES_MAX, tooLongField(`${path}.string`, VALUE_BYTES_MAX)),
    ...when(
      version !== undefined && !VERSION.test(version),
      invalidField(`${path}.version`, version, "must be a string compatible with semver.org spec 2.0.0"),
    ),
    ...when(Buffer.byteLength(version ?? "") > VALUE_BYTES_MAX, tooLongField(`${path}.version`, VALUE_BYTES_MAX)),
    ...when(count === 0, requiredField(path, problem)),
    ...when(count > 1, invalidField(path, attribute, problem)),
  ];
}
