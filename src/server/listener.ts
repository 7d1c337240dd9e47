import { refuseLesserRole } from "../admin/identify.ts";
import type { KnownCaller } from "../gateway/identify.ts";
import type { Reply } from "../gateway/incoming-call.ts";
import type { Administrator } from "../model/caller.ts";
import type { Dialect } from "../model/dialect.ts";
import type { DialectId } from "../model/dialect-id.ts";
import { asGatewayError, GatewayError } from "../model/gateway-error.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import { AddressUnavailable } from "./address-unavailable.ts";
import { clientDialect } from "./client-dialect.ts";
import type { HostGuard } from "./guards/host.ts";
import type { OriginGuard, PathFor } from "./guards/origin.ts";
import { isOddPath, pathParameter } from "./guards/path.ts";
import type { RouteEntry, Visit } from "./route-table.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

/** A connection that sends nothing, or half a head, is closed after about this long. Requests have their own limits. */
const IDLE_CONNECTION_SECONDS = 30;

/** What the listener works with. */
export interface ListenerParts {
  readonly host: string;
  readonly port: number;
  readonly routes: readonly RouteEntry[];
  readonly dialects: ReadonlyMap<DialectId, Dialect>;
  readonly hostGuard: HostGuard;
  readonly originGuard: OriginGuard;
  readonly telemetry: Telemetry;
  identifyCaller(request: Request): KnownCaller;
  identifyAdministrator(headers: Headers): Administrator;
}

type Handler = (request: Request, server: Bun.Server<undefined>) => Promise<Response>;

/**
 * Listens. The runtime's router matches raw paths against the route table; whatever it does not match is refused, so a
 * path that means a route only after normalising never reaches one. Throws AddressUnavailable.
 */
export function listen(parts: ListenerParts): Bun.Server<undefined> {
  try {
    return serve(parts);
  } catch (cause) {
    throw new AddressUnavailable(parts.host, parts.port, cause);
  }
}

function serve(parts: ListenerParts): Bun.Server<undefined> {
  return Bun.serve({
    hostname: parts.host,
    port: parts.port,
    idleTimeout: IDLE_CONNECTION_SECONDS,
    // The body guard counts and refuses in the client's dialect; the runtime's own limit would answer without a word.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    routes: routerOf(parts),
    fetch: (request) => refuseUnmatched(request, parts),
    error: () => new Response(null, { status: 500, headers: SECURITY_HEADERS }),
  });
}

function routerOf(parts: ListenerParts): Record<string, Record<string, Handler>> {
  const router: Record<string, Record<string, Handler>> = {};
  for (const entry of parts.routes) {
    const methods = router[entry.path] ?? {};
    router[entry.path] = methods;
    methods[entry.method] = (request, server) => {
      server.timeout(request, 0);
      return answer(request, entry, parts);
    };
    methods["OPTIONS"] = (request) =>
      preflight(request, pathFor(entry), [...methodsAt(entry.path, parts.routes), "OPTIONS"], parts);
  }
  refuseOverlaps(router, parts);
  return router;
}

/** For a method that a path which is written out has not, the router would take a pattern that the path fits too. */
function refuseOverlaps(router: Record<string, Record<string, Handler>>, parts: ListenerParts): void {
  const patterns = parts.routes.filter(({ path }) => path.includes(":"));
  for (const [path, methods] of Object.entries(router)) {
    if (path.includes(":")) continue;
    for (const pattern of patterns)
      if (fits(pattern.path, path)) methods[pattern.method] ??= (request) => refuseUnmatched(request, parts);
  }
}

function pathFor({ access }: RouteEntry): PathFor {
  return access === "virtual-key" ? "callers" : "others";
}

async function answer(request: Request, entry: RouteEntry, parts: ListenerParts): Promise<Response> {
  const requestId = `req_${Bun.randomUUIDv7()}`;
  const dialect = entry.isShared === true ? clientDialect(request.headers, entry.dialect) : entry.dialect;
  let corsHeaders: Reply["headers"] = {};
  try {
    parts.hostGuard(request.headers);
    corsHeaders = parts.originGuard.check(request.headers, pathFor(entry));
    const parameters = entry.path.includes(":") ? parametersOf(request) : NO_PARAMETERS;
    const visit = { request, requestId, receivedAtMs: Date.now(), parameters };
    const reply = await dispatch(entry, visit, parts);
    return responseOf(reply, idHeaders(requestId, dialect, parts), corsHeaders);
  } catch (thrown) {
    return errorResponse(thrown, request, dialect, requestId, corsHeaders, parts);
  }
}

function dispatch(entry: RouteEntry, visit: Visit, parts: ListenerParts): Promise<Reply> {
  switch (entry.access) {
    case "public":
      return entry.handle(visit);
    case "virtual-key":
      return entry.handle(visit, parts.identifyCaller(visit.request));
    case "admin-key": {
      const administrator = parts.identifyAdministrator(visit.request.headers);
      refuseLesserRole(entry.role, administrator.role);
      return entry.handle(visit, administrator);
    }
  }
}

const NO_PARAMETERS: readonly string[] = [];

function parametersOf(request: Request): readonly string[] {
  const parameters = "params" in request ? request.params : undefined;
  if (typeof parameters !== "object" || parameters === null) return NO_PARAMETERS;
  return Object.values(parameters).map((value) => pathParameter(String(value)));
}

/** The request's id, also where the dialect's own clients look for it. */
function idHeaders(requestId: string, dialect: DialectId, { dialects }: ListenerParts): Reply["headers"] {
  const own = dialects.get(dialect)?.inbound?.requestIdHeader;
  return own === undefined ? { "x-request-id": requestId } : { "x-request-id": requestId, [own]: requestId };
}

const USUAL_HEADERS = new Headers(SECURITY_HEADERS);

function setAll(headers: Headers, more: Reply["headers"]): void {
  for (const name in more) headers.set(name, more[name] ?? "");
}

function responseOf(reply: Reply, ids: Reply["headers"], corsHeaders: Reply["headers"]): Response {
  // A native copy of what every answer has, and the rest set: an object of them all took half as long again.
  const response = new Response(reply.body, { status: reply.status, headers: USUAL_HEADERS });
  const { headers } = response;
  setAll(headers, ids);
  setAll(headers, corsHeaders);
  setAll(headers, reply.headers);
  return response;
}

function errorResponse(
  thrown: unknown,
  request: Request,
  dialectId: DialectId,
  requestId: string,
  corsHeaders: Reply["headers"],
  parts: ListenerParts,
): Response {
  const error = asGatewayError(thrown);
  const encoded = parts.dialects.get(dialectId)?.inbound?.encodeError(error, requestId);
  if (!error.isTold) {
    parts.telemetry.refused(
      requestId,
      request.method,
      pathnameOf(request),
      error.status,
      error.code,
      error.cause,
    );
  }
  const headers = {
    ...SECURITY_HEADERS,
    // A page that the key itself refuses is none that may read the answer.
    ...(error.code === "origin_not_allowed" ? {} : corsHeaders),
    ...idHeaders(requestId, dialectId, parts),
    "x-gatehouse-error": error.code,
    ...error.replyHeaders,
    ...retryAdvice(error, encoded?.status ?? error.status),
    "content-type": encoded?.contentType ?? "application/json",
    ...retryAfter(error),
  };
  return new Response(encoded?.body ?? null, { status: encoded?.status ?? error.status, headers });
}

/**
 * Clients try 409, 429 and 5xx again by themselves; where that can't help, they are told so. The SDKs of OpenAI and Anthropic
 * go by this header (openai-node and anthropic-sdk-typescript, `shouldRetry`).
 */
function retryAdvice({ retryable }: GatewayError, status: number): Reply["headers"] {
  return retryable || (status !== 409 && status !== 429 && status < 500) ? {} : { "x-should-retry": "false" };
}

function retryAfter(error: GatewayError): Reply["headers"] {
  if (error.retryAfterMs === undefined) return {};
  return { "retry-after": String(Math.ceil(error.retryAfterMs / 1000)) };
}

async function preflight(
  request: Request,
  path: PathFor,
  methods: readonly string[],
  parts: ListenerParts,
): Promise<Response> {
  const requestId = `req_${Bun.randomUUIDv7()}`;
  try {
    parts.hostGuard(request.headers);
    const headers = parts.originGuard.preflight(request.headers, path, methods);
    return new Response(null, { status: 204, headers: { ...SECURITY_HEADERS, ...headers } });
  } catch (thrown) {
    return errorResponse(thrown, request, UNMATCHED_DIALECT, requestId, {}, parts);
  }
}

/** In which a client is told of a path that is nobody's, unless its headers tell another. */
const UNMATCHED_DIALECT: DialectId = "openai-chat";

async function refuseUnmatched(request: Request, parts: ListenerParts): Promise<Response> {
  const requestId = `req_${Bun.randomUUIDv7()}`;
  const dialect = clientDialect(request.headers, UNMATCHED_DIALECT);
  let corsHeaders: Reply["headers"] = {};
  try {
    parts.hostGuard(request.headers);
    corsHeaders = parts.originGuard.check(request.headers, "others");
  } catch (thrown) {
    return errorResponse(thrown, request, dialect, requestId, {}, parts);
  }
  const pathname = pathnameOf(request);
  const methods = methodsAt(pathname, parts.routes);
  const code = unmatchedCode(request.method, pathname, methods);
  const response = errorResponse(new GatewayError(code), request, dialect, requestId, corsHeaders, parts);
  if (code === "method_not_allowed") response.headers.set("allow", methods.join(", "));
  return response;
}

/** The path as the runtime normalised it; empty where the Host header makes no address, which no guard lets pass. */
function pathnameOf(request: Request): string {
  return URL.parse(request.url, "http://gateway.invalid")?.pathname ?? "";
}

/** A path and method that are in the table and still were not matched can only have been spelled crookedly. */
function unmatchedCode(method: string, pathname: string, methods: readonly string[]) {
  if (isOddPath(pathname) || methods.some((known) => known === method)) return "invalid_path";
  return methods.length > 0 ? "method_not_allowed" : "not_found";
}

/** A path that is written out goes before a pattern that it would fit too, as it does in the router. */
function methodsAt(pathname: string, routes: readonly RouteEntry[]): string[] {
  const own = routes.filter(({ path }) => path === pathname);
  const entries = own.length > 0 ? own : routes.filter(({ path }) => fits(path, pathname));
  return entries.map(({ method }) => method);
}

function fits(pattern: string, pathname: string): boolean {
  const wanted = pattern.split("/");
  const given = pathname.split("/");
  return (
    wanted.length === given.length &&
    wanted.every((part, i) => (part.startsWith(":") ? given[i] !== "" : part === given[i]))
  );
}
