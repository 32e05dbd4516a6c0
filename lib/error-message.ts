// The text of a thrown value, for events and conditions that people read.

/** The message of an Error; anything else as text. */
export function errorMessage(error: unknown): string {
  if (error instanceof Error) return error.message;
  return typeof error === "string" ? error : JSON.stringify(error);
}
