import type { Finding } from "../../config/problem.ts";
import { addressFault, foreignReach } from "../../egress/guard/guard.ts";
import { isHost, isLoopback } from "./address.ts";
import { type LooseDraft, looseDraft } from "./loose-draft.ts";
import { providerFindings } from "./provider-rules.ts";
import { referenceFindings } from "./reference-rules.ts";
import type { RuleContext } from "./rule-context.ts";

/** All rules that look at more than one field, or beyond the configuration. They bear any shape of it. */
export function configurationRules(context: RuleContext): (draft: unknown) => Finding[] {
  return (draft) => {
    const loose = looseDraft.parse(draft);
    return [
      ...exposureFindings(loose, context),
      ...providerFindings(loose, context),
      ...referenceFindings(loose, context),
      ...webhookFindings(loose),
    ];
  };
}

/** Whoever can reach the gateway could make a browser call it under any name: the names must be known. */
function exposureFindings({ server }: LooseDraft, context: RuleContext): Finding[] {
  const host = context.host ?? server.host;
  const named = Array.isArray(server.trusted_hosts) && server.trusted_hosts.length > 0;
  if (host === undefined || !isHost(host) || isLoopback(host) || named) return [];
  const source = context.host === undefined ? "`server.host`" : "the environment variable HOST";
  return [
    {
      path: ["server", "trusted_hosts"],
      message: `must name this gateway's hosts: ${source} opens it to other machines`,
      mend: "List the names clients call it by, `trusted_hosts: [gateway.example.com]`, or listen on 127.0.0.1.",
    },
  ];
}

/** Alerts go to whoever listens there: to public addresses, and to what is allowed by name. */
function webhookFindings({ alerts, egress }: LooseDraft): Finding[] {
  const written = URL.parse(alerts.webhook.url ?? "");
  if (written === null || !/^https?:$/.test(written.protocol)) return [];
  const plain = `${written.origin}/`;
  const fault = addressFault(plain, foreignReach(plain, new Set(egress.allow)));
  if (fault === undefined) return [];
  return [
    {
      path: ["alerts", "webhook", "url"],
      message: `may not be called: it ${fault}`,
      mend: `If that is meant, add ${written.origin} to \`egress.allow\`.`,
    },
  ];
}
