import { openApiDocument } from "../../admin/openapi/document.ts";
import { documentationPage } from "../../admin/openapi/page.ts";
import { perform } from "../../admin/perform.ts";
import type { AdminParts, AdminResource, Asker, Download } from "../../admin/resource.ts";
import type { Reply } from "../../gateway/incoming-call.ts";
import type { Administrator } from "../../model/caller.ts";
import { readBody } from "../guards/body.ts";
import { pulledStream } from "../pulled-stream.ts";
import type { RouteEntry, Visit } from "../route-table.ts";

/** Administration bodies are small. */
const BODY_LIMITS = Object.freeze({ bodyBytes: 256 * 1024, requestBodyMs: 10_000 });

/** What is administered, and with what. */
export interface Administration {
  readonly resources: readonly AdminResource[];
  readonly parts: AdminParts;
  readonly version: string;
}

/** The administration API, from its own table, and its documentation, from the same. */
export function administrationRoutes({ resources, parts, version }: Administration): RouteEntry[] {
  return [
    ...resources.map((resource) => routeOf(resource, parts)),
    documentRoute(() => JSON.stringify(openApiDocument(resources, version))),
    pageRoute,
  ];
}

function routeOf(resource: AdminResource, parts: AdminParts): RouteEntry {
  const names = [...resource.path.matchAll(/:(\w+)/g)].map(([, name = ""]) => name);
  return {
    method: resource.method,
    path: resource.path,
    dialect: "generate",
    access: "admin-key",
    role: resource.role,
    handle: async (visit, administrator) => {
      const { request, parameters } = visit;
      const body = resource.body === undefined ? undefined : await readBody(request, BODY_LIMITS);
      const input = {
        parameters: Object.fromEntries(names.map((name, index) => [name, parameters[index] ?? ""])),
        query: new URL(request.url).searchParams,
        body,
        ifMatch: request.headers.get("if-match"),
      };
      const answer = await perform(resource, input, askerOf(visit, administrator), parts);
      return isDownload(answer) ? downloaded(answer) : json(resource.status, answer);
    },
  };
}

function askerOf({ requestId }: Visit, { keyId, keyName, role }: Administrator): Asker {
  return { actor: { kind: "admin-key", id: keyId, name: keyName }, role, requestId };
}

function isDownload(answer: object): answer is Download {
  return "parts" in answer && "contentType" in answer;
}

function downloaded({ contentType, fileName, parts }: Download): Reply {
  const headers = {
    "content-type": contentType,
    "content-disposition": `attachment; filename="${fileName}"`,
    "cache-control": "no-store",
  };
  return { status: 200, headers, body: pulledStream(parts) };
}

/** What has a revision carries it as its entity tag too, for If-Match. */
function json(status: number, answer: object): Reply {
  const tag =
    "revision" in answer && typeof answer.revision === "number" ? { etag: `"${answer.revision}"` } : {};
  const headers = { "content-type": "application/json", ...tag };
  return { status, headers, body: JSON.stringify(answer) };
}

function documentRoute(write: () => string): RouteEntry {
  let text: string | undefined;
  return {
    method: "GET",
    path: "/admin/openapi.json",
    dialect: "generate",
    access: "admin-key",
    role: "viewer",
    handle: async () => {
      text ??= write();
      return { status: 200, headers: { "content-type": "application/json" }, body: text };
    },
  };
}

/** Public, since nothing is in it: the page asks for an admin key and fetches the document with that. */
const pageRoute: RouteEntry = {
  method: "GET",
  path: "/admin/docs",
  dialect: "generate",
  access: "public",
  handle: async () => ({
    status: 200,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy": documentationPage.contentSecurityPolicy,
    },
    body: documentationPage.html,
  }),
};
