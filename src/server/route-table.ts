import type { KnownCaller } from "../gateway/identify.ts";
import type { Reply } from "../gateway/incoming-call.ts";
import type { AdminRole } from "../model/admin-role.ts";
import type { Administrator } from "../model/caller.ts";
import type { DialectId } from "../model/dialect-id.ts";

/** A request whose guards have passed. */
export interface Visit {
  readonly request: Request;
  /** The path's parameters, checked, in their order. */
  readonly parameters: readonly string[];
  readonly requestId: string;
  /** Milliseconds since 1970. */
  readonly receivedAtMs: number;
}

interface Entry {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** A raw path; `:name` stands for one segment. */
  readonly path: string;
  /** The dialect in which errors are told. */
  readonly dialect: DialectId;
  /** True where clients of several dialects use the path: each is answered in its own. */
  readonly isShared?: boolean;
}

/**
 * One line of the one route table. What the router matches is what access is judged by, and a handler gets an identity
 * only from the listener, so no route can forget to ask. `public` is the printed list of promise 13.
 */
export type RouteEntry = Entry &
  (
    | { readonly access: "public"; handle(visit: Visit): Promise<Reply> }
    | { readonly access: "virtual-key"; handle(visit: Visit, caller: KnownCaller): Promise<Reply> }
    | {
        readonly access: "admin-key";
        /** The least role that opens it. */
        readonly role: AdminRole;
        handle(visit: Visit, administrator: Administrator): Promise<Reply>;
      }
  );
