// The program of every sandbox: it waits for ever and reaps the orphans of a shared process namespace. Written here as
// machine code, so that a sandbox needs no image from anywhere: a static Linux program of about 200 bytes.

const BASE_ADDRESS = 0x400000;
const FILE_HEADER_BYTES = 64;
const PROGRAM_HEADER_BYTES = 56;
const CODE_OFFSET = FILE_HEADER_BYTES + PROGRAM_HEADER_BYTES;

/** The names of Node's process.arch. */
export type PauseArchitecture = "x64" | "arm64";

interface Machine {
  /** ELF's number of the machine. */
  readonly elfMachine: number;
  readonly code: Buffer;
  /** Where the code expects the action for SIGCHLD, from the code's start. */
  readonly actionOffset: number;
}

// rt_sigaction(SIGCHLD, &ignore, NULL, 8); for (;;) pause();
const x64: Machine = {
  elfMachine: 62,
  actionOffset: 40,
  code: Buffer.from(
    [
      "b80d000000", // mov eax, 13 (rt_sigaction)
      "bf11000000", // mov edi, 17 (SIGCHLD)
      "bea0004000", // mov esi, BASE_ADDRESS + CODE_OFFSET + 40
      "31d2", // xor edx, edx
      "41ba08000000", // mov r10d, 8
      "0f05", // syscall
      "b822000000", // mov eax, 34 (pause)
      "0f05", // syscall
      "ebf7", // jmp back to pause
    ].join(""),
    "hex",
  ),
};

// As above, with ppoll(NULL, 0, NULL, NULL), for lack of a pause call.
const arm64: Machine = {
  elfMachine: 183,
  actionOffset: 56,
  code: words([
    0xd28010c8, // mov x8, 134 (rt_sigaction)
    0xd2800220, // mov x0, 17 (SIGCHLD)
    0x10000181, // adr x1, +48
    0xd2800002, // mov x2, 0
    0xd2800103, // mov x3, 8
    0xd4000001, // svc 0
    0xd2800000, // mov x0, 0
    0xd2800001, // mov x1, 0
    0xd2800002, // mov x2, 0
    0xd2800003, // mov x3, 0
    0xd2800928, // mov x8, 73 (ppoll)
    0xd4000001, // svc 0
    0x17fffffa, // b back to mov x0
  ]),
};

const machines: Readonly<Record<PauseArchitecture, Machine>> = { x64, arm64 };

/** The bytes of the executable file. */
export function buildPauseProgram(architecture: PauseArchitecture): Buffer {
  const { elfMachine, code, actionOffset } = machines[architecture];
  const image = Buffer.alloc(CODE_OFFSET + actionOffset + 32);
  writeFileHeader(image, elfMachine);
  writeProgramHeader(image);
  code.copy(image, CODE_OFFSET);
  // The kernel's struct of a signal action begins with the handler; 1 is SIG_IGN, which also reaps children.
  image.writeBigUInt64LE(1n, CODE_OFFSET + actionOffset);
  return image;
}

function writeFileHeader(image: Buffer, elfMachine: number): void {
  Buffer.from("7f454c46020101", "hex").copy(image); // 64 bits, little-endian, version 1
  image.writeUInt16LE(2, 16); // an executable
  image.writeUInt16LE(elfMachine, 18);
  image.writeUInt32LE(1, 20);
  image.writeBigUInt64LE(BigInt(BASE_ADDRESS + CODE_OFFSET), 24); // where it starts
  image.writeBigUInt64LE(BigInt(FILE_HEADER_BYTES), 32);
  image.writeUInt16LE(FILE_HEADER_BYTES, 52);
  image.writeUInt16LE(PROGRAM_HEADER_BYTES, 54);
  image.writeUInt16LE(1, 56); // one program header
  image.writeUInt16LE(64, 58); // the size of section headers, of which there are none
}

function writeProgramHeader(image: Buffer): void {
  const at = FILE_HEADER_BYTES;
  image.writeUInt32LE(1, at); // to be loaded
  image.writeUInt32LE(5, at + 4); // readable and executable
  image.writeBigUInt64LE(BigInt(BASE_ADDRESS), at + 16);
  image.writeBigUInt64LE(BigInt(BASE_ADDRESS), at + 24);
  image.writeBigUInt64LE(BigInt(image.length), at + 32);
  image.writeBigUInt64LE(BigInt(image.length), at + 40);
  image.writeBigUInt64LE(0x10000n, at + 48); // as large as any page
}

function words(instructions: readonly number[]): Buffer {
  const bytes = Buffer.alloc(instructions.length * 4);
  instructions.forEach((instruction, index) => bytes.writeUInt32LE(instruction, index * 4));
  return bytes;
}
