// A program that swaps a directory of its volume for a link to the node's, as fast as it can, while the kubelet looks for a
// path below it (CVE-2017-1002101, CVE-2021-25741).

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readFile } from "node:fs/promises";
import { expect } from "chai";
import { systemExec } from "../../lib/exec.ts";
import { describeWith } from "../../testing/machine-parts.ts";
import { diskFiles } from "../node-files.ts";
import { unmount } from "./mount-program.ts";
import { heldPath, openBelow } from "./open-below.ts";
import { bindSubPath, type BindContext } from "./sub-path.ts";

const ROUNDS = 10_000;
const MOUNTS = 200;

/** renameat2() with RENAME_EXCHANGE, which neither Node nor a shell has, in an endless loop. */
const FLIP = `
  use POSIX ();
  $| = 1;
  my $call = (POSIX::uname())[4] eq "aarch64" ? 276 : 316;
  print "flipping\\n";
  syscall($call, -100, $ARGV[0], -100, $ARGV[1], 2) while 1;
`;

describeWith(["linux", "root"], "a sub-path that is swapped for a link at the same time", function () {
  const { signal } = new AbortController();
  let base: string;
  let root: string;
  let flipper: ChildProcess;
  let context: BindContext;

  before(async () => {
    base = mkdtempSync(join(tmpdir(), "gantry-race-"));
    root = join(base, "volume");
    mkdirSync(join(root, "dir"), { recursive: true });
    mkdirSync(join(base, "host"));
    writeFileSync(join(root, "dir/secret"), "inside");
    writeFileSync(join(base, "host/secret"), "outside");
    symlinkSync("../host", join(root, "bait"));
    context = { exec: systemExec(), files: diskFiles, signal };
    flipper = spawn("perl", ["-e", FLIP, join(root, "dir"), join(root, "bait")]);
    await once(flipper.stdout as NodeJS.ReadableStream, "data");
  });
  after(async () => {
    flipper.kill("SIGKILL");
    await once(flipper, "exit");
    for (const path of await diskFiles.mountsBelow(base)) await unmount(path, context);
    rmSync(base, { recursive: true, force: true });
  });

  interface Counts {
    inside: number;
    outside: number;
    refused: number;
  }
  /** Refusals come as the swap is met; what counts is that nothing of the node is reached. */
  async function count(rounds: number, read: (round: number) => Promise<string>): Promise<Counts> {
    const counts: Counts = { inside: 0, outside: 0, refused: 0 };
    for (let round = 0; round < rounds; round++) {
      const text = await read(round).catch(() => "refused");
      counts[text as keyof Counts]++;
    }
    return counts;
  }

  it(`never leads to a file of the node in ${ROUNDS} rounds`, async () => {
    const counts = await count(ROUNDS, async () => {
      const found = await openBelow(root, "dir/secret");
      try {
        return await readFile(heldPath(found), "utf8");
      } finally {
        await found.close();
      }
    });
    expect(counts.outside).to.equal(0);
    // Both sides of the swap were met, or this would have tested nothing.
    expect(counts.inside).to.be.greaterThan(100);
    expect(counts.refused).to.be.greaterThan(100);
  });

  it("never makes a directory of the node's", async () => {
    const made = await count(ROUNDS / 10, async (round) => {
      await (await openBelow(root, `dir/new-${round}`)).close();
      return "inside";
    });
    expect(made.inside).to.be.greaterThan(10);
    expect(readdirSync(join(base, "host"))).to.deep.equal(["secret"]);
  });

  for (const [path, read] of [
    ["dir", "secret"],
    ["dir/secret", ""],
  ] as const) {
    it(`never mounts what is the node's for ${path}`, async () => {
      const target = join(base, `targets/${path.length}`);
      const counts = await count(MOUNTS, async () => {
        await bindSubPath({ root, path }, target, context);
        return readFileSync(join(target, read), "utf8");
      });
      expect(counts.outside).to.equal(0);
      expect(counts.inside).to.be.greaterThan(10);
    });
  }

  it("is mounted anew when something else is there, and left as it is otherwise", async () => {
    const other = join(base, "other");
    mkdirSync(join(other, "a"), { recursive: true });
    writeFileSync(join(other, "b"), "b");
    const target = join(base, "targets/again");
    for (const path of ["a", "a", "b", "a"]) {
      await bindSubPath({ root: other, path }, target, context);
      expect(statSync(target).ino).to.equal(statSync(join(other, path)).ino);
      expect((await diskFiles.mountsBelow(join(base, "targets"))).filter((each) => each === target)).to.have.length(1);
    }
  });
});
