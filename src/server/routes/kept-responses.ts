import { askKeeper } from "../../gateway/ask-keeper.ts";
import type { Parts } from "../../gateway/parts.ts";
import type { RouteEntry } from "../route-table.ts";

/** Where responses are made. Groq's SDK puts `/openai` before the path, whatever base URL it is given. */
const BASES = ["/v1/responses", "/openai/v1/responses"];

/** What is asked of a response that a provider keeps (https://platform.openai.com/docs/api-reference/responses/get). */
const QUESTIONS = [
  { method: "GET", rest: "" },
  { method: "DELETE", rest: "" },
  { method: "GET", rest: "/input_items" },
] as const;

/** Reads back, and deletes, what the providers keep. */
export function keptResponseRoutes(parts: Parts): RouteEntry[] {
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
          return askKeeper({ ...question, clientSignal }, caller, parts);
        },
      }),
    ),
  );
}
