import { waitUntil } from "../process/gateway-process.ts";
import { objectsAt } from "../process/json.ts";
import { waitForEndedAttempts } from "../process/ledger-rows.ts";
import type { Pair } from "../process/pair.ts";
import type { Administer } from "./administration.ts";

/** Has the first project record its bodies, then makes a call of it; gives the request's id. */
export async function makeRecordedCall(pair: Pair, administer: Administer): Promise<string> {
  const policy = { recording: { max_bytes: 10_000, keep_days: 7 } };
  await administer("PATCH", "/admin/v1/projects/default", { policy });
  const answer = await pair.post("/v1/chat/completions", {
    model: "replay/priced",
    messages: [{ role: "user", content: "x" }],
  });
  await answer.text();
  await waitForEndedAttempts(pair.gateway, 1);
  const id = answer.headers.get("x-request-id") ?? "";
  await waitForBodies(administer, id);
  return id;
}

/** Waits until so many bodies of a request are kept: they come a moment after its row. */
export function waitForBodies(administer: Administer, id: string, count = 2): Promise<void> {
  return waitUntil(
    async () => {
      const { status, body } = await administer("GET", `/admin/v1/requests/${id}`);
      return status === 200 && objectsAt(body, "bodies").length === count;
    },
    5000,
    "the recorded bodies",
  );
}
