import type { Kysely } from "kysely";
import { z } from "zod";
import type { PriceBook } from "../ledger/prices/price-book.ts";
import type { LedgerReader } from "../ledger/reader/ledger-reader.ts";
import type { AdminRole } from "../model/admin-role.ts";
import type { BudgetStates } from "../model/budget-state.ts";
import type { ErrorCode } from "../model/error-table.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { WebhookResult } from "../model/webhook.ts";
import type { RoutingState } from "../routing/routing-state.ts";
import type { Tables } from "../storage/schema.ts";
import type { Asker } from "./asker.ts";
import type { ConfigurationControl } from "./revisions/configuration-control.ts";

export type { Asker } from "./asker.ts";

/** What administration works with. */
export interface AdminParts {
  readonly store: Kysely<Tables>;
  readonly budgets: BudgetStates;
  readonly configuration: ConfigurationControl;
  /** Reads of the ledger that take more than a moment. */
  readonly reader: LedgerReader;
  snapshot(): Snapshot;
  prices(): PriceBook;
  /** What routing remembers. */
  routing(): RoutingState;
  /** Sends a test message to the alerts' webhook; undefined where none is configured. */
  testWebhook(): Promise<WebhookResult | undefined>;
  /** Takes in what was just changed, so that the very next call to this process is judged by it. */
  changed(): Promise<void>;
}

/** A request that has been judged by its resource's schemas. */
export interface AdminCall<Parameters = unknown, Query = unknown, Body = unknown> {
  readonly parameters: Parameters;
  readonly query: Query;
  readonly body: Body;
  readonly asker: Asker;
  /** The revisions that the change may be made on, from If-Match; absent for any. */
  readonly ifMatch?: readonly number[];
}

/** An answer that is sent as it is made. */
export interface Download {
  readonly contentType: string;
  readonly fileName: string;
  readonly parts: AsyncIterable<Uint8Array<ArrayBuffer>>;
}

/**
 * One operation of the administration API. The same value serves the API, the command line and the OpenAPI document:
 * the schemas that judge are the ones that are shown.
 */
export interface AdminResource<
  Parameters = unknown,
  Query = unknown,
  Body = unknown,
  Answer extends object = object,
> {
  /** Its name in the OpenAPI document: a verb and a noun. */
  readonly operation: string;
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  /** A raw path; `:name` stands for one segment. */
  readonly path: string;
  /** The section of the documentation that it stands in. */
  readonly section: string;
  readonly summary: string;
  readonly description?: string;
  /** The least role that may. */
  readonly role: AdminRole;
  readonly parameters: z.ZodType<Parameters>;
  readonly query: z.ZodType<Query>;
  /** Absent where none is read. */
  readonly body?: z.ZodType<Body> | undefined;
  /** Whether the body may be left out. */
  readonly isBodyOptional?: boolean;
  /** Whether it heeds If-Match. */
  readonly takesIfMatch?: boolean;
  readonly status: 200 | 201;
  readonly answer: z.ZodType<Answer>;
  /** The types in which it is sent, where the answer is a download. */
  readonly downloadTypes?: readonly string[];
  /** What may go wrong beyond what may anywhere. */
  readonly errors: readonly ErrorCode[];
  /** Throws GatewayError. */
  handle(call: AdminCall<Parameters, Query, Body>, parts: AdminParts): Promise<Answer>;
}

type Filled = "parameters" | "query" | "status" | "errors";

type Definition<Parameters, Query, Body, Answer extends object> = Omit<
  AdminResource<Parameters, Query, Body, Answer>,
  Filled
> &
  Partial<Pick<AdminResource<Parameters, Query, Body, Answer>, Filled>>;

type Nothing = Record<string, never>;

/** An operation, with what was left out filled in: no parameters, no query, 200, no errors of its own. */
export function adminResource<Answer extends object, Parameters = Nothing, Query = Nothing, Body = undefined>(
  definition: Definition<Parameters, Query, Body, Answer>,
): AdminResource<Parameters, Query, Body, Answer> {
  // Where a schema is left out, nothing was inferred from it, so its type is the default: the empty object's.
  const nothing = z.strictObject({}) as z.ZodType;
  return Object.freeze({
    status: 200,
    errors: [],
    ...definition,
    parameters: definition.parameters ?? (nothing as z.ZodType<Parameters>),
    query: definition.query ?? (nothing as z.ZodType<Query>),
  });
}
