import type { Conversation } from "../../model/conversation.ts";
import type { Dialect } from "../../model/dialect.ts";
import type { DialectId } from "../../model/dialect-id.ts";
import { GatewayError } from "../../model/gateway-error.ts";
import type { Loss } from "../../model/loss.ts";
import type { Target } from "../../model/snapshot.ts";

/**
 * What a conversation would lose on its way to a target, found out without asking it. A conversation that can't be put
 * at all loses its tools: nothing else is refused for.
 */
export function lossesOf(
  conversation: Conversation,
  { endpoints, model, quirks }: Target,
  dialects: ReadonlyMap<DialectId, Dialect>,
): readonly Loss[] {
  for (const { dialect } of endpoints.chat ?? []) {
    const encodeRequest = dialects.get(dialect)?.upstream?.operations.chat?.encodeRequest;
    if (encodeRequest === undefined) continue;
    try {
      const request = {
        operation: "chat",
        dialect: "generate",
        model,
        stream: false,
        bodyBytes: 0,
        content: () => conversation,
      } as const;
      return encodeRequest(request, { model, quirks }).losses;
    } catch (thrown) {
      if (!(thrown instanceof GatewayError)) throw thrown;
      return [{ feature: "tools", done: thrown.message }];
    }
  }
  return [];
}
