import type { Kysely } from "kysely";
import { z } from "zod";
import type { Administrator } from "../model/caller.ts";
import { GatewayError } from "../model/gateway-error.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { KeyDirectory } from "../policy/identity/key-directory.ts";
import type { Tables } from "../storage/schema.ts";

/** What administration works with. */
export interface AdminParts {
  readonly store: Kysely<Tables>;
  readonly keys: KeyDirectory;
  snapshot(): Snapshot;
}

/** What every administration request brings. */
export interface AdminRequest {
  readonly request: Request;
  /** The path's parameters, checked. */
  readonly parameters: readonly string[];
}

/** A request whose administrator is known and whose body, if the method has one, has been read. */
export interface AdminVisit extends AdminRequest {
  readonly administrator: Administrator;
  readonly body: Uint8Array | undefined;
}

/** One operation of the administration API: its path and what it does. */
export interface AdminResource {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly summary: string;
  handle(visit: AdminVisit, parts: AdminParts): Promise<{ readonly status: number; readonly value: object }>;
}

/** Administration bodies are small. */
export const ADMIN_BODY_LIMITS = Object.freeze({ bodyBytes: 256 * 1024, requestBodyMs: 10_000 });

/** Reads a body by its schema; unknown fields are refused. Throws `invalid_json` or `invalid_request`. */
export function readInput<Schema extends z.ZodType>(
  schema: Schema,
  body: Uint8Array | undefined,
): z.infer<Schema> {
  return judged(schema, parsed(body ?? new Uint8Array(0)));
}

/** Reads the query by its schema. Throws `invalid_request`. */
export function readQuery<Schema extends z.ZodType>(schema: Schema, request: Request): z.infer<Schema> {
  return judged(schema, Object.fromEntries(new URL(request.url).searchParams));
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(body));
  } catch (cause) {
    throw new GatewayError("invalid_json", { cause });
  }
}

function judged<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new GatewayError("invalid_request", {
    message: z.prettifyError(result.error),
    field: issue === undefined ? "" : issue.path.join("."),
  });
}
