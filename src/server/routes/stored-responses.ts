import { askForStoredResponse } from "../../gateway/ask-for-stored-response.ts";
import type { Parts } from "../../gateway/parts.ts";
import type { RouteEntry } from "../route-table.ts";

/** Where responses are made. Groq's SDK puts `/openai` before the path, whatever base URL it is given. */
const BASES = ["/v1/responses", "/openai/v1/responses"];

/** What is asked of a response that a provider stores (https://platform.openai.com/docs/api-reference/responses/get). */
const QUESTIONS = [
  { method: "GET", rest: "" },
  { method: "DELETE", rest: "" },
  { method: "GET", rest: "/input_items" },
] as const;

/** Reads back, and deletes, what the providers store. */
export function storedResponseRoutes(parts: Parts): RouteEntry[] {
  return BASES.flatMap((base) =>
    QUESTIONS.map(
      ({ method, rest }): RouteEntry => ({
        method,
        path: `${base}/:id${rest}`,
        dialect: "openai-responses",
        access: "virtual-key",
        handle: ({ request, requestId, parameters: [id = ""] }, caller) => {
          const query = new URL(request.url).searchParams;
          const clientSignal = () => request.signal;
          const question = { requestId, dialect: "openai-responses", method, id, rest, query } as const;
          return askForStoredResponse({ ...question, clientSignal }, caller, parts);
        },
      }),
    ),
  );
}
