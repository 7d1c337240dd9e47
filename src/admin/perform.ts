import { refuseLesserRole } from "./identify.ts";
import { judge, parseBody, queryValues } from "./judge.ts";
import type { AdminParts, AdminResource, Asker } from "./resource.ts";

/** What was sent, not yet judged. */
export interface AdminInput {
  readonly parameters: { readonly [name: string]: string };
  readonly query: URLSearchParams;
  /** The body's bytes, or a value that stands for them; undefined where there is none. */
  readonly body: Uint8Array | object | undefined;
  readonly ifMatch?: string | null;
}

/**
 * Carries out an operation, whoever asks and in whatever way: judges the role and all that was sent, then handles it.
 * Throws GatewayError.
 */
export function perform<Answer extends object>(
  resource: AdminResource<unknown, unknown, unknown, Answer>,
  input: AdminInput,
  asker: Asker,
  parts: AdminParts,
): Promise<Answer> {
  refuseLesserRole(resource.role, asker.role);
  const ifMatch = revisionsOf(input.ifMatch ?? null);
  return resource.handle(
    {
      parameters: judge(resource.parameters, input.parameters),
      query: judge(resource.query, queryValues(resource.query, input.query)),
      body: bodyOf(resource, input.body),
      asker,
      ...(ifMatch === undefined ? {} : { ifMatch }),
    },
    parts,
  );
}

function bodyOf(resource: AdminResource, body: AdminInput["body"]): unknown {
  if (resource.body === undefined) return undefined;
  const isEmpty = body === undefined || (body instanceof Uint8Array && body.byteLength === 0);
  if (isEmpty && resource.isBodyOptional === true) return judge(resource.body, {});
  return judge(
    resource.body,
    body instanceof Uint8Array ? parseBody(body) : (body ?? parseBody(new Uint8Array())),
  );
}

/**
 * The revisions in an If-Match header (RFC 9110, 13.1.1); undefined where any will do. A tag that is none of ours
 * matches nothing.
 */
function revisionsOf(header: string | null): readonly number[] | undefined {
  if (header === null || header.trim() === "*") return undefined;
  return header.split(",").map((tag) => {
    const [, revision] = /^\s*"(\d{1,15})"\s*$/.exec(tag) ?? [];
    return revision === undefined ? Number.NaN : Number(revision);
  });
}
