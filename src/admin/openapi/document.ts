import { z } from "zod";
import { ERRORS } from "../../model/error-table.ts";
import { isJsonObject, type JsonObject } from "../../model/json.ts";
import type { AdminResource } from "../resource.ts";
import { errorAnswer, errorsByStatus } from "./errors.ts";
import { SchemaCollection } from "./schemas.ts";

/**
 * The OpenAPI document of the administration API (https://spec.openapis.org/oas/v3.1.1.html), from the very schemas
 * that judge requests.
 */
export function openApiDocument(resources: readonly AdminResource[], version: string): JsonObject {
  const schemas = new SchemaCollection();
  const paths = pathsOf(resources, schemas);
  return {
    openapi: "3.1.0",
    info: {
      title: "Gatehouse administration",
      version,
      description:
        "Projects, virtual keys, policies, budgets, prices, usage, requests and the audit log. Bodies and queries are strict: what is not described is refused.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    security: [{ adminKey: [] }, { adminKeyHeader: [] }],
    tags: [...new Set(resources.map(({ section }) => section))].map((name) => ({ name })),
    paths,
    components: {
      securitySchemes: {
        adminKey: { type: "http", scheme: "bearer", description: "An admin key: gha_..." },
        adminKeyHeader: { type: "apiKey", in: "header", name: "x-api-key", description: "An admin key" },
      },
      schemas: schemas.components(),
    },
  };
}

function pathsOf(resources: readonly AdminResource[], schemas: SchemaCollection): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const resource of resources) {
    const path = resource.path.replaceAll(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [resource.method.toLowerCase()]: operationOf(resource, schemas) };
  }
  return paths;
}

function operationOf(resource: AdminResource, schemas: SchemaCollection): JsonObject {
  const { operation, section, summary, description, role, body } = resource;
  const who = role === "owner" ? "For owners." : role === "operator" ? "For operators and owners." : "";
  const about = [description, who].filter((part) => part !== undefined && part !== "").join(" ");
  return {
    operationId: operation,
    tags: [section],
    summary,
    ...(about === "" ? {} : { description: about }),
    "x-role": role,
    parameters: parametersOf(resource, schemas),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: resource.isBodyOptional !== true,
            content: { "application/json": { schema: schemas.input(body) } },
          },
        }),
    responses: responsesOf(resource, schemas),
  };
}

function parametersOf(resource: AdminResource, schemas: SchemaCollection): JsonObject[] {
  const ifMatch = {
    name: "If-Match",
    in: "header",
    required: false,
    description: "The entity tag that the change is made for; refused where it is not the tag any more",
    schema: { type: "string" },
  };
  return [
    ...membersOf(schemas.input(resource.parameters)).map((member) => ({
      ...member,
      in: "path",
      required: true,
    })),
    ...membersOf(schemas.input(resource.query)).map((member) => ({
      ...member,
      in: "query",
      // A list is one value with commas between its entries.
      ...(member.schema["type"] === "array" ? { style: "form", explode: false } : {}),
    })),
    ...(resource.takesIfMatch === true ? [ifMatch] : []),
  ];
}

function membersOf(schema: JsonObject) {
  const { properties, required } = schema;
  const names = new Set(Array.isArray(required) ? required : []);
  return Object.entries(isJsonObject(properties) ? properties : {}).map(([name, member]) => {
    const { description, ...rest } = isJsonObject(member) ? member : {};
    return {
      name,
      required: names.has(name),
      ...(description === undefined ? {} : { description }),
      schema: rest as JsonObject,
    };
  });
}

function contentOf({ answer, downloadTypes }: AdminResource, schemas: SchemaCollection): JsonObject {
  if (downloadTypes === undefined) return { "application/json": { schema: schemas.output(answer) } };
  return Object.fromEntries(downloadTypes.map((type) => [type, { schema: downloadSchema(type) }]));
}

/** A table's columns depend on what is asked for. */
function downloadSchema(type: string): JsonObject {
  return type === "application/json" ? { type: "array", items: { type: "object" } } : { type: "string" };
}

function responsesOf(resource: AdminResource, schemas: SchemaCollection): JsonObject {
  const hasRevision = resource.answer instanceof z.ZodObject && "revision" in resource.answer.shape;
  const etag = { description: "The revision, for If-Match", schema: { type: "string" } };
  const errors = [...errorsByStatus(resource)].map(([status, codes]) => [
    status,
    {
      description: codes.map((code) => `\`${code}\`: ${ERRORS[code].sentence}`).join(" "),
      content: { "application/json": { schema: schemas.output(errorAnswer) } },
    },
  ]);
  return Object.fromEntries([
    [
      resource.status,
      {
        description: resource.status === 201 ? "Made" : "Done",
        ...(hasRevision ? { headers: { ETag: etag } } : {}),
        content: contentOf(resource, schemas),
      },
    ],
    ...errors,
  ]);
}
