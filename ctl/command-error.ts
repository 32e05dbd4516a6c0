// A command's own refusal: what the user asked for cannot be done, said in a sentence or two. Shown as `error: …`.

/** Told by its name: a test may hold two copies of this module, one loaded at the start and one when a command was. */
export const isCommandError = (error: unknown): error is CommandError =>
  error instanceof Error && error.name === "CommandError";

export class CommandError extends Error {
  /** The process's exit code. */
  readonly exitCode: number;
  /** The message is shown as it is, without `error: ` before it. */
  readonly plain: boolean;

  constructor(message: string, options: { readonly exitCode?: number; readonly plain?: boolean } = {}) {
    super(message);
    this.name = "CommandError";
    this.exitCode = options.exitCode ?? 1;
    this.plain = options.plain ?? false;
  }
}
