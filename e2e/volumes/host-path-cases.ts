// Files and directories of the node, by what has to be there.

import { expect } from "chai";
import type { HostPathVolumeSource } from "../../api/core/volume.ts";
import type { PodCase } from "../pod-spec/pod-case.ts";
import { fails, looksInto, NODE_PLACE } from "./volume-pods.ts";

type HostPathType = HostPathVolumeSource["type"];

/** What the suite has put there: `dir`, `dir/file`, `socket`, `pipe`; `/dev/null` and a block device are everywhere. */
const at = (name: string, type: HostPathType) => ({
  hostPath: { path: name.startsWith("/") ? name : `${NODE_PLACE}/${name}`, type },
});

const sees = (name: string, type: HostPathType, [script, expected]: readonly [string, string]): PodCase => ({
  title: `${type || "no type"} takes ${name}`,
  sees: [],
  spec: looksInto(at(name, type), script),
  check: ({ said }) => expect(said()).to.equal(`${expected}\n`),
});

const refuses = (name: string, type: HostPathType, what: string): PodCase => {
  const { path } = at(name, type).hostPath;
  return fails(
    `${type} refuses ${name}`,
    at(name, type),
    `MountVolume.SetUp failed for volume "v" : hostPath type check failed: ${path} is not ${what}`,
  );
};

/** The kind of thing that lies at the volume's path. */
const KIND = "stat -c %F /v";

export const hostPathCases: readonly PodCase[] = [
  sees("dir", "", ["cat /v/file", "content"]),
  sees("pipe", "", [KIND, "fifo"]),
  sees("made-without-type", "", [KIND, "directory"]),
  sees("dir", "Directory", ["cat /v/file && touch /v/written && test -e /v/written", "content"]),
  sees("made/deep", "DirectoryOrCreate", ["stat -c '%F %a' /v", "directory 755"]),
  sees("dir/file", "File", ["cat /v", "content"]),
  sees("dir/made", "FileOrCreate", ["stat -c '%F %a' /v", "regular empty file 644"]),
  sees("socket", "Socket", [KIND, "socket"]),
  sees("/dev/null", "CharDevice", [KIND, "character special file"]),
  sees("block", "BlockDevice", [KIND, "block special file"]),
  refuses("absent", "Directory", "a directory"),
  refuses("dir/file", "Directory", "a directory"),
  refuses("dir/file", "DirectoryOrCreate", "a directory"),
  refuses("absent", "File", "a file"),
  refuses("dir", "File", "a file"),
  refuses("dir", "FileOrCreate", "a file"),
  refuses("dir/file", "Socket", "a socket file"),
  refuses("dir/file", "CharDevice", "a character device"),
  refuses("/dev/null", "BlockDevice", "a block device"),
];
