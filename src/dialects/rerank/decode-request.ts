import type { RequestSource } from "../../model/dialect.ts";
import type { InferenceRequest } from "../../model/inference-request.ts";
import type { JsonObject } from "../../model/json.ts";
import type { RerankInput } from "../../model/rerank.ts";
import { invalidField } from "../json/invalid-field.ts";
import { parseJsonBody } from "../json/json-body.ts";
import { textMember, withoutMembers } from "../json/members.ts";
import { documentText } from "./blocks/document.ts";

/** The members that the canonical request has words for. */
const TAKEN: ReadonlySet<string> = new Set([
  "model",
  "query",
  "documents",
  "top_n",
  "top_k",
  "return_documents",
  "user",
]);

/**
 * Reads a rerank request: `model`, `query`, `documents` (texts, or objects with a text), `top_n` (Voyage: `top_k`) and
 * `return_documents`. Documents of other kinds are refused only where they must be translated.
 */
export function decodeRequest({ bytes }: Pick<RequestSource, "bytes">): InferenceRequest<"rerank"> {
  const parsed = parseJsonBody(bytes);
  const body = parsed.value;
  const model = textMember(body, "model");
  const modelSpan = parsed.spanOf("model");
  if (model === undefined || modelSpan === undefined) throw invalidField("model", "the name of a model");
  const { documents } = body;
  if (!Array.isArray(documents) || documents.length === 0)
    throw invalidField("documents", "a list of at least one document");
  topOf(body);
  const endUser = textMember(body, "user");
  let input: RerankInput | undefined;
  return {
    operation: "rerank",
    dialect: "rerank",
    model,
    stream: false,
    ...(endUser !== undefined && { endUser }),
    original: { bytes, modelSpan, spanOf: parsed.spanOf },
    bodyBytes: bytes.length,
    content: () => (input ??= decodeInput(body, documents)),
  };
}

function decodeInput(body: JsonObject, documents: readonly unknown[]): RerankInput {
  const { query } = body;
  if (typeof query !== "string") throw invalidField("query", "a string");
  const top = topOf(body);
  const extension = withoutMembers(body, TAKEN);
  return {
    query,
    documents: documents.map((document, index) => {
      const text = documentText(document);
      if (text === undefined)
        throw invalidField(`documents[${index}]`, "a string, or an object with a `text`");
      return text;
    }),
    ...(top !== undefined && { top }),
    returnDocuments: body["return_documents"] === true,
    extensions: Object.keys(extension).length === 0 ? {} : { rerank: extension },
  };
}

function topOf(body: JsonObject): number | undefined {
  for (const name of ["top_n", "top_k"]) {
    const top = body[name] ?? undefined;
    if (top === undefined) continue;
    if (typeof top === "number" && Number.isSafeInteger(top) && top >= 1) return top;
    throw invalidField(name, "a whole number, 1 or more");
  }
  return undefined;
}
