import { judge, parseBody } from "../../admin/judge.ts";
import { mintToken, tokenOrder } from "../../gateway/mint-token.ts";
import type { Parts } from "../../gateway/parts.ts";
import { readBody } from "../guards/body.ts";
import type { RouteEntry } from "../route-table.ts";

const BODY_LIMITS = Object.freeze({ bodyBytes: 64 * 1024, requestBodyMs: 10_000 });

/** Where a backend mints short-lived tokens for its frontend. Reaches no provider. */
export function tokenRoutes(parts: Parts): RouteEntry[] {
  return [
    {
      method: "POST",
      path: "/v1/tokens",
      dialect: "openai-chat",
      isShared: true,
      access: "virtual-key",
      handle: async ({ request, requestId }) => {
        const order = judge(tokenOrder, parseBody(await readBody(request, BODY_LIMITS)));
        return mintToken(request.headers, order, requestId, parts);
      },
    },
  ];
}
