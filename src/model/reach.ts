/**
 * Where calls to an origin may lead, whatever its name is resolved to:
 * - `public`: to public addresses only; what holds unless something else is said.
 * - `own-network`: also to this machine and to private networks; for an origin that its operator wrote as lying there.
 * - `anywhere`: to every address; for an origin that the configuration allows by name.
 */
export type Reach = "public" | "own-network" | "anywhere";
