// Names of chains and sets are limited in length and in letters: a hash stands for the id.

import { createHash } from "node:crypto";

export const shortHash = (id: string): string => createHash("sha256").update(id).digest("hex").slice(0, 16);
