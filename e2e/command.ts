// Runs a command line as a user would and keeps what it prints.

import { spawn } from "node:child_process";

export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CommandOptions {
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly limitMs?: number;
}

/** Resolves with any exit code. A command that outlives its limit is killed and rejects. */
export function runCommand(command: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program = "", ...args] = command;
  const { input = "", environment = {}, limitMs = 90_000 } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: "pipe", env: { ...process.env, ...environment } });
    let stdout = "";
    let stderr = "";
    const limit = setTimeout(() => {
      child.kill("SIGKILL");
      reject(new Error(`${command.join(" ")} did not end within ${limitMs} ms; it printed: ${stdout}${stderr}`));
    }, limitMs);
    child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.on("error", reject);
    child.on("close", (code) => {
      clearTimeout(limit);
      resolve({ code: code ?? -1, stdout, stderr });
    });
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
  });
}

/** Runs a command that has to succeed and gives its standard output. */
export async function runOrFail(command: readonly string[], options?: CommandOptions): Promise<string> {
  const { code, stdout, stderr } = await runCommand(command, options);
  if (code !== 0) throw new Error(`${command.join(" ")} exited with ${code}: ${stdout}${stderr}`);
  return stdout;
}
