import type { Actor } from "../model/actor.ts";
import type { AdminRole } from "../model/admin-role.ts";

/** Who asks, beside what. */
export interface Asker {
  readonly actor: Actor;
  readonly role: AdminRole;
  /** The request's id; absent where none came over HTTP. */
  readonly requestId?: string;
}
