// For reading what may not be there. A file that is missing is an answer; one that cannot be read is a failure, and stays one.

/** For `.catch()` of a call on a file: undefined where there is no such file, and throws everything else on. */
export function ignoreMissingFile(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
