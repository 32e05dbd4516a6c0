// The -o flag: which forms there are, and how each turns objects into text.

import { resolve } from "node:path";
import { renderYaml } from "../../lib/render-yaml.ts";
import type { AnyObject } from "../any-object.ts";
import { closestName } from "../closest-name.ts";
import { CommandError } from "../command-error.ts";
import type { CommandIo } from "../command-io.ts";
import { onOff, text } from "../flags.ts";
import { parseTemplate, type TemplateNode } from "../json-path/parse-template.ts";
import { renderTemplate } from "../json-path/render-template.ts";
import { parseColumnsFile, parseCustomColumns, renderCustomColumns, type CustomColumn } from "./custom-columns.ts";
import { renderGoJson } from "./go-text.ts";

export const outputFlags = {
  output: text("The form of the output: json, yaml, name, jsonpath=…, custom-columns=….", {
    short: "o",
    placeholder: "FORM",
  }),
  "show-managed-fields": onOff("Keep metadata.managedFields in json and yaml."),
};

/** What -o asks for. `undefined` and "wide" are the table, or the command's own message. */
export type OutputFormat =
  | { readonly kind: "table"; readonly wide: boolean }
  | { readonly kind: "yaml" | "json" | "name" }
  | { readonly kind: "jsonpath"; readonly template: readonly TemplateNode[]; readonly source: string }
  | { readonly kind: "custom-columns"; readonly columns: readonly CustomColumn[] };

const FORMS = [
  "custom-columns",
  "custom-columns-file",
  "json",
  "jsonpath",
  "jsonpath-file",
  "name",
  "wide",
  "yaml",
] as const;

/** Throws CommandError for forms that there are not. */
export async function parseOutput(io: CommandIo, output: string | undefined): Promise<OutputFormat> {
  const [form, argument = ""] = splitForm(output ?? "");
  const simple = SIMPLE_FORMS.get(form);
  if (simple) return simple;
  const read = form.endsWith("-file") ? await readFile(io, argument) : argument;
  if (form.startsWith("jsonpath")) return jsonPathFormat(read);
  if (form === "custom-columns") return { kind: "custom-columns", columns: parseCustomColumns(read) };
  if (form === "custom-columns-file") return { kind: "custom-columns", columns: parseColumnsFile(read) };
  throw refuseForm(form);
}

const SIMPLE_FORMS: ReadonlyMap<string, OutputFormat> = new Map<string, OutputFormat>([
  ["", { kind: "table", wide: false }],
  ["wide", { kind: "table", wide: true }],
  ["yaml", { kind: "yaml" }],
  ["json", { kind: "json" }],
  ["name", { kind: "name" }],
]);

function splitForm(output: string): [string, string | undefined] {
  const at = output.indexOf("=");
  return at < 0 ? [output, undefined] : [output.slice(0, at), output.slice(at + 1)];
}

function jsonPathFormat(source: string): OutputFormat {
  if (source === "") throw new CommandError("template format specified but no template given");
  try {
    return { kind: "jsonpath", template: parseTemplate(source), source };
  } catch (error) {
    throw new CommandError(`error parsing jsonpath ${source}, ${(error as Error).message}`);
  }
}

function readFile(io: CommandIo, path: string): Promise<string> {
  return io.files.read(resolve(io.workingDirectory, path)).catch((error: Error) => {
    throw new CommandError(`the template ${path} cannot be read: ${error.message}`);
  });
}

function refuseForm(form: string): CommandError {
  if (form.startsWith("go-template") || form.startsWith("template")) {
    return new CommandError(`kctl has no Go templates (-o ${form}). Use -o jsonpath=… or -o custom-columns=… instead.`);
  }
  const suggestion = closestName(form, FORMS);
  const hint = suggestion ? `; did you mean "${suggestion}"?` : `, allowed formats are: ${FORMS.join(",")}`;
  return new CommandError(`unable to match a printer suitable for the output format ${JSON.stringify(form)}${hint}`);
}

/** The object as it is shown: without the book-keeping of server-side apply, unless asked for. */
export function withoutManagedFields(object: AnyObject): AnyObject {
  if (object.metadata.managedFields === undefined) return object;
  return { ...object, metadata: { ...object.metadata, managedFields: undefined } };
}

/** The text of one object, or of a list. `name` is what `-o name` shows. Pure; throws CommandError. */
export function renderObject(
  format: Exclude<OutputFormat, { readonly kind: "table" }>,
  object: unknown,
  name: string,
): string {
  switch (format.kind) {
    case "yaml":
      return renderYaml(object);
    case "json":
      return renderGoJson(object);
    case "name":
      return `${name}\n`;
    case "custom-columns":
      return renderCustomColumns(format.columns, [object], { headers: true });
    case "jsonpath":
      return renderJsonPath(format, object);
  }
}

export function renderJsonPath(
  { template, source }: Extract<OutputFormat, { kind: "jsonpath" }>,
  value: unknown,
): string {
  try {
    return renderTemplate(template, value);
  } catch (error) {
    throw new CommandError(
      `error executing jsonpath ${JSON.stringify(source)}: Error executing template: ${(error as Error).message}`,
    );
  }
}
