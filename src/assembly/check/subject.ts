import type { Target } from "../../model/snapshot.ts";
import { targetOf } from "../../routing/target.ts";
import type { Settings } from "../configuration/load-settings.ts";
import { processSnapshot } from "../configuration/process-settings.ts";
import { CheckClient } from "./check-client.ts";

/** What is checked: one model of one provider, and the clients that ask it. */
export interface Subject {
  readonly target: Target;
  readonly client: CheckClient;
  /** The same with a key that is none; undefined where there is no key that could be wrong. */
  readonly stranger: CheckClient | undefined;
  readonly contextWindow: number | undefined;
  close(): void;
}

/** What was asked for can't be checked. */
export class UncheckableError extends Error {
  readonly mend: string;

  constructor(message: string, mend: string) {
    super(message);
    this.mend = mend;
  }
}

/** No vendor's keys look like it. */
const WRONG_KEY = "gatehouse-check-wrong-key";

/** Compiles the configuration for a check. Throws `UncheckableError` where there is nothing to ask. */
export function openSubject(settings: Settings, provider: string, model: string | undefined): Subject {
  const snapshot = processSnapshot(settings);
  const upstream = snapshot.upstreams.get(provider);
  if (upstream === undefined) throw notConfigured(settings, provider);
  if (upstream.local !== undefined)
    throw new UncheckableError(`${provider} answers inside this process.`, "There is nothing to check.");
  const listed = snapshot.catalog.filter((known) => known.provider === provider);
  const name = model ?? snapshot.defaultModels.get(provider) ?? listed[0]?.model;
  if (name === undefined)
    throw new UncheckableError(`No model of ${provider} is known.`, "Name one: --model NAME.");
  const hasKey = upstream.credential !== undefined && upstream.signer === undefined;
  const client = new CheckClient(settings, snapshot);
  const stranger = hasKey ? strangerTo(settings, provider) : undefined;
  return {
    target: targetOf(upstream, name),
    client,
    stranger,
    contextWindow: listed.find((known) => known.model === name)?.contextWindow,
    close() {
      client.close();
      stranger?.close();
    },
  };
}

function strangerTo(settings: Settings, provider: string): CheckClient {
  const providers = settings.providers.map((active) =>
    active.id === provider ? { ...active, key: WRONG_KEY } : active,
  );
  const changed = { ...settings, providers };
  return new CheckClient(changed, processSnapshot(changed));
}

function notConfigured({ providers }: Settings, provider: string): UncheckableError {
  const known = providers.map(({ id }) => id).join(", ");
  return new UncheckableError(
    `No provider "${provider}" is configured.`,
    `Write it under \`providers\`, or set its usual variable. Configured: ${known}.`,
  );
}
